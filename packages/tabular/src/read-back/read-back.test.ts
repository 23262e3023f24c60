import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { byteSource, readTable } from '../read-table.ts';
import type { Sink } from '../sink.ts';
import type { Cell } from '../table.ts';
import { type RandomTable, randomTables } from '../testing/arbitrary-table.ts';
import { writeFiles } from '../testing/written-files.ts';
import { differenceOf } from './read-back.ts';
import { readBackCsv } from './read-back-csv.ts';
import { fileRanges, readBackParquet } from './read-back-parquet.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'granary-tabular-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const TABLE: RandomTable = {
  schema: {
    fields: [
      { name: 'year', type: 'int32', nullable: false },
      { name: 'product', type: 'string', nullable: true },
      { name: 'litres', type: 'double', nullable: true },
    ],
    key: ['year'],
  },
  rows: Array.from({ length: 40 }, (_, row): Cell[] => [
    1970 + row,
    row % 7 === 3 ? null : `Vinho ${row % 3}, "tinto"`,
    row % 5 === 2 ? null : row * 12.25,
  ]),
};

const ZSTD = 0xfd2fb528;
/**
 * Changes the plain bytes of the page of that number (the pages of a file, one after the other) to some that pack to as
 * many bytes.
 */
const changingPage =
  (page: number, change: (plain: Buffer, attempt: number) => boolean) =>
  (sink: Sink): Sink => {
    let seen = -1;
    return {
      write(bytes) {
        const isPage = bytes.length > 4 && Buffer.from(bytes).readUInt32LE(0) === ZSTD;
        if (!isPage || ++seen !== page) return sink.write(bytes);
        for (let attempt = 0; ; attempt++) {
          const plain = Buffer.from(zstdDecompressSync(bytes));
          if (!change(plain, attempt)) throw new Error('no change of that page packs to as many bytes');
          const packed = zstdCompressSync(plain, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
          if (packed.length === bytes.length && !packed.equals(bytes)) return sink.write(packed);
        }
      },
    };
  };
const flipping =
  (from: number, to = Number.POSITIVE_INFINITY) =>
  (plain: Buffer, attempt: number): boolean => {
    const [at, bit] = [from + (attempt >> 3), attempt & 7];
    if (at >= Math.min(to, plain.length)) return false;
    plain[at] ^= 1 << bit;
    return true;
  };

describe('Files that are read back', () => {
  it('hold what was written, whatever the table', async () => {
    await fc.assert(
      fc.asyncProperty(randomTables, async (table) => {
        expect(await (await writeFiles(folder, table)).check()).toBeUndefined();
      }),
      { numRuns: 150 },
    );
    expect(await (await writeFiles(folder, TABLE)).check()).toBeUndefined();
  });

  it('are told from those of a table with one other cell, two rows in another order, or a row less', async () => {
    const changed = randomTables.chain((table) =>
      table.rows.length < 2
        ? fc.constant(undefined)
        : fc.record({
            table: fc.constant(table),
            row: fc.nat(table.rows.length - 1),
            column: fc.nat(table.schema.fields.length - 1),
          }),
    );
    await fc.assert(
      fc.asyncProperty(changed, async (plan) => {
        fc.pre(plan !== undefined);
        const { table, row, column } = plan!;
        const { sums, schema } = await writeFiles(folder, table);
        const from = table.rows.find((cells) => cells[column] !== table.rows[row]![column]);
        const others: Cell[][][] = [table.rows.toSpliced(row, 1)];
        if (from) others.push(table.rows.with(row, table.rows[row]!.with(column, from[column]!)));
        for (const rows of others) {
          const other = await writeFiles(folder, { ...table, rows });
          const file = fileRanges(other.parquet);
          expect(differenceOf(sums, await readBackParquet(file, schema, { sorted: false }), schema)).toBeDefined();
          file.close();
          expect(differenceOf(sums, await readBackCsv(other.csvGz, schema), schema)).toBeDefined();
        }
      }),
      { numRuns: 100 },
    );
  });
});

// Pages of a row group: year; product's dictionary, product; litres (each with its levels in front where it may be
// null).
const YEAR = 0;
const DICTIONARY = 1;
const PRODUCT = 2;
const LITRES = 3;

it('A file whose footer takes two reads is read back, though the memory of a read is used again', async () => {
  const rows = Array.from({ length: 900 }, (_, row): Cell[] => [row, `Vinho ${row}`, row / 4]);
  const written = await writeFiles(folder, { ...TABLE, rows }, { rowGroupRows: 1 });
  const bytes = readFileSync(written.parquet);
  expect(bytes.readUInt32LE(bytes.length - 8)).toBeGreaterThan(64 * 1024);
  expect(await written.check()).toBeUndefined();
});

describe('A corruption of the Parquet file is found:', () => {
  it.each([
    ['a value', YEAR, flipping(0), /other values in year|beyond its bounds/],
    ['a double', LITRES, flipping(7), /other values in litres|beyond its bounds/],
    ['a definition level', LITRES, flipping(5, 7), /nulls/],
    ['a definition level of a column of text', PRODUCT, flipping(5, 7), /nulls|cut off/],
    ['a code of a text', PRODUCT, flipping(9), /other values in product|not there/],
    ['the text of a dictionary', DICTIONARY, flipping(4), /other values in product|beyond its bounds/],
  ] as const)('%s', async (_, page, change, reason) => {
    for (const group of [0, 2]) {
      const written = await writeFiles(folder, TABLE, { through: changingPage(page + group * 4, change) });
      expect(await written.check()).toMatch(reason);
    }
  });

  it('levels of which one null stands in another row', async () => {
    const moved = TABLE.rows.map((cells, row) =>
      row === 2 ? [cells[0]!, cells[1]!, 6.125] : row === 1 ? [cells[0]!, cells[1]!, null] : cells,
    );
    const { sums, schema } = await writeFiles(folder, TABLE);
    const file = fileRanges((await writeFiles(folder, { ...TABLE, rows: moved })).parquet);
    const difference = differenceOf(sums, await readBackParquet(file, schema, { sorted: true }), schema);
    expect(difference).toBe('has other values in litres than were written');
    file.close();
  });

  it('the number of rows in the footer', async () => {
    const written = await writeFiles(folder, TABLE);
    const bytes = readFileSync(written.parquet);
    const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
    // Field 3 of the file, an i64 of 40 rows in zigzag.
    const at = bytes.indexOf(Buffer.from([0x16, 80, 0x19]), footer);
    expect(at).toBeGreaterThan(footer);
    bytes[at + 1] = 78;
    writeFileSync(written.parquet, bytes);
    expect(await written.check()).toBe('the Parquet file says 39 rows, and its row groups have 40');
  });

  it('a file that is cut off, wherever', async () => {
    const { length } = readFileSync((await writeFiles(folder, TABLE)).parquet);
    for (const size of [0, 3, 12, length >> 1, length - 9, length - 1]) {
      const written = await writeFiles(folder, TABLE);
      truncateSync(written.parquet, size);
      expect(await written.check()).toBeDefined();
    }
  });

  it('any single byte: what is read all the same is what was written', async () => {
    const small = { ...TABLE, rows: TABLE.rows.slice(0, 12) };
    const written = await writeFiles(folder, small);
    const whole = readFileSync(written.parquet);
    const { columns } = await readTable(byteSource(whole));
    let unseen = 0;
    for (let at = 4; at < whole.length - 8; at++) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1 << (at % 8);
      const file = { byteLength: bytes.length, read: async (from: number, to: number) => bytes.subarray(from, to) };
      const read = await readBackParquet(file, written.schema, { sorted: true }).catch((error: Error) => error);
      if (read instanceof Error || differenceOf(written.sums, read, written.schema)) continue;
      unseen += 1;
      // Names, sizes and offsets that our reader does not look at: another reader sees no other cell either, or
      // refuses.
      const other = await readTable(byteSource(bytes)).catch(() => undefined);
      if (other) expect({ at, columns: other.columns }).toEqual({ at, columns });
    }
    expect(unseen).toBeLessThan(whole.length / 4);
    // And by its bytes nothing is unseen.
    const bytes = Buffer.from(whole);
    bytes[whole.length - 20]! ^= 4;
    writeFileSync(written.parquet, bytes);
    expect(await written.check()).toBeDefined();
  });
});

