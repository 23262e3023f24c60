import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cellAt } from '../cells.ts';
import type { Cell, ColumnType, Field, Schema } from '../table.ts';
import { applyDiff } from '../testing/apply-diff.ts';
import { publishedTable } from '../testing/published-table.ts';
import type { DiffTable } from './diff-table.ts';
import { type Change, diffTables } from './diff-tables.ts';
import { IGNORED } from './plan-diff.ts';

const field = (name: string, type: ColumnType, nullable = false): Field => ({ name, type, nullable });

const diffOf = async (from: DiffTable, to: DiffTable) => {
  const diff = diffTables(from, to);
  const changes: Change[] = [];
  for await (const change of diff.changes) changes.push(change);
  return { ...diff, changes };
};

const rowsOf = async (table: DiffTable): Promise<Cell[][]> => {
  const rows: Cell[][] = [];
  for await (const { rows: count, columns } of table.batches())
    for (let row = 0; row < count; row++) rows.push(columns.map((column) => cellAt(column, row)));
  return rows;
};

/** Rows without what a diff ignores, as texts in an order of their own. */
const told = (fields: readonly Field[], rows: readonly (readonly Cell[])[]): string[] =>
  rows
    .map((row) =>
      fields
        .flatMap(({ name }, i) =>
          IGNORED.includes(name) ? [] : [`${typeof row[i]} ${JSON.stringify(String(row[i]))}`],
        )
        .join(),
    )
    .sort();

const PRODUCTION: Schema = {
  fields: [
    field('section', 'string', true),
    field('product', 'string'),
    field('year', 'int32'),
    field('quantity', 'double', true),
    field('note', 'string', true),
    field('line', 'int32'),
    field('processing_date', 'date'),
  ],
  key: ['section', 'line', 'year'],
};

/** Rows of a file: section, product, then a figure a year from 1970. */
const rowsOfFile = (
  lines: readonly (readonly [string | null, string, ...(number | null)[]])[],
  date: string,
): Cell[][] =>
  lines.flatMap(([section, product, ...figures], index) =>
    figures.map((figure, nth): Cell[] => [
      section,
      product,
      1970 + nth,
      figure,
      figure === null ? 'nd' : null,
      index + 2,
      date,
    ]),
  );

