import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { SourceStore } from '@granary/domain/ports/source-store';
import { sameJson } from '@granary/domain/rules/same-json';
import type { Source } from '@granary/domain/source';
import type { SourceRevision } from '@granary/domain/source-revision';
import { type CatalogTable, held, type Item, queryAll, withoutKeys } from './dynamo-items.ts';

const LISTED = 'CONFIGURATIONS';
const currentKey = (id: string) => ({ pk: `CONFIGURATION#${id}`, sk: 'META' });
/** Six digits sort as numbers. */
const revisionKey = (id: string, revision: number) => ({
  pk: `CONFIGURATION#${id}`,
  sk: `REVISION#${String(revision).padStart(6, '0')}`,
});

/**
 * `CONFIGURATION#id`/`REVISION#000001`, one for each edit, and `CONFIGURATION#id`/`META`, the current one (all under
 * `CONFIGURATIONS` in GSI1). A partition of its own, apart from `SOURCE#id` of the runs: rights are told apart by
 * partition keys, and who starts runs may edit no configuration. A configuration is one text, so that it comes back as
 * it was put, and its size is known.
 */
export const makeDynamoSourceStore = ({ client, table }: CatalogTable): SourceStore => {
  const TableName = table;

  const read = async (Key: Item): Promise<SourceRevision | undefined> => {
    const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    return Item && toRevision(Item);
  };

  const keep = (revision: SourceRevision): Promise<boolean> => {
    const Item = { ...revisionKey(revision.source, revision.revision), ...toItem(revision) };
    return held(client.send(new PutCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' })));
  };

  const makeCurrent = (revision: SourceRevision): Promise<boolean> => {
    const { source, revision: number } = revision;
    const index = { gsi1pk: LISTED, gsi1sk: source };
    const condition =
      number === 1
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: '#revision = :previous',
            ExpressionAttributeNames: { '#revision': 'revision' },
            ExpressionAttributeValues: { ':previous': number - 1 },
          };
    const Item = { ...currentKey(source), ...index, ...toItem(revision) };
    return held(client.send(new PutCommand({ TableName, Item, ...condition })));
  };

  return {
    getSource: (id) => read(currentKey(id)),
    async listSources() {
      return (await queryAll({ client, table }, LISTED)).map(toRevision);
    },
    getRevision: (id, revision) => read(revisionKey(id, revision)),
    async listRevisions(id, { limit, before = 1_000_000 }) {
      const revisions: SourceRevision[] = [];
      let ExclusiveStartKey: Item | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName,
            ConsistentRead: true,
            ScanIndexForward: false,
            Limit: limit - revisions.length,
            KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
            ExpressionAttributeValues: {
              ':pk': currentKey(id).pk,
              ':first': revisionKey(id, 0).sk,
              ':last': revisionKey(id, Math.max(0, before - 1)).sk,
            },
            ExclusiveStartKey,
          }),
        );
        for (const item of page.Items ?? []) revisions.push(toRevision(item));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey && revisions.length < limit);
      return revisions;
    },
    /**
     * Two writes: the revision first, then that it is current. Whoever dies between them leaves an edit that the next
     * one completes before it is told that it came too late.
     */
    async editSource(revision) {
      const { source, revision: number } = revision;
      const current = await read(currentKey(source));
      if ((current?.revision ?? 0) >= number) return sameJson(await read(revisionKey(source, number)), revision);
      if ((current?.revision ?? 0) !== number - 1) return false;
      const isKept = await keep(revision);
      const there = isKept ? revision : await read(revisionKey(source, number));
      if (there) await makeCurrent(there);
      return isKept || sameJson(there, revision);
    },
  };
};

const toItem = ({ configuration, ...rest }: SourceRevision): Item => ({
  ...rest,
  ...(configuration && { configuration: JSON.stringify(configuration) }),
});

const toRevision = (item: Item): SourceRevision => {
  const { configuration, ...rest } = withoutKeys(item);
  const written = configuration === undefined ? null : (JSON.parse(configuration as string) as Source);
  return { ...rest, configuration: written } as SourceRevision;
};
