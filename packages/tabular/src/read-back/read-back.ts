/** Whether files hold what was written to them: nothing is published that was not read back. */
import { createHash } from 'node:crypto';
import { filePieces } from '../file-pieces.ts';
import type { Written } from '../sink.ts';
import type { Schema } from '../table.ts';
import { readBackCsv } from './read-back-csv.ts';
import { fileRanges, readBackParquet } from './read-back-parquet.ts';
import type { TableSums } from './table-sums.ts';

/** A local file, and what went to it. */
export type WrittenFile = Written & { path: string };

export type ReadBackOptions = {
  schema: Schema;
  /** Whether the rows were sorted by the key. */
  sorted: boolean;
  /** Of the batches as they went to the writers. */
  sums: TableSums;
  parquet: WrittenFile;
  csvGz: WrittenFile;
};

const isSameFile = async ({ path, bytes, sha256 }: WrittenFile): Promise<boolean> => {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of filePieces(path, 1 << 20) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return size === bytes && hash.digest('hex') === sha256;
};

/** The first difference, as a sentence without its subject; undefined when there is none. */
export const differenceOf = (written: TableSums, read: TableSums, { fields }: Schema): string | undefined => {
  if (read.rows !== written.rows) return `has ${read.rows} rows, and ${written.rows} were written`;
  for (const [index, { name }] of fields.entries()) {
    const [mine, theirs] = [written.columns[index], read.columns[index]];
    if (mine.nulls !== theirs.nulls) return `has ${theirs.nulls} nulls in ${name}, and ${mine.nulls} were written`;
    if (mine.checksum !== theirs.checksum) return `has other values in ${name} than were written`;
  }
  return undefined;
};

/**
 * Reads both files as whoever downloads or queries them would, from the first byte to the last, and compares them with
 * what was written: rows, nulls and values of each column, bytes. Gives the first difference as a sentence; undefined
 * when there is none.
 */
export const readBack = async (options: ReadBackOptions): Promise<string | undefined> => {
  const { schema, sums, parquet, csvGz, sorted } = options;
  const file = fileRanges(parquet.path);
  try {
    const ofParquet = differenceOf(sums, await readBackParquet(file, schema, { sorted }), schema);
    if (ofParquet) return `the Parquet file ${ofParquet}`;
    const ofCsv = differenceOf(sums, await readBackCsv(csvGz.path, schema), schema);
    if (ofCsv) return `the CSV file ${ofCsv}`;
    for (const [name, each] of Object.entries({ Parquet: parquet, CSV: csvGz }))
      if (!(await isSameFile(each))) return `the ${name} file has other bytes than were written`;
    return undefined;
  } catch (error) {
    // What the system says of a file (no room, no such file) is no word on what it holds.
    if ('syscall' in (error as Error)) throw error;
    return error instanceof RangeError ? error.message : `the files cannot be read: ${(error as Error).message}`;
  } finally {
    file.close();
  }
};