describe('the diff of two versions', () => {
  it('shows an inserted line as added, and none of the lines that it moved', async () => {
    const before = await publishedTable(
      PRODUCTION,
      rowsOfFile(
        [
          ['WINE', 'Red', 1, 2],
          ['WINE', 'White', 3, 4],
          ['JUICE', 'Grape', 5, 6],
        ],
        '2024-01-01',
      ),
    );
    const after = await publishedTable(
      PRODUCTION,
      rowsOfFile(
        [
          ['WINE', 'Pink', 7, 8],
          ['WINE', 'Red', 1, 2],
          ['WINE', 'White', 3, null],
          ['JUICE', 'Grape', 5, 6],
        ],
        '2025-01-01',
      ),
    );
    const { plan, counts, changes } = await diffOf(before, after);
    expect(plan.matched_by).toEqual(['section', 'year', 'product']);
    expect(plan.ignored).toEqual(['line', 'processing_date']);
    expect(plan.blocks).toEqual(['section']);
    expect(counts).toEqual({ added: 2, removed: 0, changed: 1, unchanged: 5 });
    expect(changes).toEqual([
      {
        op: 'add',
        key: { section: 'WINE', year: 1970, product: 'Pink' },
        row: {
          section: 'WINE',
          product: 'Pink',
          year: 1970,
          quantity: 7,
          note: null,
          line: 2,
          processing_date: '2025-01-01',
        },
        at: { to: 'section:WINE,line:2,year:1970' },
      },
      expect.objectContaining({ op: 'add', key: { section: 'WINE', year: 1971, product: 'Pink' } }),
      {
        op: 'change',
        key: { section: 'WINE', year: 1971, product: 'White' },
        cells: { quantity: [4, null], note: [null, 'nd'] },
        at: { from: 'section:WINE,line:3,year:1971', to: 'section:WINE,line:4,year:1971' },
      },
    ]);
  });

  it('pairs lines that are named alike by their order, and by what they hold when one more came', async () => {
    const three = rowsOfFile(
      [
        [null, 'Other', 1],
        [null, 'Other', 2],
      ],
      '2024-01-01',
    );
    const same = await diffOf(
      await publishedTable(PRODUCTION, three),
      await publishedTable(
        PRODUCTION,
        rowsOfFile(
          [
            [null, 'Other', 2],
            [null, 'Other', 3],
          ],
          '2024-01-01',
        ),
      ),
    );
    expect(same.counts).toEqual({ added: 0, removed: 0, changed: 2, unchanged: 0 });
    const more = await diffOf(
      await publishedTable(PRODUCTION, three),
      await publishedTable(
        PRODUCTION,
        rowsOfFile(
          [
            [null, 'Other', 9],
            [null, 'Other', 1],
            [null, 'Other', 2],
          ],
          '2024-01-01',
        ),
      ),
    );
    expect(more.counts).toEqual({ added: 1, removed: 0, changed: 0, unchanged: 2 });
  });

  it('compares by value when a column is wider than it was, and takes a missing column for null', async () => {
    const before = await publishedTable(
      { fields: [field('id', 'int32'), field('size', 'int32'), field('old', 'string', true)], key: ['id'] },
      [
        [1, 5, null],
        [2, 6, 'x'],
      ],
    );
    const after = await publishedTable(
      { fields: [field('id', 'int32'), field('size', 'double'), field('extra', 'boolean', true)], key: ['id'] },
      [
        [1, 5, null],
        [2, 6.5, true],
      ],
    );
    const { plan, counts, changes } = await diffOf(before, after);
    expect(plan.fields).toEqual({
      added: ['extra'],
      removed: ['old'],
      retyped: [{ name: 'size', from: 'int32', to: 'double' }],
    });
    expect(plan.blocks).toEqual(['id']);
    expect(counts).toEqual({ added: 0, removed: 0, changed: 1, unchanged: 1 });
    expect(changes).toMatchObject([{ op: 'change', cells: { size: [6, 6.5], extra: [null, true], old: ['x', null] } }]);
  });

  it('counts rows of a table without a key as come and gone, however often each is there', async () => {
    const schema: Schema = { fields: [field('name', 'string', true)], key: [] };
    const { counts, changes } = await diffOf(
      await publishedTable(schema, [['a'], ['a'], ['b'], [null]]),
      await publishedTable(schema, [[null], ['a'], ['c'], ['b'], ['c']]),
    );
    expect(counts).toEqual({ added: 2, removed: 1, changed: 0, unchanged: 3 });
    expect(changes.map((change) => change.at)).toEqual([{ from: '2' }, { to: '3' }, { to: '5' }]);
  });

  it('pairs up any number of rows that are all alike', async () => {
    const schema = { fields: [field('a', 'string')], key: [] };
    // To take each from the front of the others takes minutes.
    const [from, to] = [300_000, 300_001].map((rows) => publishedTable(schema, new Array(rows).fill(['x'])));
    expect((await diffOf(await from!, await to!)).counts).toEqual({
      added: 1,
      removed: 0,
      changed: 0,
      unchanged: 300_000,
    });
  });

  it('needs one block of rows in memory when both tables are sorted by the key', async () => {
    const schema: Schema = { fields: [field('id', 'int32'), field('value', 'int32')], key: ['id'] };
    const rows = (shift: number) =>
      Array.from({ length: 3000 }, (_, id): Cell[] => [id, id % 7 === 0 ? id + shift : id]);
    const live = { most: 0 };
    const watched = (table: DiffTable): DiffTable => ({
      ...table,
      async *batches() {
        for await (const batch of table.batches()) {
          live.most = Math.max(live.most, batch.rows);
          yield batch;
        }
      },
    });
    const { counts } = await diffOf(
      watched(await publishedTable(schema, rows(0), 100)),
      watched(await publishedTable(schema, rows(1), 130)),
    );
    expect(counts).toEqual({ added: 0, removed: 0, changed: 429, unchanged: 2571 });
    expect(live.most).toBeLessThanOrEqual(130);
  });
});

/** A column, the type that it has in the newer table, and cells that either can hold. */
const RETYPED: readonly (readonly [ColumnType, ColumnType])[] = [
  ['int32', 'int32'],
  ['int32', 'int64'],
  ['int32', 'double'],
  ['int64', 'string'],
  ['double', 'string'],
  ['date', 'timestamp'],
  ['timestamp', 'string'],
  ['boolean', 'string'],
  ['string', 'string'],
  ['string', 'int32'],
];

const CELLS: Record<ColumnType, fc.Arbitrary<Cell>> = {
  boolean: fc.boolean(),
  int32: fc.constantFrom<Cell>(0, 1, -1, 2 ** 31 - 1),
  int64: fc.constantFrom<Cell>(0n, 1n, 2n ** 53n + 1n, -(2n ** 63n)),
  double: fc.constantFrom<Cell>(0, 1, -1, 0.5, 1e21, 2 ** 53),
  date: fc.constantFrom<Cell>('1969-12-31', '2024-02-29', '1970-01-01'),
  timestamp: fc.constantFrom<Cell>('1970-01-01T00:00:00.000Z', '2024-02-29T00:00:00.000Z', '2024-02-29T12:00:00.001Z'),
  string: fc.constantFrom<Cell>('', '0', '1', '05', 'null', 'true', 'a,b', 'a"b', ' a', '🍇', '\ufb00', '2024-02-29'),
};

