import type { PublishedVersion } from '@granary/domain/dataset';
import type { Catalog } from '@granary/domain/ports/catalog';

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

/** Publishes that many datasets, each with ten columns and fifty words about it. `tick` is called for each. */
export const describeMany = async (catalog: Catalog, count: number, tick: () => void): Promise<void> => {
  const publish = async (n: number): Promise<void> => {
    tick();
    const id = `bench_dataset_${n}`;
    const fields = Array.from({ length: 10 }, (_, at) => ({
      ...{ name: `column_${wordOf((n * 13 + at * 17) % 800)}`, type: 'double' as const, nullable: true },
      title: someWords(n + at, 2),
    }));
    await catalog.describeDataset({
      ...{ id, title: `${n % 2 ? 'Annual ' : ''}${someWords(n, 6)}`, description: someWords(n * 3, 40) },
      ...{ publisher: `Office ${n % 40}`, theme: `theme-${n % 12}`, source: `source_${n % 5}` },
      tags: [0, 1, 2, 3, 4].map((at) => wordOf((n * 31 + at * at * 77) % 1500)),
      licence: { name: ['CC0-1.0', 'CC-BY-4.0', 'ODbL-1.0'][n % 3]!, title: 'A licence' },
      source_url: `http://office.test/${n}.csv`,
      ...{
        format: ['csv', 'xlsx', 'json'][n % 3]!,
        fields: n % 97 === 0 ? [...fields, { ...fields[0]!, name: 'kestrel' }] : fields,
      },
      key: [],
    });
    const version = { dataset: id, version: 1, published_at: new Date(DATASETS_AT - n * 3_600_000).toISOString() };
    const counts = { rows_published: n, rows_quarantined: 0 };
    const files = { 'data.parquet': { bytes: n, sha256: '' } };
    await catalog.advance({ ...version, counts, files, fields, key: [] } as unknown as PublishedVersion);
  };
  const ids = Array.from({ length: count }, (_, n) => n);
  const work = async () => {
    for (let n = ids.pop(); n !== undefined; n = ids.pop()) await publish(n);
  };
  await Promise.all(Array.from({ length: 16 }, work));
};
