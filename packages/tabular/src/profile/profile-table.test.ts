import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openTable } from '../query/open-table.ts';
import { memorySink } from '../sink.ts';
import type { Cell, Field } from '../table.ts';
import { createTableWriter } from '../table-writer.ts';
import { batchesOf, type RandomTable, randomTables } from '../testing/arbitrary-table.ts';
import { compareTexts } from '../text-order.ts';
import { profileJson } from './profile-json.ts';
import { profileStored } from './profile-stored.ts';
import { createTableProfiler, type ProfileOptions } from './profile-table.ts';

const profileOf = (table: RandomTable, batchRows = 7, options?: ProfileOptions) => {
  const profiler = createTableProfiler(table.schema.fields, options);
  for (const batch of batchesOf(table, batchRows)) profiler.add(batch);
  return profiler.profile();
};
const columnOf = (field: Partial<Field> & Pick<Field, 'type'>, cells: readonly Cell[], options?: ProfileOptions) =>
  profileOf(
    { schema: { fields: [{ name: 'c', nullable: true, ...field }], key: [] }, rows: cells.map((cell) => [cell]) },
    10_000,
    options,
  ).columns[0]!;

const order = (a: NonNullable<Cell>, b: NonNullable<Cell>): number =>
  typeof a === 'string' ? compareTexts(a, b as string) : a < b ? -1 : a > b ? 1 : 0;

/** The same by sorting everything. */
const expectedOf = ({ schema, rows }: RandomTable) =>
  schema.fields.map(({ name, type }, index) => {
    const values = rows.map((row) => row[index]!).filter((cell) => cell !== null);
    const sorted = [...values].sort(order);
    const counts = new Map<Cell, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const common = [...counts].sort(([a, m], [b, n]) => n - m || order(a!, b!)).slice(0, 20);
    const cut = (cell: Cell | undefined) =>
      typeof cell === 'string' && cell.length > 256 ? `${cell.slice(0, 256)}…` : (cell ?? null);
    return {
      ...{ name, type, nulls: rows.length - values.length, distinct: counts.size, distinct_is: 'exact' },
      ...{ min: cut(sorted[0]), max: cut(sorted.at(-1)) },
      most_frequent: common.map(([value, count]) => ({ value: cut(value), count })),
      most_frequent_is: 'exact',
    };
  });

describe('The profile of a table', () => {
  it('says of each column what looking at all its rows says, in batches of any size, written and read again', async () => {
    await fc.assert(
      fc.asyncProperty(randomTables, fc.integer({ min: 1, max: 50 }), async (table, batchRows) => {
        const profile = profileOf(table, batchRows);
        expect(profile).toMatchObject({ rows: table.rows.length, columns: expectedOf(table) });
        const parquet = memorySink();
        const writer = createTableWriter({ schema: table.schema, parquet, sort: false, rowGroupRows: batchRows });
        for (const batch of batchesOf(table, batchRows)) writer.write(batch);
        await writer.end();
        const bytes = parquet.bytes();
        const read = async (start: number, end: number) => bytes.slice(start, end);
        const stored = await profileStored(await openTable({ byteLength: bytes.length, read }));
        expect(profileJson(stored)).toBe(profileJson(profile));
      }),
      { numRuns: 200 },
    );
  });

  it('has exact means, also of large and of cancelling figures', () => {
    expect(columnOf({ type: 'double' }, [1e16, 1, -1e16, 2]).mean).toBe(0.75);
    expect(columnOf({ type: 'int64' }, [2n ** 62n, 2n ** 62n, 4n]).mean).toBe(Number((2n ** 63n + 4n) / 3n));
    expect(columnOf({ type: 'int32' }, [1, 2, null]).mean).toBe(1.5);
    expect(columnOf({ type: 'int32' }, [null]).mean).toBeNull();
    expect(columnOf({ type: 'date' }, ['2020-01-01']).mean).toBeNull();
  });

  it('takes both zeros for one value', () => {
    expect(columnOf({ type: 'double' }, [0, -0]).distinct).toBe(1);
  });

  it('estimates distinct values beyond 50,000 within 3 %, and says so', () => {
    const cells = Array.from({ length: 150_000 }, (_, i) => i);
    const figures: Record<string, readonly Cell[]> = {
      int32: cells,
      double: cells.map((i) => i / 7),
      string: cells.map((i) => `station ${i}`),
      int64: cells.map((i) => BigInt(i) * 4_294_967_296n),
      timestamp: cells.map((i) => new Date(i * 1000).toISOString()),
    };
    for (const [type, values] of Object.entries(figures)) {
      const { distinct, ...column } = columnOf({ type: type as Field['type'] }, values);
      expect(column).toMatchObject({ distinct_is: 'estimated', most_frequent: [], most_frequent_is: 'not_counted' });
      expect(Math.abs(distinct / 150_000 - 1)).toBeLessThan(0.03);
    }
  }, 30_000);

  it('finds the commonest values among very many, and says by how much their counts may be too low', () => {
    // A tenth of the rows are of five values, spread between others that come three times each.
    const rare = Array.from({ length: 90_000 }, (_, i) => `rare ${i}`);
    const cells = [0, 1, 2].flatMap((round) =>
      rare.flatMap((value, i) => (i % 9 === 0 ? [value, `common ${(i / 9 + round) % 5}`] : [value])),
    );
    const { most_frequent, most_frequent_is, missed } = columnOf({ type: 'string' }, cells);
    expect(most_frequent_is).toBe('estimated');
    for (const name of ['common 0', 'common 1', 'common 2', 'common 3', 'common 4']) {
      const count = most_frequent.find(({ value }) => value === name)!.count;
      expect(count).toBeLessThanOrEqual(6000);
      expect(count).toBeGreaterThanOrEqual(6000 - missed!);
    }
    expect(missed).toBeLessThan(100);
    expect(most_frequent.slice(0, 5).every(({ value }) => String(value).startsWith('common'))).toBe(true);
  }, 30_000);

  it('shows a long text by its beginning, and says so', () => {
    const { min, cut } = columnOf({ type: 'string' }, ['é'.repeat(300)]);
    expect([min, cut]).toEqual([`${'é'.repeat(256)}…`, true]);
    expect(columnOf({ type: 'string' }, ['é'.repeat(256)])).not.toHaveProperty('cut');
    // 200 characters of two units each.
    expect(columnOf({ type: 'string' }, ['🍇'.repeat(200)])).not.toHaveProperty('cut');
  });

  it('says nothing of single values of a column about persons, by its name or its e-mail addresses', () => {
    const withheld = { min: null, max: null, mean: null, most_frequent: [], most_frequent_is: 'withheld' };
    const isPersonal = (name: string) => name === 'phone';
    expect(columnOf({ type: 'string', name: 'phone' }, ['555', '556'], { isPersonal })).toMatchObject({
      ...withheld,
      distinct: 2,
    });
    expect(columnOf({ type: 'string' }, ['ana@example.org', 'rui@example.org'])).toMatchObject({
      ...withheld,
      format: 'email',
    });
  });

  it('takes little room for a table of 5,000 columns', () => {
    const fields = Array.from({ length: 5000 }, (_, i): Field => ({ name: `c${i}`, type: 'string', nullable: false }));
    const rows = Array.from({ length: 300 }, (_, row) => fields.map((_field, i) => `${row} ${i}`));
    const text = profileJson(profileOf({ schema: { fields, key: [] }, rows }, 100));
    expect(JSON.parse(text).columns[4999]).toMatchObject({ nulls: 0, most_frequent_is: 'not_counted' });
    expect(text.length).toBeLessThan(3_000_000);
  }, 60_000);
});
