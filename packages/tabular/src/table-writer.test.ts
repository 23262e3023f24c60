import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { byteSource, readTable, rowsOf } from './read-table.ts';
import { memorySink } from './sink.ts';
import type { Cell, QuarantineEntry, Schema } from './table.ts';
import { createTableBuilder } from './table-builder.ts';
import { createTableWriter, type TableWriterOptions } from './table-writer.ts';
import { batchesOf, type RandomTable, randomTables, typedCell } from './testing/arbitrary-table.ts';

const write = async (table: RandomTable, options: Partial<TableWriterOptions> = {}, batchRows = 7) => {
  const parquet = memorySink();
  const csvGz = memorySink();
  const quarantine: QuarantineEntry[] = [];
  const onQuarantine = (entry: QuarantineEntry) => quarantine.push(entry);
  const writer = createTableWriter({
    schema: table.schema,
    parquet,
    csvGz,
    rowGroupRows: 10,
    sort: false,
    onQuarantine,
    ...options,
  });
  for (const batch of batchesOf(table, batchRows)) writer.write(batch);
  return { counts: await writer.end(), parquet: parquet.bytes(), csv: gunzipSync(csvGz.bytes()), quarantine };
};

const rowsOfCsv = (csv: Buffer, schema: Schema): Cell[][] => {
  const cells = parse(csv, {
    cast: (text, { quoting }) => ({ text, quoting }) as never,
    record_delimiter: '\r\n',
  }) as unknown as { text: string; quoting: boolean }[][];
  return cells
    .slice(1)
    .map((row) => row.map(({ text, quoting }, index) => typedCell(text, quoting, schema.fields[index].type)));
};

const rowsOfParquet = async (parquet: Uint8Array): Promise<Cell[][]> => {
  const table = await readTable(byteSource(parquet));
  return Array.from({ length: table.rows }, (_, row) => table.columns.map((column) => column[row]));
};

describe('createTableWriter', () => {
  it('writes equal rows to Parquet and CSV, and reads back what came in', async () => {
    await fc.assert(
      fc.asyncProperty(randomTables, fc.constantFrom(1, 7, 10, 100), async (table, batchRows) => {
        const { counts, parquet, csv } = await write(table, {}, batchRows);
        expect(counts).toEqual({ rows: table.rows.length, deduplicated: 0, quarantined: 0 });
        expect(await rowsOfParquet(parquet)).toEqual(table.rows);
        // A lone column that is null makes an empty line, which CSV cannot tell from no row.
        if (table.schema.fields.length > 1) expect(rowsOfCsv(csv, table.schema)).toEqual(table.rows);
      }),
      { numRuns: 200 },
    );
  });

  it('is read the same by DuckDB, bounds included', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'granary-tabular-'));
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const sqlTypes = {
      boolean: 'BOOLEAN',
      int32: 'INTEGER',
      int64: 'BIGINT',
      double: 'DOUBLE',
      date: 'DATE',
      timestamp: 'TIMESTAMPTZ',
      string: 'VARCHAR',
    };
    try {
      await connection.run("set timezone = 'UTC'");
      const tables = fc
        .sample(randomTables, { numRuns: 40, seed: 7 })
        .filter((table) => table.rows.length > 0 && table.schema.fields.length > 1);
      for (const [index, table] of tables.entries()) {
        const { parquet, csv } = await write(table);
        const [parquetFile, csvFile] = [join(folder, `${index}.parquet`), join(folder, `${index}.csv`)];
        writeFileSync(parquetFile, parquet);
        writeFileSync(csvFile, csv);
        const types = table.schema.fields.map(({ name, type }) => `${name}: '${sqlTypes[type]}'`).join(', ');
        const fromCsv = `read_csv('${csvFile}', header = true, columns = {${types}}, allow_quoted_nulls = false, delim = ',', quote = '"', escape = '"', new_line = '\\r\\n', max_line_size = 1000000)`;
        const one = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()[0][0];
        expect(await one(`select count(*) from '${parquetFile}'`)).toBe(BigInt(table.rows.length));
        expect(await one(`select count(*) from (from '${parquetFile}' except all from ${fromCsv})`)).toBe(0n);
        expect(await one(`select count(*) from (from ${fromCsv} except all from '${parquetFile}')`)).toBe(0n);
        for (const { name } of table.schema.fields) {
          const wrong = `select count(*) from '${parquetFile}' a where ${name} is not null and not exists (from '${parquetFile}' b where b.${name} = a.${name})`;
          expect(await one(wrong)).toBe(0n);
        }
      }
    } finally {
      connection.closeSync();
      rmSync(folder, { recursive: true });
    }
  });

  it('prunes rightly: a filter on any value finds its rows by the bounds of the row groups', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'granary-tabular-'));
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    try {
      const schema: Schema = {
        fields: [
          { name: 'product', type: 'string', nullable: false },
          { name: 'year', type: 'int32', nullable: false },
        ],
        key: ['product', 'year'],
      };
      const rows = ['Tinto', 'Árabe', 'suco', 'Água', '🍇'].flatMap((product) =>
        [1999, 1970, 2021].map((year): Cell[] => [product, year]),
      );
      const file = join(folder, 'x.parquet');
      writeFileSync(file, (await write({ schema, rows }, { sort: true, rowGroupRows: 2 })).parquet);
      for (const [product, year] of rows) {
        const found = await connection.runAndReadAll(
          `select count(*) from '${file}' where product = '${product}' and year = ${year}`,
        );
        expect(found.getRows()).toEqual([[1n]]);
      }
    } finally {
      connection.closeSync();
      rmSync(folder, { recursive: true });
    }
  });
});

