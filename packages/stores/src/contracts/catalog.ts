/** Long: one suite of all that a catalog has to do, which every adapter is put to. */
import type { PendingVersion, PublishedVersion, WithheldVersion, WrittenVersion } from '@granary/domain/dataset';
import type { Catalog, DatasetDescription } from '@granary/domain/ports/catalog';
import { describe, expect, it } from '@jest/globals';

/** What every Catalog does. `make` gives an empty one. */
export const catalogContract = (name: string, make: () => Promise<Catalog>): void => {
  describe(`${name} as a Catalog`, () => {
    it('knows nothing of a dataset that was not described', async () => {
      const catalog = await make();
      expect(await catalog.getDataset('a_b')).toBeUndefined();
      expect(await catalog.listDatasets()).toEqual([]);
      expect(await catalog.advance(published('a_b', 1))).toBe(false);
    });

    it('refreshes a description without touching the pointer', async () => {
      const catalog = await make();
      await catalog.describeDataset(description('a_b'));
      expect(await catalog.getDataset('a_b')).toEqual({ ...description('a_b'), ...NOTHING_YET });
      await catalog.advance(published('a_b', 1));
      await catalog.checked('a_b', '2026-11-21T00:00:00.000Z');
      await catalog.describeDataset({ ...description('a_b'), title: 'New' });
      expect(await catalog.getDataset('a_b')).toMatchObject({
        title: 'New',
        latest: 1,
        rows: 9,
        rows_quarantined: 1,
        bytes: 100,
        updated_at: '2026-11-20T08:00:02.000Z',
        checked_at: '2026-11-21T00:00:00.000Z',
      });
    });

    it('has the declared fields until a version is published, and then those of the latest', async () => {
      const catalog = await make();
      await catalog.describeDataset({ ...description('a_b'), fields: [], key: [] });
      const declared = { fields: [{ name: 'litres', type: 'double' as const, nullable: true }], key: ['litres'] };
      await catalog.describeDataset({ ...description('a_b'), ...declared });
      expect(await catalog.getDataset('a_b')).toMatchObject(declared);
      const { fields, key } = published('a_b', 1);
      expect(fields).not.toEqual(declared.fields);
      await catalog.advance(published('a_b', 1));
      expect(await catalog.getDataset('a_b')).toMatchObject({ fields, key });
      await catalog.describeDataset({ ...description('a_b'), ...declared, title: 'New' });
      expect(await catalog.getDataset('a_b')).toMatchObject({ fields, key, title: 'New' });
    });

    it('gives a dataset to one resource of one source; who had it before there were names keeps it', async () => {
      const catalog = await make();
      const of = (resource: string | undefined, source = 'office') =>
        catalog.describeDataset({ ...description('a_b'), source, ...(resource && { resource }) });
      expect(await of(undefined)).toBe(true);
      expect(await of('office/1', 'other')).toBe(false);
      expect(await of('office/1')).toBe(true);
      expect(await of('office/1')).toBe(true);
      expect(await of('office/2')).toBe(false);
      expect(await of(undefined)).toBe(false);
      await catalog.advance(published('a_b', 1));
      expect(await of('office/2')).toBe(false);
      expect(await of('office/1')).toBe(true);
      expect(await catalog.getDataset('a_b')).toMatchObject({ resource: 'office/1', latest: 1 });
    });

    it('says since when a dataset is gone, until its source holds it again', async () => {
      const catalog = await make();
      await catalog.gone('a_b', '2026-11-21T00:00:00.000Z');
      expect(await catalog.getDataset('a_b')).toBeUndefined();
      await catalog.describeDataset(description('a_b'));
      await catalog.checked('a_b', '2026-11-20T00:00:00.000Z');
      await catalog.gone('a_b', '2026-11-21T00:00:00.000Z');
      await catalog.gone('a_b', '2026-11-22T00:00:00.000Z');
      await catalog.describeDataset(description('a_b'));
      const facts = { checked_at: '2026-11-20T00:00:00.000Z', gone_at: '2026-11-21T00:00:00.000Z' };
      expect(await catalog.getDataset('a_b')).toMatchObject(facts);
      await catalog.checked('a_b', '2026-11-23T00:00:00.000Z');
      expect(await catalog.getDataset('a_b')).toMatchObject({ checked_at: '2026-11-23T00:00:00.000Z', gone_at: null });
    });

    it('says why a file could not be read, until it can', async () => {
      const catalog = await make();
      const refusal = { reason: 'The file is empty.', at: '2026-11-21T00:00:00.000Z' };
      await catalog.refused('a_b', refusal);
      expect(await catalog.getDataset('a_b')).toBeUndefined();
      await catalog.describeDataset(description('a_b'));
      expect(await catalog.getDataset('a_b')).toMatchObject({ refused: null });
      await catalog.refused('a_b', refusal);
      await catalog.describeDataset(description('a_b'));
      expect(await catalog.getDataset('a_b')).toMatchObject({ refused: refusal });
      await catalog.checked('a_b', '2026-11-23T00:00:00.000Z');
      expect(await catalog.getDataset('a_b')).toMatchObject({ refused: null });
    });

    it('keeps which dataset each table of a resource is, by its source and its name', async () => {
      const catalog = await make();
      expect(await catalog.getResource('office', 'x')).toBeUndefined();
      const tables = [{ name: 'A 2020', dataset: 'office_x_a' }];
      await catalog.putResource({ source: 'office', id: 'x', tables });
      await catalog.putResource({ source: 'office', id: 'y', tables: [] });
      const more = [...tables, { name: 'B', dataset: 'office_x', gone_at: '2026-11-20T00:00:00.000Z' }];
      await catalog.putResource({ source: 'office', id: 'x', tables: more });
      expect(await catalog.getResource('office', 'x')).toEqual({ source: 'office', id: 'x', tables: more });
      expect(await catalog.getResource('other', 'x')).toBeUndefined();
    });

    it('lists datasets by id', async () => {
      const catalog = await make();
      for (const id of ['b_x', 'a_y', 'a_x']) await catalog.describeDataset(description(id));
      expect((await catalog.listDatasets()).map(({ id }) => id)).toEqual(['a_x', 'a_y', 'b_x']);
      // What goes and has no version was never anything.
      await catalog.advance(published('a_x', 1));
      for (const id of ['a_x', 'a_y']) await catalog.gone(id, '2026-11-21T00:00:00.000Z');
      expect((await catalog.listDatasets()).map(({ id }) => id)).toEqual(['a_x', 'b_x']);
    });

    it('gives the datasets of a page by their ids, and passes over what is not there', async () => {
      const catalog = await make();
      const ids = Array.from({ length: 120 }, (_, n) => `a_${n}`);
      for (const id of ids) await catalog.describeDataset(description(id));
      const found = await catalog.getDatasets([...ids.slice(10), 'none']);
      expect(found.map(({ id }) => id).sort()).toEqual(ids.slice(10).sort());
      expect(found[0]).toEqual(await catalog.getDataset(found[0]!.id));
      expect(await catalog.getDatasets([])).toEqual([]);
    });

    it('gives what changed since a mark: each write that shows, with the write itself', async () => {
      const catalog = await make();
      for (const id of ['a_x', 'a_y']) await catalog.describeDataset(description(id));
      let { mark, datasets } = await catalog.listChanges();
      expect(datasets.map(({ id }) => id).sort()).toEqual(['a_x', 'a_y']);
      const seen = async () => {
        ({ mark, datasets } = await catalog.listChanges(mark));
        return datasets.find(({ id }) => id === 'a_x');
      };
      await catalog.advance(published('a_x', 1));
      expect(await seen()).toMatchObject({ latest: 1 });
      await catalog.gone('a_x', '2026-11-21T00:00:00.000Z');
      expect(await seen()).toMatchObject({ gone_at: '2026-11-21T00:00:00.000Z' });
      await catalog.checked('a_x', '2026-11-22T00:00:00.000Z');
      expect(await seen()).toMatchObject({ gone_at: null });
      await catalog.refused('a_x', { reason: 'Empty.', at: '2026-11-23T00:00:00.000Z' });
      expect(await seen()).toMatchObject({ refused: { reason: 'Empty.' } });
      await catalog.describeDataset({ ...description('a_x'), title: 'New' });
      expect(await seen()).toMatchObject({ title: 'New' });
      await catalog.gone('a_y', '2026-11-21T00:00:00.000Z');
      await seen();
      // It was never anything, which who knows it has to learn.
      expect(datasets).toContainEqual(expect.objectContaining({ id: 'a_y', latest: null }));
    });

    it('keeps what people say of a dataset, whatever is said of it later, revision by revision', async () => {
      const catalog = await make();
      const edits = { revision: 1, at: '2026-11-21T00:00:00.000Z', by: 'sub', values: { title: 'Ours', tags: ['x'] } };
      expect(await catalog.editDataset('a_b', edits)).toBe(false);
      await catalog.describeDataset(description('a_b'));
      expect(await catalog.editDataset('a_b', { ...edits, revision: 2 })).toBe(false);
      expect(await catalog.editDataset('a_b', edits)).toBe(true);
      expect(await catalog.editDataset('a_b', { ...edits, by: 'other' })).toBe(false);
      await catalog.describeDataset({ ...description('a_b'), title: 'New', tags: ['new'] });
      await catalog.advance(published('a_b', 1));
      const source = { title: 'New', tags: ['new'] };
      const dataset = { title: 'Ours', tags: ['x'], latest: 1, edited: { ...edits, source } };
      expect(await catalog.getDataset('a_b')).toMatchObject(dataset);
      for (const [listed] of [await catalog.listDatasets(), await catalog.getDatasets(['a_b'])])
        expect(listed).toMatchObject(dataset);
      expect((await catalog.listChanges()).datasets).toEqual([expect.objectContaining(dataset)]);
      expect(await catalog.editDataset('a_b', { ...edits, revision: 2, values: {} })).toBe(true);
      expect(await catalog.getDataset('a_b')).toMatchObject(source);
    });

    it('reserves a number once, and lets only the attempt that holds it commit', async () => {
      const catalog = await make();
      expect(await catalog.reserve(pending('a_b', 1, 'one'))).toBe(true);
      expect(await catalog.reserve(pending('a_b', 1, 'two'))).toBe(false);
      expect(await catalog.commit(published('a_b', 1, 'two'))).toBe(false);
      expect(await catalog.takeOver('wrong', pending('a_b', 1, 'two'))).toBe(false);
      expect(await catalog.takeOver('one', pending('a_b', 1, 'two'))).toBe(true);
      expect(await catalog.commit(published('a_b', 1, 'one'))).toBe(false);
      expect(await catalog.commit(published('a_b', 1, 'two'))).toBe(true);
      expect(await catalog.getVersion('a_b', 1)).toEqual(published('a_b', 1, 'two'));
      expect(await catalog.takeOver('two', pending('a_b', 1, 'three'))).toBe(false);
      expect(await catalog.reserve(pending('a_b', 1, 'three'))).toBe(false);
    });

    it('says yes to a write that took effect already, as when its answer was lost on the way', async () => {
      const catalog = await make();
      expect(await catalog.reserve(pending('a_b', 1, 'one'))).toBe(true);
      expect(await catalog.reserve(pending('a_b', 1, 'one'))).toBe(true);
      expect(await catalog.takeOver('one', pending('a_b', 1, 'two'))).toBe(true);
      expect(await catalog.takeOver('one', pending('a_b', 1, 'two'))).toBe(true);
      expect(await catalog.commit(published('a_b', 1, 'two'))).toBe(true);
      expect(await catalog.commit(published('a_b', 1, 'two'))).toBe(true);
      expect(await catalog.reserve(pending('a_b', 1, 'two'))).toBe(false);
    });

    it('W3: gives an attempt that takes over what it holds its new lease', async () => {
      const catalog = await make();
      await catalog.reserve(pending('a_b', 1, 'one'));
      const given = { ...pending('a_b', 1, 'one'), lease_until: '2000-01-01T00:00:00.000Z' };
      expect(await catalog.takeOver('one', given)).toBe(true);
      expect(await catalog.getVersion('a_b', 1)).toEqual(given);
    });

    it('moves the pointer forward only', async () => {
      const catalog = await make();
      await catalog.describeDataset(description('a_b'));
      expect(await catalog.advance(published('a_b', 2))).toBe(true);
      expect(await catalog.advance(published('a_b', 1))).toBe(false);
      expect(await catalog.advance(published('a_b', 2))).toBe(false);
      expect((await catalog.getDataset('a_b'))!.latest).toBe(2);
    });

    it('W3: commits a version as held, which no list of published ones has, and lets it be decided about once', async () => {
      const catalog = await make();
      const held = withheld('a_b', 1);
      expect(await catalog.decide(published('a_b', 1))).toBe(false);
      await catalog.reserve(pending('a_b', 1, 'one'));
      expect(await catalog.decide(published('a_b', 1))).toBe(false);
      expect(await catalog.commit(withheld('a_b', 1, 'two'))).toBe(false);
      expect(await catalog.commit(held)).toBe(true);
      expect(await catalog.commit(held)).toBe(true);
      expect(await catalog.getVersion('a_b', 1)).toEqual(held);
      expect(await catalog.listVersions('a_b', { limit: 9 })).toEqual([]);
      expect(await catalog.takeOver('one', pending('a_b', 1, 'two'))).toBe(false);
      expect(await catalog.decide(published('a_b', 1, 'two'))).toBe(false);
      const released = { ...published('a_b', 1), held: held.held, released: { by: 'sub', at: held.held.at } };
      expect(await catalog.decide(released)).toBe(true);
      expect(await catalog.decide(released)).toBe(true);
      const rejected = { ...held, state: 'rejected' as const };
      expect(await catalog.decide(rejected)).toBe(false);
      expect(await catalog.getVersion('a_b', 1)).toEqual(released);
      expect(await catalog.listVersions('a_b', { limit: 9 })).toEqual([released]);
    });

    it('W3: lists what is held and what was rejected, and what was made of one file; newest first', async () => {
      const catalog = await make();
      const made = [
        withheld('a_b', 1),
        published('a_b', 2),
        { ...withheld('a_b', 3), raw: { ...published('a_b', 3).raw, sha256: 'ef' } },
        withheld('a_b', 4),
        withheld('a_bc', 1),
      ];
      for (const version of made) {
        await catalog.reserve(pending(version.dataset, version.version, 'one'));
        await catalog.commit(version);
      }
      await catalog.decide({
        ...withheld('a_b', 4),
        state: 'rejected',
        rejected: { by: 'sub', at: made[0]!.created_at },
      });
      await catalog.reserve(pending('a_b', 5, 'one'));
      const names = (versions: readonly WrittenVersion[]) =>
        versions.map(({ version, state }) => `${version} ${state}`);
      expect(names(await catalog.listWithheld('a_b'))).toEqual(['4 rejected', '3 held', '1 held']);
      expect(names(await catalog.listMadeOf('a_b', 'ef'))).toEqual(['3 held']);
      expect(names(await catalog.listMadeOf('a_b', 'cd'))).toEqual(['4 rejected', '2 published', '1 held']);
      expect(names(await catalog.listMadeOf('a_b', 'none'))).toEqual([]);
    });

    it('lists the versions that restore an earlier one, newest first, with who did it', async () => {
      const catalog = await make();
      const restoring = (version: number, earlier: number): PublishedVersion => ({
        ...published('a_b', version),
        restores: { version: earlier, by: 'sub', at: '2026-11-20T08:00:02.000Z' },
      });
      const made = [published('a_b', 1), published('a_b', 2), restoring(3, 1), withheld('a_b', 4), restoring(5, 2)];
      for (const version of [...made, published('a_bc', 1)]) {
        await catalog.reserve(pending(version.dataset, version.version, 'one'));
        await catalog.commit(version);
      }
      await catalog.reserve(pending('a_b', 6, 'one'));
      expect(await catalog.listRestoring('a_b')).toEqual([restoring(5, 2), restoring(3, 1)]);
      expect(await catalog.listRestoring('a_bc')).toEqual([]);
    });

    it('lists published versions, newest first, by pages', async () => {
      const catalog = await make();
      for (let version = 1; version <= 12; version++) {
        await catalog.reserve(pending('a_b', version, 'one'));
        if (version < 12) await catalog.commit(published('a_b', version, 'one'));
      }
      await catalog.reserve(pending('a_bc', 1, 'one'));
      const numbers = async (page: { limit: number; before?: number }) =>
        (await catalog.listVersions('a_b', page)).map(({ version }) => version);
      expect(await numbers({ limit: 3 })).toEqual([11, 10, 9]);
      expect(await numbers({ limit: 3, before: 9 })).toEqual([8, 7, 6]);
      expect(await numbers({ limit: 100, before: 3 })).toEqual([2, 1]);
      expect(await numbers({ limit: 100, before: 1 })).toEqual([]);
      expect(await catalog.listVersions('none', { limit: 3 })).toEqual([]);
    });
  });
};

