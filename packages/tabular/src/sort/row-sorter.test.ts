import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { byteSource, readTable } from '../read-table.ts';
import { memorySink } from '../sink.ts';
import type { Cell, ColumnType, QuarantineEntry, Schema } from '../table.ts';
import { createTableWriter } from '../table-writer.ts';
import { batchesOf, type RandomTable, randomTables } from '../testing/arbitrary-table.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'granary-tabular-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** `runs`: how many temporary files there were just before the merge. */
const write = async ({ schema, rows }: RandomTable, runBytes: number | undefined, batchRows: number) => {
  const [parquet, csvGz] = [memorySink(), memorySink()];
  const quarantine: QuarantineEntry[] = [];
  const writer = createTableWriter({
    ...{ schema, parquet, csvGz, rowGroupRows: 10, sort: true, onQuarantine: (entry) => quarantine.push(entry) },
    ...(runBytes !== undefined && { folder, runBytes }),
  });
  for (const batch of batchesOf({ schema, rows }, batchRows)) writer.write(batch);
  const runs = readdirSync(folder).length;
  const counts = await writer.end();
  return { runs, counts: { ...counts }, quarantine, parquet: parquet.bytes(), csv: gunzipSync(csvGz.bytes()) };
};

/** Random tables with a key of one or two columns: rows repeat, and some share a key with other data. */
const keyedTables = randomTables.chain(({ schema: { fields }, rows }) =>
  fc
    .shuffledSubarray([...fields.keys()], { minLength: 1, maxLength: Math.min(2, fields.length) })
    .map((key): RandomTable => ({ schema: { fields, key: key.map((index) => fields[index].name) }, rows })),
);

const compareCells = (type: ColumnType, a: Cell, b: Cell): number => {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  if (type === 'string') return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string));
  if (type === 'date' || type === 'timestamp') return Date.parse(a as string) - Date.parse(b as string);
  return a < b ? -1 : a > b ? 1 : 0;
};

/** The rows that a table with this key has: sorted, and the first of each key. */
const expectedRows = ({ schema: { fields, key }, rows }: RandomTable): Cell[][] => {
  const columns = key.map((name) => fields.findIndex((field) => field.name === name));
  const compare = (a: Cell[], b: Cell[]): number => {
    for (const index of columns) {
      const difference = compareCells(fields[index].type, a[index], b[index]);
      if (difference !== 0) return difference;
    }
    return 0;
  };
  return rows.toSorted(compare).filter((row, at, all) => at === 0 || compare(all[at - 1], row) !== 0);
};

describe('A table that is sorted by runs in files', () => {
  it('is the same, byte by byte, as one that is sorted in memory, and what it should be', async () => {
    let most = 0;
    await fc.assert(
      fc.asyncProperty(
        keyedTables,
        fc.constantFrom(1, 500, 2000),
        fc.constantFrom(1, 3, 7, 40),
        async (table, runBytes, batchRows) => {
          const inMemory = await write(table, undefined, batchRows);
          const byRuns = await write(table, runBytes, batchRows);
          most = Math.max(most, byRuns.runs);
          expect({ ...byRuns, runs: 0 }).toEqual(inMemory);
          const { columns, rows } = await readTable(byteSource(byRuns.parquet));
          const read = Array.from({ length: rows }, (_, row) => columns.map((column) => column[row]));
          expect(read).toEqual(expectedRows(table));
          expect(readdirSync(folder)).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
    expect(most).toBeGreaterThan(10);
  });

  it('keeps the first of equal keys, whatever run it stands in, and names the lines of the others', async () => {
    const schema: Schema = {
      fields: [
        { name: 'product', type: 'string', nullable: true },
        { name: 'quantity', type: 'int32', nullable: true },
        { name: 'line', type: 'int32', nullable: false },
      ],
      key: ['product'],
    };
    const rows: Cell[][] = [
      ['Tinto', 1, 2],
      ['Branco', 5, 3],
      ['Tinto', 1, 4],
      [null, 7, 5],
      ['Tinto', 2, 6],
      [null, 8, 7],
    ];
    const { runs, counts, quarantine, csv } = await write({ schema, rows }, 1, 1);
    expect(runs).toBe(6);
    expect(csv.toString()).toBe('product,quantity,line\r\n,7,5\r\nBranco,5,3\r\nTinto,1,2\r\n');
    expect(counts).toEqual({ rows: 3, deduplicated: 1, quarantined: 2 });
    expect(quarantine.map(({ line, reason }) => [line, reason])).toEqual([
      [7, 'the key product null came before with other data: quantity is 8 in line 7, and 7 in line 5'],
      [6, 'the key product "Tinto" came before with other data: quantity is 2 in line 6, and 1 in line 2'],
    ]);
  });
});
