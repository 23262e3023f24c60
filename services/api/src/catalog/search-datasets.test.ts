import type { Dataset, PublishedVersion } from '@granary/domain/dataset';
import type { Catalog, DatasetDescription } from '@granary/domain/ports/catalog';
import { makeDynamoCatalog } from '@granary/stores/dynamo-catalog';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { startEmulators } from '@granary/stores/testing/emulators';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DatasetQuery, searchDatasets } from './search-datasets.ts';

const NOW = Date.parse('2026-11-30T00:00:00Z');
const description = (id: string, more: Partial<DatasetDescription> = {}): DatasetDescription => ({
  ...{ id, title: id, description: '', publisher: 'Office', theme: 'agriculture', tags: [] },
  ...{ licence: { name: 'CC0-1.0', title: 'CC0' }, source: 'office', source_url: 'http://office.test/a.csv' },
  ...{ fields: [], key: [], ...more },
});
/** As much of a version as its dataset is told. */
const version = (dataset: string, published_at: string, more: Partial<PublishedVersion> = {}) =>
  ({
    ...{ dataset, version: 1, published_at, fields: [], key: [] },
    counts: { rows_published: 5, rows_quarantined: 0 },
    files: { 'data.parquet': { bytes: 1, sha256: '' } },
    ...more,
  }) as unknown as PublishedVersion;

const asking = (catalog: Catalog) => {
  const search = searchDatasets({ catalog, now: () => NOW });
  const page = (query: Partial<DatasetQuery> = {}) => search({ limit: 100, ...query });
  const ids = async (query: Partial<DatasetQuery> = {}) => (await page(query)).items.map(({ id }) => id);
  return { page, ids };
};

describe('A search of the catalog', () => {
  const catalog = makeMemoryCatalog();
  const { page, ids } = asking(catalog);
  beforeAll(async () => {
    const field = (name: string, title?: string) => ({
      name,
      type: 'int32' as const,
      nullable: true,
      ...(title && { title }),
    });
    const all = [
      description('a_in_description', { description: 'Where the harvest of grapes is told.' }),
      description('b_in_column', { fields: [field('harvest', 'Harvest (t)')] }),
      description('c_in_tags', { tags: ['harvest', 'wine'], licence: { name: 'CC-BY-4.0', title: 'BY' } }),
      description('d_in_title', { title: 'Harvest', theme: 'environment', publisher: 'Instituto da Água' }),
      description('e_prefix', { title: 'Harvesters', source: 'other', format: 'xlsx' }),
      description('f_arabic', { title: 'الإنتاج النباتي', tags: ['فلاحة'] }),
      description('g_accents', { title: 'Produção' }),
      description('h_accents', { title: 'Producao' }),
    ];
    for (const one of all) await catalog.describeDataset(one);
    await catalog.advance(
      version('g_accents', '2026-11-29T12:00:00.000Z', { years: { first: 1970, last: 1999 } } as never),
    );
    await catalog.advance(version('h_accents', '2026-09-01T00:00:00.000Z'));
    await catalog.gone('h_accents', '2026-11-01T00:00:00.000Z');
    await catalog.refused('d_in_title', { reason: 'Empty.', at: '2026-11-01T00:00:00.000Z' });
  });

  it('finds words in titles, tags, columns and descriptions, the best match first', async () => {
    expect(await ids({ q: 'HARVEST' })).toEqual([
      'd_in_title',
      'e_prefix',
      'c_in_tags',
      'b_in_column',
      'a_in_description',
    ]);
    expect(await ids({ q: 'harvest grapes' })).toEqual(['a_in_description']);
    expect(await ids({ q: 'harvest nothing' })).toEqual([]);
    expect(await ids({ q: 'arvest' })).toEqual([]);
    expect(await ids({ q: '-- !' })).toEqual([]);
  });

  it('takes no notice of case and accents, in Arabic neither', async () => {
    expect(await ids({ q: 'produçÃo' })).toEqual(['g_accents', 'h_accents']);
    expect(await ids({ q: 'água' })).toEqual(['d_in_title']);
    for (const q of ['إنتاج', 'الانتاج', 'اِنتاج', 'فلاحه', 'الفلاحة'])
      expect({ q, ids: await ids({ q }) }).toEqual({ q, ids: ['f_arabic'] });
  });

  it('counts what each value of a facet would find, its own filter left out', async () => {
    const { facets, total, items } = await page({ q: 'harvest', theme: 'agriculture' });
    expect([total, items.length]).toEqual([4, 4]);
    expect(facets.theme).toEqual([
      { value: 'agriculture', count: 4 },
      { value: 'environment', count: 1 },
    ]);
    expect(facets.licence).toEqual([
      { value: 'CC0-1.0', count: 3 },
      { value: 'CC-BY-4.0', count: 1 },
    ]);
    expect(facets.tag).toEqual([
      { value: 'harvest', count: 1 },
      { value: 'wine', count: 1 },
    ]);
    const all = (await page()).facets;
    expect(all.state).toEqual([
      { value: 'unpublished', count: 5 },
      ...[
        { value: 'gone', count: 1 },
        { value: 'published', count: 1 },
        { value: 'refused', count: 1 },
      ],
    ]);
    expect(all.freshness).toEqual([
      { value: 'day', count: 1 },
      { value: 'year', count: 1 },
      { value: 'never', count: 6 },
    ]);
    // Each count is what a question for its value finds.
    for (const [facet, values] of Object.entries(all))
      for (const { value, count } of values)
        expect({ facet, value, total: (await page({ [facet]: value })).total }).toEqual({ facet, value, total: count });
    expect(await ids({ theme: 'none', tag: 'none' })).toEqual([]);
  });

  it('finds what is about a year', async () => {
    expect(await ids({ covers: '1999' })).toEqual(['g_accents']);
    expect(await ids({ covers: '1950-1970' })).toEqual(['g_accents']);
    expect(await ids({ covers: '2000-2010' })).toEqual([]);
  });

  it('sorts, what has no value last, and goes on page by page', async () => {
    expect((await ids({ sort: '-updated_at' })).slice(0, 2)).toEqual(['g_accents', 'h_accents']);
    expect((await ids({ sort: 'updated_at' })).slice(0, 2)).toEqual(['h_accents', 'g_accents']);
    for (const sort of ['relevance', 'id', '-id', 'title', '-updated_at', 'rows'] as const) {
      const found: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const { items, next } = await page({ sort, q: 'e', limit: 3, ...(cursor && { cursor }) });
        found.push(...items.map(({ id }) => id));
        if (next === null) break;
        cursor = next;
      }
      expect({ sort, found }).toEqual({ sort, found: await ids({ sort, q: 'e' }) });
      expect(new Set(found).size).toBe(found.length);
    }
    const { next } = await page({ limit: 1 });
    await expect(page({ limit: 1, sort: 'title', cursor: next! })).rejects.toThrow('cursor');
  });
});

