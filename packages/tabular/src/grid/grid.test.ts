import { describe, expect, it } from '@jest/globals';
import { rowsOfBatch } from '../cells.ts';
import type { Cell, Field, QuarantineEntry } from '../table.ts';
import { type CellSpan, figureText, type Grid, type GridCell } from './grid.ts';
import { gridTables } from './grid-tables.ts';
import { readGrid } from './read-grid.ts';

const gridOf = (lines: readonly (readonly GridCell[])[], spans: readonly CellSpan[] = []): Grid => ({
  rows: lines.map((cells, index) => ({ row: index + 1, cells })),
  spans,
});
const day = (iso: string) => ({ iso, time: false });

/** Reads each table: names, types and rows, `line` with them. */
const read = async (grid: Grid) =>
  Promise.all(
    gridTables(grid).map(async (table) => {
      let fields: readonly Field[] = [];
      const rows: Cell[][] = [];
      const quarantined: QuarantineEntry[] = [];
      const reading = await readGrid(
        table,
        { provenance: { processing_date: '2026-12-01' } },
        {
          begin(found) {
            fields = found;
            rows.length = 0;
          },
          rows: (batch) =>
            void rows.push(
              ...[...rowsOfBatch({ fields, key: [] }, batch)].map((row) => Object.values(row).slice(0, -1)),
            ),
          quarantine: (entry) => void quarantined.push(entry),
        },
      );
      const columns = fields.slice(0, -2).map(({ name, type }) => `${name}: ${type}`);
      return { columns, rows, quarantined, titles: table.titles, notes: table.notes, undecided: reading.undecided };
    }),
  );
const columnsOf = async (grid: Grid) => (await read(grid)).map(({ columns }) => columns);

