import { createHash } from 'node:crypto';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ResourceStore } from '@granary/domain/ports/resource-store';
import { hostOf, NOTHING_KNOWN, type ResourceRecord } from '@granary/domain/resource-record';
import { type CatalogTable, held, type Item, setting, withoutKeys } from './dynamo-items.ts';

const recordKey = (source: string, id: string) => ({ pk: `RESOURCES#${source}`, sk: id });
/** Addresses may be longer than a key. */
const addressKey = (source: string, url: string) => ({
  pk: `ADDRESS#${source}`,
  sk: createHash('sha256').update(url).digest('hex'),
});

/**
 * Records of resources (`RESOURCES#<source>` / id), and whose an address is (`ADDRESS#<source>` / its SHA-256). `host`
 * stands beside the resource, to be looked for.
 */
export const makeDynamoResourceStore = ({ client, table }: CatalogTable): ResourceStore => {
  const TableName = table;
  const update = (
    source: string,
    id: string,
    values: Item,
    condition?: { text: string; names?: Record<string, string>; values?: Item },
  ): Promise<boolean> => {
    const { ExpressionAttributeNames, ExpressionAttributeValues, UpdateExpression } = setting(values);
    return held(
      client.send(
        new UpdateCommand({
          ...{ TableName, Key: recordKey(source, id), UpdateExpression },
          ...(condition && { ConditionExpression: condition.text }),
          ExpressionAttributeNames: { ...ExpressionAttributeNames, ...condition?.names },
          ExpressionAttributeValues: { ...ExpressionAttributeValues, ...condition?.values },
        }),
      ),
    );
  };
  const getRecord = async (source: string, id: string): Promise<ResourceRecord | undefined> => {
    const Key = recordKey(source, id);
    const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    return Item && toRecord(Item);
  };
  return {
    getRecord,
    async listRecords(source, { state, host, limit, after }) {
      const wanted = Object.entries({ state, host }).filter(([, value]) => value !== undefined);
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          ...{ TableName, Limit: limit, ConsistentRead: true, KeyConditionExpression: 'pk = :pk' },
          ...(wanted.length > 0 && {
            FilterExpression: wanted.map(([name]) => `#${name} = :${name}`).join(' AND '),
            ExpressionAttributeNames: Object.fromEntries(wanted.map(([name]) => [`#${name}`, name])),
          }),
          ExpressionAttributeValues: {
            ':pk': recordKey(source, '').pk,
            ...Object.fromEntries(wanted.map(([name, value]) => [`:${name}`, value])),
          },
          ...(after !== undefined && { ExclusiveStartKey: recordKey(source, after) }),
        }),
      );
      return { records: Items.map(toRecord), next: (LastEvaluatedKey?.sk as string | undefined) ?? null };
    },
    async listed(source, id, { run, part, at, resource, same_as, state, reason }) {
      const values = {
        ...{ source, id, resource, host: hostOf(resource), listed: { run, part, at } },
        ...{ same_as: same_as ?? null, gone: null },
      };
      const condition = {
        text: '(attribute_not_exists(#listed.#run) OR #listed.#run <> :own_run OR #listed.#part = :own_part)',
        names: { '#run': 'run', '#part': 'part' },
        values: { ':own_run': run, ':own_part': part },
      };
      if (state) return update(source, id, { ...values, state, reason: reason ?? null }, condition);
      // What is fetched again is as it was, but for what was gone or left out.
      const known = await getRecord(source, id);
      const isBack = known === undefined || known.state === 'gone' || known.state === 'excluded';
      return update(source, id, { ...values, ...(isBack && { state: 'listed', reason: null }) }, condition);
    },
    async checked(source, resource, { at, ...check }) {
      const id = resource.id ?? resource.dataset;
      await update(source, id, { source, id, resource, host: hostOf(resource), checked_at: at, ...check });
    },
    async goneIn(source, id, run, at) {
      const values = { state: 'gone', reason: null, gone: { run, at } };
      await update(source, id, values, {
        text: 'attribute_exists(pk) AND attribute_not_exists(#gone.#run)',
        names: { '#run': 'run' },
      });
    },
    decide: (source, id, { excluded, contract }) =>
      update(source, id, { excluded, contract }, { text: 'attribute_exists(pk)' }),
    async claimAddress(source, url, id, from) {
      const Key = addressKey(source, url);
      const put = new PutCommand({
        TableName,
        Item: { ...Key, id },
        ...(from === undefined
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'attribute_not_exists(pk) OR #id = :from',
              ExpressionAttributeNames: { '#id': 'id' },
              ExpressionAttributeValues: { ':from': from },
            }),
      });
      if (await held(client.send(put))) return id;
      const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      return (Item?.id as string | undefined) ?? id;
    },
  };
};

const toRecord = (item: Item): ResourceRecord => {
  const { host: _, ...record } = withoutKeys(item);
  return { ...NOTHING_KNOWN, ...(record as Pick<ResourceRecord, 'source' | 'id' | 'resource'>) };
};
