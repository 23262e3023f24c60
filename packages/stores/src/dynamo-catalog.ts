import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  type Dataset,
  type DatasetId,
  isListed,
  type PublishedVersion,
  type Version,
  type WithheldVersion,
  type WrittenVersion,
} from '@granary/domain/dataset';
import type { Catalog, DatasetDescription } from '@granary/domain/ports/catalog';
import type { Clock } from '@granary/domain/ports/collecting';
import type { KnownResource } from '@granary/domain/resource';
import { versionNumber } from '@granary/domain/rules/keys';
import { sameJson } from '@granary/domain/rules/same-json';
import { NO_FACTS, type StoredDataset, withEdits } from './dataset-facts.ts';
import { changeMark, DATASETS, markBefore } from './dynamo-catalog-changes.ts';
import { type CatalogTable, getAll, held, type Item, queryAll, setting, withoutKeys } from './dynamo-items.ts';

const datasetKey = (id: DatasetId) => ({ pk: `DATASET#${id}`, sk: 'META' });
const versionKey = (id: DatasetId, version: number) => ({
  pk: `DATASET#${id}`,
  sk: `VERSION#${versionNumber(version)}`,
});

const resourceKey = (source: string, id: string) => ({ pk: `RESOURCE#${source}`, sk: id });

/**
 * Items as docs/contracts has them: `DATASET#id`/`META` (all under `DATASETS` in GSI1, those first that changed longest
 * ago) and `DATASET#id`/`VERSION#000001`; `RESOURCE#source`/id.
 */
