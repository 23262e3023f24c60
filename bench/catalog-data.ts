import { BatchWriteCommand, type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { PublishedVersion } from '@granary/domain/dataset';
import { makeDynamoCatalog } from '@granary/stores/dynamo-catalog';

export const DATASETS_AT = Date.parse('2026-11-20T00:00:00Z');

/** A word has its number in letters: words that begin alike are about one in twenty. */
const wordOf = (n: number): string => {
  let word = '';
  for (let rest = n + 30; rest > 0; rest = Math.floor(rest / 20)) word += 'reamtiocdflnpsubghvw'[rest % 20];
  return word;
};
/** Few are frequent and most are rare, as in a language. */
const someWords = (seed: number, count: number): string =>
  Array.from({ length: count }, (_, at) =>
    wordOf(Math.floor(((seed * 7919 + at * 104_729) % 9973) ** 2 / 9973 / 2)),
  ).join(' ');

/** A dataset with ten columns and fifty words about it. */
const describe = (n: number) => {
  const fields = Array.from({ length: 10 }, (_, at) => ({
    ...{ name: `column_${wordOf((n * 13 + at * 17) % 800)}`, type: 'double' as const, nullable: true },
    title: someWords(n + at, 2),
  }));
  return {
    ...{ id: `bench_dataset_${n}`, title: `${n % 2 ? 'Annual ' : ''}${someWords(n, 6)}` },
    ...{ description: someWords(n * 3, 40), publisher: `Office ${n % 40}`, theme: `theme-${n % 12}` },
    tags: [0, 1, 2, 3, 4].map((at) => wordOf((n * 31 + at * at * 77) % 1500)),
    licence: { name: ['CC0-1.0', 'CC-BY-4.0', 'ODbL-1.0'][n % 3]!, title: 'A licence' },
    ...{ source: `source_${n % 5}`, source_url: `http://office.test/${n}.csv`, key: [] },
    format: ['csv', 'xlsx', 'json'][n % 3]!,
    fields: n % 97 === 0 ? [...fields, { ...fields[0]!, name: 'kestrel' }] : fields,
  };
};

/**
 * A table of that many published datasets: one is published by the catalog, all others are written like it, since the
 * local DynamoDB takes 50 ms for each publication.
 */
export const fillCatalog = async (client: DynamoDBDocumentClient, table: string, count: number): Promise<void> => {
  const catalog = makeDynamoCatalog({ client, table, now: () => DATASETS_AT });
  const { id, fields } = describe(0);
  await catalog.describeDataset(describe(0));
  const counts = { rows_published: 1, rows_quarantined: 0 };
  const files = { 'data.parquet': { bytes: 1, sha256: '' } };
  const version = { dataset: id, version: 1, published_at: new Date(DATASETS_AT).toISOString() };
  await catalog.advance({ ...version, counts, files, fields, key: [] } as unknown as PublishedVersion);
  const Key = { pk: `DATASET#${id}`, sk: 'META' };
  const { Item: first } = await client.send(new GetCommand({ TableName: table, Key }));
  for (let from = 1; from < count; from += 25) {
    const requests = Array.from({ length: Math.min(25, count - from) }, (_, at) => {
      const dataset = describe(from + at);
      const changed = new Date(DATASETS_AT - (from + at) * 60_000).toISOString();
      const keys = { pk: `DATASET#${dataset.id}`, gsi1sk: `${first!.gsi1sk.slice(0, 1)}${changed}#${dataset.id}` };
      return { PutRequest: { Item: { ...first, ...dataset, ...keys, rows: from + at, updated_at: changed } } };
    });
    await client.send(new BatchWriteCommand({ RequestItems: { [table]: requests } }));
  }
};
