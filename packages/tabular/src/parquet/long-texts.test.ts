/**
 * What a process writes must not depend on what it wrote before: memory that is used again grows while it is written
 * to.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cellAt } from '../cells.ts';
import { openTable } from '../query/open-table.ts';
import { byteSource, readTable } from '../read-table.ts';
import { LONG_TEXTS, longTexts, writeLongTexts } from '../testing/write-long-texts.ts';
import { readColumn } from './read-column.ts';

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

let folder: string;
let cold: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'granary-tabular-'));
  cold = join(folder, 'cold');
  mkdirSync(cold);
  const script = fileURLToPath(new URL('../testing/write-long-texts.ts', import.meta.url));
  await promisify(execFile)(process.execPath, [script, cold]);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('A row group with more text than the memory that a new process begins with', () => {
  it('W1: reads back equal in DuckDB', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    try {
      const read = await connection.runAndReadAll(`from '${join(cold, 'data.parquet')}' order by id`);
      expect(read.getRows()).toEqual(longTexts);
    } finally {
      connection.closeSync();
    }
  });

  it('W1: reads back equal in our reader, and in hyparquet', async () => {
    const bytes = readFileSync(join(cold, 'data.parquet'));
    const file = { byteLength: bytes.length, read: async (start: number, end: number) => bytes.subarray(start, end) };
    const table = await openTable(file);
    expect(table.groups.map(({ rows }) => rows)).toEqual([longTexts.length]);
    const other = await readTable(byteSource(bytes));
    for (const [index, field] of LONG_TEXTS.fields.entries()) {
      const { start, end } = table.groups[0]!.chunks[index]!;
      const column = readColumn(bytes.subarray(start, end), field, longTexts.length);
      const expected = longTexts.map((cells) => cells[index]);
      expect(longTexts.map((_, row) => cellAt(column, row))).toEqual(expected);
      expect(other.columns[index]).toEqual(expected);
    }
  });

  it('W2: has equal bytes from a cold process and from a warm one, however often it is written', async () => {
    for (const name of ['first', 'second', 'third']) {
      const warm = join(folder, name);
      mkdirSync(warm);
      const written = await writeLongTexts(warm);
      expect(written.parquet.sha256).toBe(sha256(join(cold, 'data.parquet')));
      expect(written.csvGz.sha256).toBe(sha256(join(cold, 'data.csv.gz')));
    }
  });
});