export const makeDynamoCatalog = ({ client, table, now = Date.now }: CatalogTable & { now?: Clock }): Catalog => {
  const TableName = table;
  /** Written with each change of a dataset, by the same write: so no change can be without it. */
  const changed = (id: DatasetId) => ({ gsi1pk: DATASETS, gsi1sk: `${changeMark(now())}#${id}` });

  const getVersion = async (id: DatasetId, version: number): Promise<Version | undefined> => {
    const { Item } = await client.send(
      new GetCommand({ TableName, Key: versionKey(id, version), ConsistentRead: true }),
    );
    return Item && (withoutKeys(Item) as Version);
  };

  /** Newest first, where a filter holds. */
  const queryVersions = async (
    id: DatasetId,
    { last = 999_999, limit = Number.POSITIVE_INFINITY, filter }: { last?: number; limit?: number; filter: Filter },
  ): Promise<Version[]> => {
    const versions: Version[] = [];
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName,
          ConsistentRead: true,
          ScanIndexForward: false,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
          FilterExpression: filter.expression,
          ExpressionAttributeNames: filter.names,
          ExpressionAttributeValues: {
            ':pk': `DATASET#${id}`,
            ':first': versionKey(id, 0).sk,
            ':last': versionKey(id, last).sk,
            ...filter.values,
          },
          ExclusiveStartKey,
        }),
      );
      for (const item of page.Items ?? []) versions.push(withoutKeys(item) as Version);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey && versions.length < limit);
    return versions.slice(0, limit);
  };

  /**
   * A conditional put of a version. When an answer is lost the SDK asks again, and then it is our own first write that
   * the condition meets: so a failed condition only counts when the item is not the one that was to be written.
   */
  const putVersion = async (version: Version, condition: Condition): Promise<boolean> => {
    const Item = { ...versionKey(version.dataset, version.version), ...version };
    if (await held(client.send(new PutCommand({ TableName, Item, ...condition })))) return true;
    const found = await getVersion(version.dataset, version.version);
    return found?.attempt === version.attempt && found.state === version.state;
  };

  return {
    async getDataset(id) {
      const { Item } = await client.send(new GetCommand({ TableName, Key: datasetKey(id), ConsistentRead: true }));
      return Item && toDataset(Item);
    },
    async listDatasets() {
      const items = await queryAll({ client, table }, DATASETS);
      const datasets = items.map(toDataset).filter(isListed);
      return datasets.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async getDatasets(ids) {
      const items = await getAll({ client, table }, ids.map(datasetKey));
      return items.map(toDataset);
    },
    async listChanges(since) {
      const items = await queryAll({ client, table }, DATASETS, since);
      const last = items.at(-1)?.gsi1sk as string | undefined;
      return { datasets: items.map(toDataset), mark: markBefore(last, since, now()) };
    },
    getVersion,
    async listVersions(id, { limit, before }) {
      const last = before === undefined ? undefined : Math.max(0, before - 1);
      return (await queryVersions(id, { last, limit, filter: PUBLISHED })) as PublishedVersion[];
    },
    async listWithheld(id) {
      return (await queryVersions(id, { filter: WITHHELD })) as WithheldVersion[];
    },
    async listMadeOf(id, sha256) {
      return (await queryVersions(id, { filter: madeOf(sha256) })) as WrittenVersion[];
    },
    async listRestoring(id) {
      return (await queryVersions(id, { filter: RESTORING })) as PublishedVersion[];
    },
    async describeDataset(description) {
      const Key = datasetKey(description.id);
      const { fields, key, ...rest } = description;
      const update = (values: Item, condition: string): Promise<boolean> => {
        const { ExpressionAttributeNames: names, ...settings } = setting({
          ...values,
          ...changed(description.id),
        });
        const ExpressionAttributeNames = {
          ...names,
          '#latest': 'latest',
          '#source': 'source',
          '#resource': 'resource',
        };
        const ConditionExpression = `${condition} AND ${isOwn(description)}`;
        return held(
          client.send(
            new UpdateCommand({ TableName, Key, ...settings, ExpressionAttributeNames, ConditionExpression }),
          ),
        );
      };
      // Every run describes what it lists, and mostly as it was: that is no change. A version may be the first to be
      // published between the look and the update.
      for (;;) {
        const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
        if (Item && !isOf(Item, description)) return false;
        if (Item && isDescribed(Item, description)) return true;
        const isWritten =
          Item?.latest === undefined
            ? await update({ ...rest, fields, key }, 'attribute_not_exists(#latest)')
            : await update(rest, 'attribute_exists(#latest)');
        if (isWritten) return true;
      }
    },
    reserve: (version) => putVersion(version, { ConditionExpression: 'attribute_not_exists(pk)' }),
    takeOver: (attempt, version) => putVersion(version, heldBy(attempt)),
    commit: (version) => putVersion(version, heldBy(version.attempt)),
    decide: (version) => putVersion(version, heldBy(version.attempt, 'held')),
    advance(version) {
      const facts = setting({
        latest: version.version,
        rows: version.counts.rows_published,
        rows_quarantined: version.counts.rows_quarantined,
        bytes: version.files['data.parquet'].bytes,
        csv_bytes: version.files['data.csv.gz']?.bytes,
        updated_at: version.published_at,
        years: version.years ?? null,
        fields: version.fields,
        key: version.key,
        ...changed(version.dataset),
      });
      const ConditionExpression = 'attribute_exists(pk) AND (attribute_not_exists(#latest) OR #latest < :latest)';
      const Key = datasetKey(version.dataset);
      return held(client.send(new UpdateCommand({ TableName, Key, ...facts, ConditionExpression })));
    },
    async checked(id, at) {
      const update = (values: Item, remove: string, condition: string) => {
        const { UpdateExpression, ExpressionAttributeNames, ...settings } = setting({ checked_at: at, ...values });
        const command = {
          ...{ TableName, Key: datasetKey(id), ...settings },
          UpdateExpression: UpdateExpression + remove,
          ExpressionAttributeNames: { ...ExpressionAttributeNames, '#gone_at': 'gone_at', '#refused': 'refused' },
          ConditionExpression: `attribute_exists(pk) AND (attribute_not_exists(#checked_at) OR #checked_at < :checked_at) AND ${condition}`,
        };
        return held(client.send(new UpdateCommand(command)));
      };
      // Mostly it was there and could be read before, too: then only the time is new.
      if (await update({}, '', 'attribute_not_exists(#gone_at) AND attribute_not_exists(#refused)')) return;
      await update(
        changed(id),
        ' REMOVE #gone_at, #refused',
        '(attribute_exists(#gone_at) OR attribute_exists(#refused))',
      );
    },
    async gone(id, at) {
      const ConditionExpression = 'attribute_exists(pk) AND attribute_not_exists(#gone_at)';
      const update = {
        TableName,
        Key: datasetKey(id),
        ...setting({ gone_at: at, ...changed(id) }),
        ConditionExpression,
      };
      await held(client.send(new UpdateCommand(update)));
    },
    async refused(id, refusal) {
      const ConditionExpression = 'attribute_exists(pk)';
      const update = {
        TableName,
        Key: datasetKey(id),
        ...setting({ refused: refusal, ...changed(id) }),
        ConditionExpression,
      };
      await held(client.send(new UpdateCommand(update)));
    },
    async editDataset(id, edited) {
      const { ExpressionAttributeNames: names, ...settings } = setting({ edited, ...changed(id) });
      const before = edited.revision - 1;
      const isFirst = before === 0;
      const update = new UpdateCommand({
        ...{ TableName, Key: datasetKey(id), UpdateExpression: settings.UpdateExpression },
        ExpressionAttributeNames: isFirst ? names : { ...names, '#revision': 'revision' },
        ExpressionAttributeValues: { ...settings.ExpressionAttributeValues, ...(!isFirst && { ':before': before }) },
        ConditionExpression: `attribute_exists(pk) AND ${isFirst ? 'attribute_not_exists(#edited)' : '#edited.#revision = :before'}`,
      });
      if (await held(client.send(update))) return true;
      // Its own write, when an answer was lost.
      const { Item } = await client.send(new GetCommand({ TableName, Key: datasetKey(id), ConsistentRead: true }));
      return sameJson(Item?.edited, edited);
    },
    async getResource(source, id) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: resourceKey(source, id), ConsistentRead: true }),
      );
      return Item && (withoutKeys(Item) as KnownResource);
    },
    async putResource(resource) {
      const Item = { ...resourceKey(resource.source, resource.id), ...resource };
      await client.send(new PutCommand({ TableName, Item }));
    },
  };
};