describe('A catalog', () => {
  it('of the longest titles, in any script, is sorted by them on every page', async () => {
    const catalog = makeMemoryCatalog();
    const { page } = asking(catalog);
    const titles = ['ا', 'ب', 'ج'].map((letter) => letter.repeat(300));
    for (const [n, title] of titles.entries())
      await catalog.describeDataset(description(`${String(n).repeat(127)}a`, { title }));
    let cursor: string | null = null;
    for (const title of titles) {
      const found: Awaited<ReturnType<typeof page>> = await page({
        sort: 'title',
        limit: 1,
        ...(cursor && { cursor }),
      });
      expect(found.items.map((one) => one.title)).toEqual([title]);
      cursor = found.next;
      // As many as the endpoint takes.
      expect(cursor?.length ?? 0).toBeLessThanOrEqual(1000);
    }
    expect(cursor).toBeNull();
  });

  it('is read anew after an hour: an index that lagged may have kept a change back', async () => {
    const catalog = makeMemoryCatalog();
    let now = NOW;
    let kept = 0;
    const lagging: Catalog = {
      ...catalog,
      listChanges: async (since) => (since === undefined ? catalog.listChanges() : { datasets: [], mark: `${kept++}` }),
    };
    const search = searchDatasets({ catalog: lagging, now: () => now });
    const total = async () => (await search({ limit: 10 })).total;
    await catalog.describeDataset(description('a_b'));
    expect(await total()).toBe(1);
    await catalog.describeDataset(description('a_c'));
    expect(await total()).toBe(1);
    now += 3_600_001;
    expect(await total()).toBe(2);
  });
});

describe('A catalog of many datasets in DynamoDB', () => {
  let emulators: Awaited<ReturnType<typeof startEmulators>>;
  beforeAll(async () => {
    emulators = await startEmulators();
  });
  afterAll(() => emulators.stop());

  it('is read once; after that a question reads what changed and its own page, and sees every write', async () => {
    let at = NOW;
    const place = { client: emulators.documents, table: await emulators.createCatalogTable('many') };
    const catalog = makeDynamoCatalog({ ...place, now: () => at });
    for (let n = 0; n < 120; n++) {
      at += 1000;
      await catalog.describeDataset(description(`a_${n}`, { title: `Dataset ${n}` }));
    }
    const read: Dataset[] = [];
    const { page, ids } = asking({
      ...catalog,
      async listChanges(since) {
        const changes = await catalog.listChanges(since);
        read.push(...changes.datasets);
        return changes;
      },
    });
    const readBy = async (question: () => Promise<unknown>) => {
      read.length = 0;
      await question();
      return read.length;
    };
    expect(await readBy(() => page({ limit: 10 }))).toBe(120);
    at += 60_000;
    // The newest ones: those of the ten seconds before the last change.
    expect(await readBy(() => page({ limit: 10, q: 'dataset' }))).toBe(11);
    // Another worker, on a machine whose clock is behind.
    const other = makeDynamoCatalog({ ...place, now: () => at - 2_000 });
    await catalog.describeDataset(description('a_7', { title: 'Seven' }));
    await other.describeDataset(description('a_8', { title: 'Eight' }));
    expect(await ids({ q: 'seven' })).toEqual(['a_7']);
    expect(await ids({ q: 'eight' })).toEqual(['a_8']);
    expect((await page({ q: 'dataset' })).total).toBe(118);
    expect(await readBy(() => page({ limit: 1000 }))).toBeLessThan(5);
    await catalog.gone('a_7', '2026-12-01T00:00:00.000Z');
    expect((await page()).total).toBe(119);
  });
});
