import type { SqlCatalog, SqlTimes } from '@granary/domain/ports/sql-catalog';
import type { HistoryTable, LatestTable, SqlType } from '@granary/domain/sql-table';
import { describe, expect, it } from '@jest/globals';

const TYPES: readonly SqlType[] = ['boolean', 'int', 'bigint', 'double', 'date', 'timestamp', 'string'];

/** What every SqlCatalog does. `make` gives an empty one of the bucket `bucket`, whose clock is `now`. */
export const sqlCatalogContract = (name: string, make: (now: () => number) => Promise<SqlCatalog & SqlTimes>): void => {
  describe(`${name} as a SqlCatalog`, () => {
    it('knows nothing of a table that was not put', async () => {
      const tables = await make(Date.now);
      expect(await tables.getLatest('a_b')).toBeUndefined();
      expect(await tables.getHistory('a_b')).toBeUndefined();
      expect(await tables.changedAt('a_b')).toBeUndefined();
    });

    it('gives tables back as they were put, columns of every type in their order', async () => {
      const tables = await make(Date.now);
      const columns = TYPES.map((type) => ({ name: `of_${type}`, type }));
      await tables.putTable(latest({ columns }));
      await tables.putTable(history({ columns: columns.toReversed() }));
      expect(await tables.getLatest('a_b')).toEqual(latest({ columns }));
      expect(await tables.getHistory('a_b')).toEqual(history({ columns: columns.toReversed() }));
    });

    it('replaces a table whole, whatever it was, and the same one by itself', async () => {
      const tables = await make(Date.now);
      await tables.putTable(latest());
      await tables.putTable(history());
      const next = latest({ version: 10, attempt: 'next', columns: [{ name: 'version', type: 'string' }] });
      const longer = history({ to: 10, attempt: 'next', number_column: 'version_number', columns: next.columns });
      for (let times = 0; times < 2; times++) {
        await tables.putTable(next);
        await tables.putTable(longer);
        expect(await tables.getLatest('a_b')).toEqual(next);
        expect(await tables.getHistory('a_b')).toEqual(longer);
      }
      await tables.putTable(latest());
      expect(await tables.getLatest('a_b')).toEqual(latest());
    });

    it('has tables of datasets with like names apart', async () => {
      const tables = await make(Date.now);
      const ids = ['a', 'a_b', 'a_b_version', 'a_b_c'];
      for (const dataset of ids) {
        await tables.putTable(latest({ dataset, attempt: `latest-${dataset}` }));
        await tables.putTable(history({ dataset, attempt: `history-${dataset}` }));
      }
      for (const dataset of ids) {
        expect(await tables.getLatest(dataset)).toMatchObject({ dataset, attempt: `latest-${dataset}` });
        expect(await tables.getHistory(dataset)).toMatchObject({ dataset, attempt: `history-${dataset}` });
      }
    });

    it('takes the tables of many workers at once, each whole', async () => {
      const tables = await make(Date.now);
      const many = Array.from({ length: 12 }, (_, index) =>
        latest({ version: index + 1, attempt: `attempt-${index + 1}` }),
      );
      await Promise.all(many.map((table) => tables.putTable(table)));
      expect(many).toContainEqual(await tables.getLatest('a_b'));
    });

    it('says when a table last became another, by its name', async () => {
      let now = Date.parse('2026-11-20T08:00:00.000Z');
      const tables = await make(() => now);
      await tables.putTable(latest());
      const first = now;
      now += 60_000;
      await tables.putTable(history());
      expect([await tables.changedAt('a_b'), await tables.changedAt('a_b_versions')]).toEqual([first, now]);
      await tables.putTable(latest({ version: 2 }));
      expect(await tables.changedAt('a_b')).toBe(now);
    });

    it('has the addresses of objects of its bucket', async () => {
      const { uriOf } = await make(Date.now);
      expect(uriOf('tables/a_b/1/symlink.txt')).toBe('s3://bucket/tables/a_b/1/symlink.txt');
    });
  });
};

const latest = (others: Partial<LatestTable> = {}): LatestTable => ({
  kind: 'latest',
  dataset: 'a_b',
  columns: [{ name: 'year', type: 'int' }],
  version: 1,
  attempt: 'first',
  ...others,
});

const history = (others: Partial<HistoryTable> = {}): HistoryTable => ({
  kind: 'history',
  dataset: 'a_b',
  columns: [{ name: 'year', type: 'int' }],
  from: 1,
  to: 1,
  attempt: 'first',
  number_column: 'version',
  ...others,
});
