/** Reads a file as `granary inspect` and collecting do, without anything declared. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RefusedContent } from '@granary/domain/errors';
import { type TableOfFile, withTables } from '@granary/domain/use-cases/collect/open-tables';
import { tableInMemory } from '@granary/domain/use-cases/testing/read-in-memory';
import type { ColumnType } from '@granary/tabular/table';
import { resource, undeclared } from '../read-file.ts';

/** `rows`: cells as text; `quarantine`: records as they stand, with the number of rows that each is. */
export type ReadTable = {
  header: readonly string[];
  types: readonly ColumnType[];
  rows: readonly (readonly string[])[];
  quarantine: readonly { raw: string; rows: number }[];
};

const readTable = async (table: TableOfFile): Promise<ReadTable> => {
  const memory = tableInMemory();
  const { header } = await table.read({ processing_date: '2026-12-01' }, memory);
  const fields = memory.fields.slice(0, -2);
  return {
    header,
    types: fields.map(({ type }) => type),
    rows: memory.rows_read.map((row) => fields.map(({ name }) => String(row[name] ?? ''))),
    quarantine: memory.quarantined.map(({ raw, rows }) => ({ raw, rows })),
  };
};

/** The tables of a file; the reason where it is refused. */
export const readPolluted = async (bytes: Uint8Array): Promise<{ tables: readonly ReadTable[]; refused?: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'granary-pollution-'));
  const path = join(folder, 'file.csv');
  try {
    await writeFile(path, bytes);
    const tables = await withTables({ source: undeclared, message: { resource }, path }, folder, async (found) => {
      const read: ReadTable[] = [];
      for (const table of found) read.push(await readTable(table));
      return read;
    });
    return { tables };
  } catch (error) {
    if (!(error instanceof RefusedContent)) throw error;
    return { tables: [], refused: error.message };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