const schema: Schema = {
  fields: [
    { name: 'product', type: 'string', nullable: true },
    { name: 'year', type: 'int32', nullable: false },
    { name: 'quantity', type: 'double', nullable: true },
    { name: 'line', type: 'int32', nullable: false },
    { name: 'processing_date', type: 'date', nullable: false },
  ],
  key: ['product', 'year'],
};
const day = '2026-01-01';

describe('createTableWriter with sort', () => {
  it('sorts by key: nulls first, numbers by size, strings by code point', async () => {
    const rows: Cell[][] = [
      ['b', 1970, 1, 1, day],
      ['a', 1971, 2, 2, day],
      ['a', 1970, 3, 3, day],
      [null, 1980, 4, 4, day],
      ['B', 1970, 5, 5, day],
    ];
    const { parquet } = await write({ schema, rows }, { sort: true });
    expect((await rowsOfParquet(parquet)).map((row) => row[3])).toEqual([4, 5, 3, 2, 1]);
  });

  it('counts equal rows as deduplicated and quarantines others of the same key, naming both lines', async () => {
    const rows: Cell[][] = [
      ['Tinto', 1970, 1.5, 3, day],
      ['Tinto', 1970, 1.5, 8, '2026-01-02'],
      ['Tinto', 1970, 2.5, 9, day],
      ['Tinto', 1970, null, 10, day],
      ['Branco', 1970, 1.5, 11, day],
    ];
    const { counts, parquet, quarantine } = await write({ schema, rows }, { sort: true });
    expect(counts).toEqual({ rows: 2, deduplicated: 1, quarantined: 2 });
    expect((await rowsOfParquet(parquet)).map((row) => row[3])).toEqual([11, 3]);
    expect(quarantine[0]).toEqual({
      line: 9,
      column: 'quantity',
      positions: [],
      raw: '"Tinto",1970,2.5,9,"2026-01-01"',
      reason:
        'the key product "Tinto", year 1970 came before with other data: quantity is 2.5 in line 9, and 1.5 in line 3',
      rows: 1,
    });
  });

  it('quarantines a null where the field may not be null', async () => {
    const rows: Cell[][] = [
      ['Tinto', null, 1, 2, day],
      ['Tinto', 1970, 1, 3, day],
    ];
    for (const sort of [true, false]) {
      const { counts, quarantine } = await write({ schema, rows }, { sort });
      expect(counts).toEqual({ rows: 1, deduplicated: 0, quarantined: 1 });
      expect(quarantine[0]).toMatchObject({ line: 2, column: 'year', reason: 'year has no value, and must have one' });
    }
  });

  it('keeps the order and every row of the source when there is no key', async () => {
    const rows: Cell[][] = Array.from({ length: 25 }, (_, i) => ['x', 2000, 1, 25 - i, day]);
    const { counts, parquet } = await write({ schema: { ...schema, key: [] }, rows }, { sort: true });
    expect(counts.rows).toBe(25);
    expect((await rowsOfParquet(parquet)).map((row) => row[3])).toEqual(rows.map((row) => row[3]));
  });

  it('balances for any rows: published, deduplicated and quarantined are all there are', async () => {
    const small = fc.tuple(
      fc.constantFrom('a', 'b', null),
      fc.option(fc.integer({ min: 1, max: 3 })),
      fc.constantFrom(1, 2, null),
      fc.integer({ min: 1, max: 9 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(small, { maxLength: 40 }), async (list) => {
        const rows = list.map(([product, year, quantity, line]): Cell[] => [product, year, quantity, line, day]);
        const { counts, parquet, quarantine } = await write({ schema, rows }, { sort: true });
        expect(counts.rows + counts.deduplicated + counts.quarantined).toBe(rows.length);
        expect(quarantine.length).toBe(counts.quarantined);
        const keys = (await rowsOfParquet(parquet)).map((row) => JSON.stringify(row.slice(0, 2)));
        expect(new Set(keys).size).toBe(keys.length);
        expect(new Set(keys)).toEqual(
          new Set(rows.filter((row) => row[1] !== null).map((row) => JSON.stringify(row.slice(0, 2)))),
        );
      }),
    );
  });

  it('gives the same bytes for the same table', async () => {
    const rows: Cell[][] = Array.from({ length: 100 }, (_, i) => [`p${i % 7}`, i, i / 3, i, day]);
    const [one, two] = await Promise.all(
      [7, 100].map((batchRows) => write({ schema, rows }, { sort: true }, batchRows)),
    );
    expect(Buffer.compare(one.parquet, two.parquet)).toBe(0);
  });
});

describe('readTable', () => {
  const table: RandomTable = { schema, rows: [['Tinto', 1970, null, 2, day]] };

  it('reads some columns only, in the order asked for', async () => {
    const read = await readTable(byteSource((await write(table)).parquet), { columns: ['year', 'product'] });
    expect([...rowsOf(read)]).toEqual([{ year: 1970, product: 'Tinto' }]);
    expect(read.fields.map((field) => field.type)).toEqual(['int32', 'string']);
    await expect(readTable(byteSource((await write(table)).parquet), { columns: ['jahr'] })).rejects.toThrow(
      /no column "jahr"; there are product/,
    );
  });

  it('reads a table without rows, and the metadata', async () => {
    const read = await readTable(
      byteSource((await write({ schema, rows: [] }, { metadata: { origin: 'test' } })).parquet),
    );
    expect(read).toMatchObject({ rows: 0, columns: [[], [], [], [], []], metadata: { origin: 'test' } });
  });
});

describe('createTableBuilder', () => {
  it('refuses a cell that is not of its type, naming the field', () => {
    const builder = createTableBuilder(schema, { emit() {} });
    expect(() => builder.append(['x', 1.5, 1, 1, day])).toThrow('number 1.5 in field year of type int32');
    expect(() => builder.append(['x', 1, Number.NaN, 1, day])).toThrow(/quantity/);
    expect(() => builder.append(['x', 1, 1, 1, '2026-02-30'])).toThrow(/processing_date of type date/);
    expect(() => builder.append(['x'])).toThrow('1 cells for 5 fields');
  });
});