const pairsOfTables = fc
  .record({
    columns: fc.array(
      fc.record({
        types: fc.constantFrom(...RETYPED),
        nullable: fc.boolean(),
        where: fc.constantFrom('both', 'both', 'both', 'from', 'to'),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    keys: fc.integer({ min: 0, max: 3 }),
    place: fc.constantFrom('none', 'column', 'key'),
    groups: fc.integer({ min: 1, max: 6 }),
  })
  .chain(({ columns, keys, place, groups }) => {
    const side = (which: 'from' | 'to') => {
      const mine = columns.flatMap(({ types, nullable, where }, i) =>
        where === 'both' || where === which ? [field(`c${i}`, types[which === 'from' ? 0 : 1], nullable)] : [],
      );
      const fields = [...mine, ...(place === 'none' ? [] : [field('line', 'int32')]), field('processing_date', 'date')];
      const key = [...mine.slice(0, keys).map(({ name }) => name), ...(place === 'key' ? ['line'] : [])];
      const row = fc.tuple(
        ...fields.map(({ name, type, nullable }) => {
          if (name === 'line') return fc.constant<Cell>(0);
          if (name === 'processing_date') return fc.constant<Cell>(which === 'from' ? '2024-01-01' : '2025-01-01');
          return nullable ? fc.option(CELLS[type], { freq: 3 }) : CELLS[type];
        }),
      );
      const rows = fc.array(row, { maxLength: 12 }).map((made) => {
        const line = fields.findIndex(({ name }) => name === 'line');
        return made.map((cells, i) => cells.map((cell, column) => (column === line ? i + 1 : cell)));
      });
      return rows.map((list) => ({ schema: { fields, key } as Schema, rows: list, groups }));
    };
    return fc.tuple(side('from'), side('to'));
  });

describe('applied to the older version', () => {
  it('the diff gives the newer one, whatever came, went, was widened, is null or is there twice', async () => {
    await fc.assert(
      fc.asyncProperty(pairsOfTables, async ([a, b]) => {
        const from = await publishedTable(a.schema, a.rows, a.groups);
        const to = await publishedTable(b.schema, b.rows, b.groups + 1);
        const [old, now] = [await rowsOf(from), await rowsOf(to)];
        const { counts, changes, plan } = await diffOf(from, to);
        const made = applyDiff({ ...from, rows: old }, to, changes);
        expect(told(to.fields, made)).toEqual(told(to.fields, now));
        expect(counts.removed + counts.changed + counts.unchanged).toBe(old.length);
        expect(counts.added + counts.changed + counts.unchanged).toBe(now.length);
        expect(changes).toHaveLength(counts.added + counts.removed + counts.changed);
        const back = await diffOf(to, from);
        expect(told(from.fields, applyDiff({ ...to, rows: now }, from, back.changes))).toEqual(told(from.fields, old));
        expect(plan.fields.added).toEqual(back.plan.fields.removed);
      }),
      { numRuns: 300 },
    );
  });

  it('is empty between a version and itself', async () => {
    await fc.assert(
      fc.asyncProperty(pairsOfTables, async ([{ schema, rows, groups }]) => {
        const [a, b] = [await publishedTable(schema, rows, groups), await publishedTable(schema, rows)];
        const { counts, changes } = await diffOf(a, b);
        expect(changes).toEqual([]);
        expect(counts.unchanged).toBe((await rowsOf(a)).length);
      }),
      { numRuns: 100 },
    );
  });

  it('the diff keeps the order of the key', async () => {
    const schema: Schema = { fields: [field('id', 'string', true), field('value', 'int32')], key: ['id'] };
    const rows = fc.uniqueArray(fc.tuple(fc.option(CELLS.string), CELLS.int32), {
      selector: ([id]) => id,
      maxLength: 10,
    });
    await fc.assert(
      fc.asyncProperty(rows, rows, async (a, b) => {
        const [from, to] = [await publishedTable(schema, a), await publishedTable(schema, b)];
        const { changes } = await diffOf(from, to);
        const made = applyDiff({ ...from, rows: await rowsOf(from) }, to, changes);
        expect(await rowsOf(await publishedTable(schema, made))).toEqual(await rowsOf(to));
        const keys = changes.filter(({ op }) => op !== 'remove').map(({ key }) => key.id);
        const order = (await rowsOf(to)).map(([id]) => id);
        expect(keys).toEqual(order.filter((id) => keys.includes(id)));
      }),
      { numRuns: 100 },
    );
  });
});