/** Whether the item says already what a description does. */
const isDescribed = (item: Item, { fields, key, ...rest }: DatasetDescription): boolean =>
  item.gsi1pk === DATASETS &&
  Object.entries(item.latest === undefined ? { ...rest, fields, key } : rest).every(
    ([name, value]) => value === undefined || sameJson(item[name], value),
  );

/** Whether it is, or becomes, made of the resource that is described. */
const isOwn = ({ resource }: DatasetDescription): string =>
  `(attribute_not_exists(#source) OR (#source = :source AND (attribute_not_exists(#resource)${resource === undefined ? '' : ' OR #resource = :resource'})))`;
const isOf = (item: Item, { source, resource }: DatasetDescription): boolean =>
  item.source === undefined || (item.source === source && (item.resource === undefined || item.resource === resource));

type Filter = { expression: string; names: Record<string, string>; values?: Item };

const PUBLISHED: Filter = {
  expression: '#state = :published',
  names: { '#state': 'state' },
  values: { ':published': 'published' },
};
const WITHHELD: Filter = {
  expression: '#state IN (:held, :rejected)',
  names: { '#state': 'state' },
  values: { ':held': 'held', ':rejected': 'rejected' },
};
const RESTORING: Filter = { expression: 'attribute_exists(#restores)', names: { '#restores': 'restores' } };
/** One that is pending names no file yet. */
const madeOf = (sha256: string): Filter => ({
  expression: '#raw.#sha256 = :sha256',
  names: { '#raw': 'raw', '#sha256': 'sha256' },
  values: { ':sha256': sha256 },
});

type Condition = {
  ConditionExpression: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Item;
};

const heldBy = (attempt: string, state: 'pending' | 'held' = 'pending'): Condition => ({
  ConditionExpression: '#state = :state AND #attempt = :attempt',
  ExpressionAttributeNames: { '#state': 'state', '#attempt': 'attempt' },
  ExpressionAttributeValues: { ':state': state, ':attempt': attempt },
});

/** What was never set is null for readers, and absent in the table: `latest < :n` holds for no null. */
const toDataset = (item: Item): Dataset => withEdits({ ...NO_FACTS, ...(withoutKeys(item) as StoredDataset) });