const NOTHING_YET = {
  latest: null,
  rows: null,
  rows_quarantined: null,
  bytes: null,
  updated_at: null,
  checked_at: null,
  gone_at: null,
  refused: null,
};

export const description = (id: string): DatasetDescription => ({
  id,
  title: 'Production',
  description: 'Wine, juice and derivatives',
  publisher: 'An office',
  theme: 'agriculture',
  tags: ['wine'],
  licence: { name: 'CC-BY-4.0', title: 'Creative Commons Attribution 4.0' },
  source: 'office',
  source_url: 'http://example.test/Producao.csv',
  fields: [{ name: 'year', type: 'int32', nullable: false }],
  key: ['year'],
});

export const pending = (dataset: string, version: number, attempt: string): PendingVersion => ({
  dataset,
  version,
  state: 'pending',
  attempt,
  owner: 'run/1',
  lease_until: '2026-11-20T08:01:00.000Z',
  created_at: '2026-11-20T08:00:00.000Z',
});

export const withheld = (dataset: string, version: number, attempt = 'one'): WithheldVersion => {
  const { published_at, ...rest } = published(dataset, version, attempt);
  return { ...rest, state: 'held', held: { at: published_at, reasons: ['It is half a file.'], compared_with: null } };
};

export const published = (dataset: string, version: number, attempt = 'one'): PublishedVersion => {
  const file = { bytes: 100, sha256: 'ab' };
  return {
    dataset,
    version,
    state: 'published',
    attempt,
    owner: 'run/1',
    created_at: '2026-11-20T08:00:00.000Z',
    published_at: '2026-11-20T08:00:02.000Z',
    prefix: `versions/${dataset}/${version}-${attempt}/`,
    raw: {
      key: 'raw/x.gz',
      sha256: 'cd',
      bytes: 7,
      url: 'http://example.test/Producao.csv',
      etag: null,
      last_modified: null,
      fetched_at: '2026-11-20T08:00:01.000Z',
    },
    parser_version: 1,
    counts: { rows_read: 10, rows_published: 9, rows_quarantined: 1, rows_deduplicated: 0 },
    files: { 'data.parquet': file, 'data.csv.gz': file, 'datapackage.json': file, 'quarantine.ndjson.gz': file },
    fields: [{ name: 'year', type: 'int32', nullable: false }],
    key: ['year'],
    dialect: {
      encoding: 'utf-8',
      bom: false,
      mojibake: false,
      delimiter: ';',
      quote: null,
      newline: '\n',
      header_line: 1,
      decimal: ',',
      thousands: null,
    },
    header: ['id', '1970', '1970'],
    notes: [],
    run: 'run',
  };
};