describe('A corruption of the CSV is found:', () => {
  const changed = async (change: (text: string) => string): Promise<string | undefined> => {
    const written = await writeFiles(folder, TABLE);
    writeFileSync(written.csvGz, gzipSync(change(gunzipSync(readFileSync(written.csvGz)).toString())));
    return written.check();
  };

  it.each([
    ['a digit', (text: string) => text.replace('12.25', '12.24'), /other values in litres/],
    ['a quote that is left out', (text: string) => text.replace('""tinto', '"tinto'), /record|values/],
    [
      'a null that is an empty text',
      (text: string) => text.replace('1973,,', '1973,"",'),
      /0 nulls|5 nulls in product/,
    ],
    ['a text where a figure is', (text: string) => text.replace('12.25', 'x'), /record 2 .* has no double in litres/],
    ['a cell too many', (text: string) => text.replace('12.25', '12.25,'), /too many cells/],
    ['a cell too few', (text: string) => text.replace(',12.25', ''), /too few cells/],
    ['a line end', (text: string) => text.replace('12.25\r\n', '12.25\n'), /has no double|too many cells/],
    ['a row less', (text: string) => text.replace(/1975.*\r\n/, ''), /39 rows, and 40 were written/],
    ['another header', (text: string) => text.replace('litres', 'quarts'), /another header/],
    ['the last line end', (text: string) => text.slice(0, -2), /ends in the middle of a record/],
    ['everything', () => '', /no header/],
  ])('%s', async (_, change, reason) => {
    expect(await changed(change)).toMatch(reason);
  });

  it('a file that is cut off, and a byte of the gzip that is another', async () => {
    const { length } = readFileSync((await writeFiles(folder, TABLE)).csvGz);
    for (const size of [0, 5, 30, length - 1]) {
      const written = await writeFiles(folder, TABLE);
      truncateSync(written.csvGz, size);
      expect(await written.check()).toMatch(/CSV/);
    }
    for (const at of [0, 20, 60, length - 6, length - 2]) {
      const written = await writeFiles(folder, TABLE);
      const bytes = readFileSync(written.csvGz);
      bytes[at]! ^= 16;
      writeFileSync(written.csvGz, bytes);
      expect(await written.check()).toMatch(/CSV/);
    }
  });

  it('bytes that another gzip has packed, though they hold the same', async () => {
    expect(await changed((text) => text)).toBe('the CSV file has other bytes than were written');
  });

  it('and a file that is not there is no corruption', async () => {
    const written = await writeFiles(folder, TABLE);
    rmSync(written.csvGz);
    await expect(written.check()).rejects.toThrow('ENOENT');
  });
});