describe('A table of a grid', () => {
  it('has names, types of what its cells are, and the rows of the grid', async () => {
    const [table, ...others] = await read(
      gridOf([
        ['Rain by station'],
        [],
        ['Station', 'Day', 'Level', 'Wet', 'Code'],
        ['Faro', day('2026-01-02'), 1.234, true, '007'],
        ['Lagos\nbay, east', day('2026-01-03'), 2, false, '011'],
        ['Sines', null, null, null, '012'],
        [],
        ['Source: the port'],
      ]),
    );
    expect(others).toEqual([]);
    expect(table).toMatchObject({
      columns: ['station: string', 'day: date', 'level: double', 'wet: boolean', 'code: string'],
      rows: [
        ['Faro', '2026-01-02', 1.234, true, '007', 4],
        ['Lagos\nbay, east', '2026-01-03', 2, false, '011', 5],
        ['Sines', null, null, null, '012', 6],
      ],
      titles: ['Rain by station'],
      notes: [{ line: 8, text: 'Source: the port' }],
      quarantined: [],
    });
  });

  it('may begin in any column, and stand beside or below another', async () => {
    const grid = gridOf([
      [null, null, 'id', 'name', null, 'year', 'litres'],
      [null, null, 1, 'a', null, 2001, 1.5],
      [null, null, 2, 'b', null, 2002, 2.5],
      [null, null, 3, 'c', null, 2003, 3.5],
      [],
      [null, null, 'code', 'place', 'share'],
      [null, null, 7, 'x', 0.5],
      [null, null, 8, 'y', 0.25],
      [null, null, 9, 'z', 0.125],
    ]);
    expect(await columnsOf(grid)).toEqual([
      ['id: int32', 'name: string'],
      ['year: int32', 'litres: double'],
      ['code: int32', 'place: string', 'share: double'],
    ]);
  });

  it('has names of several rows, those over several columns in each of them', async () => {
    const lines: GridCell[][] = [
      ['Doctors by region'],
      ['Region', 'Public', null, 'Private', null],
      [null, 'F', 'M', 'F', 'M'],
      ['North', 1, 2, 3, 4],
      ['South', 5, 6, 7, 8],
      ['East', 9, 10, 11, 12],
    ];
    const spans = [
      { row: 1, rows: 1, column: 0, columns: 5 },
      { row: 2, rows: 2, column: 0, columns: 1 },
      { row: 2, rows: 1, column: 1, columns: 2 },
      { row: 2, rows: 1, column: 3, columns: 2 },
    ];
    const [table] = await read(gridOf(lines, spans));
    expect(table!.columns).toEqual([
      'region: string',
      'public_f: int32',
      'public_m: int32',
      'private_f: int32',
      'private_m: int32',
    ]);
    expect([table!.rows.length, table!.titles]).toEqual([3, ['Doctors by region']]);
  });

  it('ends with rows whose other cells are missing, and not with notes', async () => {
    const lines: GridCell[][] = [
      ['Town', 'People'],
      ['a', 1],
      ['b', 2],
      ['c'],
      ['d'],
      ['These are first estimates of the office'],
      ['Source: the office'],
    ];
    const [table] = await read(gridOf(lines));
    expect(table!.rows.map(([town]) => town)).toEqual(['a', 'b', 'c', 'd']);
    expect(table!.notes.map(({ line }) => line)).toEqual([6, 7]);
  });

  it('ends where a row is empty, and what is no table is told', async () => {
    const lines: GridCell[][] = [
      ['Office', 'of statistics'],
      [],
      ['n', 'm'],
      [1, 2],
      [3, 4],
      [],
      ['Ship', 'Flag', 'Tons'],
      ['Nau', 'PT', 5],
      ['Barca', 'ES', 6],
    ];
    const tables = await read(gridOf(lines));
    expect(tables.map(({ columns, rows }) => [columns.length, rows.length])).toEqual([
      [2, 2],
      [3, 2],
    ]);
    expect(tables[0]!.notes).toEqual([{ line: 1, text: 'Office; of statistics' }]);
  });

  it('tells of a row that may be the header of another table, where nothing else says so', async () => {
    const lines: GridCell[][] = [
      ['Lugar', 'Valor'],
      ['Bahia', 10],
      ['Rio', 20],
      ['Minas', 30],
      ['Pais', 'Total'],
      ['Brasil', 1],
      ['Peru', 2],
      ['Chile', 4],
    ];
    const [table, ...others] = await read(gridOf(lines));
    expect([others, table!.rows.length]).toEqual([[], 7]);
    expect(table!.notes).toEqual([
      { line: 5, text: 'it may be the header of another table, and was taken for a row of this one' },
    ]);
  });

  it('has no rows of the table right above it in its header, though they look like names and years', async () => {
    const lines: GridCell[][] = [
      ['Name', 'Since', 'Until'],
      ['Ana', 2001, 2005],
      ['Rui', 2002, 2006],
      ['Eva', 2003, 2007],
      ['Ship', 'Tons', 'Crew'],
      ['Nau', 10.5, 3],
      ['Barca', 20.5, 4],
      ['Gale', 30.5, 5],
    ];
    expect((await read(gridOf(lines))).map(({ columns, rows }) => [columns, rows.length])).toEqual([
      [['name: string', 'since: int32', 'until: int32'], 3],
      [['ship: string', 'tons: double', 'crew: int32'], 3],
    ]);
  });

  it('has no row of what only numbers its columns', async () => {
    const lines: GridCell[][] = [
      ['Age', 'Both', 'Male', 'Female'],
      [-1, -2, -3, -4],
      ['Total', 10, 4, 6],
      ['20-24', 5, 2, 3],
    ];
    const [table] = await read(gridOf(lines));
    expect([table!.columns[1], table!.rows.length, table!.notes]).toEqual([
      'both: int32',
      2,
      [{ line: 2, text: 'it numbers the columns' }],
    ]);
    // A row of the table that happens to count is one.
    const counts = gridOf([
      ['a', 'b', 'c'],
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    expect((await read(counts))[0]!.rows).toHaveLength(3);
  });

  it('has in each row what its file says once for several rows', async () => {
    const lines: GridCell[][] = [
      ['Region', 'Town', 'People'],
      ['North', 'a', 1],
      [null, 'b', 2],
      ['South', 'c', 3],
    ];
    const [table] = await read(gridOf(lines, [{ row: 2, rows: 2, column: 0, columns: 1 }]));
    expect(table!.rows.map(([region]) => region)).toEqual(['North', 'North', 'South']);
  });
});

describe('Figures that are text', () => {
  const column = async (...cells: GridCell[]) => {
    const [table] = await read(gridOf([['n', 'x'], ...cells.map((cell): GridCell[] => [cell, 'w'])]));
    return { type: table!.columns[0], values: table!.rows.map(([value]) => value), undecided: table!.undecided };
  };

  it.each<[string, GridCell[], string, Cell[]]>([
    ['with a decimal comma', ['1,5', '2,25', '3'], 'n: double', [1.5, 2.25, 3]],
    ['beside figures that are some', ['1.234,5', 2.5, 7], 'n: double', [1234.5, 2.5, 7]],
    ['and whole ones', ['12', 13, '14'], 'n: int32', [12, 13, 14]],
    ['and words', ['1,5', 'many', 2], 'n: string', ['1,5', 'many', '2']],
    ['and markers of what is missing', ['1,5', 'nd', 2], 'n: double', [1.5, null, 2]],
    ['with percent signs', ['12,5 %', '7%'], 'n: double', [12.5, 7]],
    ['with a currency', ['€ 1.234,50', '€ 3'], 'n: double', [1234.5, 3]],
    ['as dates with the day first', ['1/2/2010', '14/2/2010'], 'n: date', ['2010-02-01', '2010-02-14']],
    ['and codes', ['007', '011', 12], 'n: string', ['007', '011', '12']],
  ])('%s are read where all text of the column can be', async (_, cells, type, values) => {
    expect(await column(...cells)).toMatchObject({ type, values, undecided: [] });
  });

  it('of several units stay text, and it is said', async () => {
    for (const [cells, reason] of [
      [['12 %', 0.5], 'its figures are written with %, and with no mark'],
      [['€ 1', '$ 2'], 'its figures are written with €, and with $'],
      [['1.234 %', '2.345 %'], '"1.234" may mean thousands or decimals'],
    ] as const)
      expect(await column(...cells)).toMatchObject({ type: 'n: string', undecided: [{ column: 'n', reason }] });
  });

  it('of two readings stay text, whatever the figures beside them, and it is said', async () => {
    expect(await column('1.234', 0.5, 2.5)).toEqual({
      type: 'n: string',
      values: ['1.234', '0.5', '2.5'],
      undecided: [{ column: 'n', reason: '"1.234" may mean thousands or decimals' }],
    });
  });
});

it('A figure is written without an exponent, and is the same when it is read', () => {
  for (const value of [1e21, -1.5e300, 1e-7, 1.25e-9, 5e-324, 0.1, 123456789012345680000, -0, 3])
    expect([value, /e/.test(figureText(value)), Number(figureText(value)) === value]).toEqual([value, false, true]);
});

it('A sheet of nothing, or of a few words, holds no table', () => {
  expect(gridTables(gridOf([]))).toEqual([]);
  expect(gridTables(gridOf([[], [null], ['']]))).toEqual([]);
  expect(gridTables(gridOf([['See the next sheet']]))).toEqual([]);
});

it('A sheet of more rows than a function takes arguments is read', async () => {
  const lines = Array.from({ length: 150_000 }, (_, n): GridCell[] => [`w${n % 7}`, n, n / 2]);
  const [table] = await read(gridOf([['name', 'count', 'half'], ...lines]));
  expect(table!.rows).toHaveLength(150_000);
});
