/** Sorts any number of rows in bounded memory: sorted runs in temporary files, merged at the end. */
import { join } from 'node:path';
import type { KeptBatch } from '../kept-batch.ts';
import { createParquetWriter } from '../parquet/parquet-writer.ts';
import { createRowGroups } from '../row-groups.ts';
import { fileSink } from '../sink.ts';
import type { Schema } from '../table.ts';
import { compareRowsBy, inOrder } from './compare-rows.ts';
import { mergeCursors } from './merge-cursors.ts';
import { fileCursor, memoryCursor, type RowCursor } from './row-cursor.ts';
import { sortedOrder } from './sort-keys.ts';

/** What is held of a table at once. With it, what is made of it and Node itself, a process stays far below 512 MB. */
const RUN_BYTES = 48 * 2 ** 20;
const RUN_GROUP_ROWS = 10_000;
/** Rows after which other work of the process gets its turn. */
const TURN_ROWS = 10_000;

export type RowSorterOptions = {
  /** Rows are sorted by its key. */
  schema: Schema;
  /** Where runs are written to. Without it everything is held in memory. */
  folder?: string;
  runBytes?: number;
};

export type RowSorter = {
  add(batch: KeptBatch): void;
  /** Gives every row to `take`, by key and those of equal keys as they came; batches stay valid. */
  drain(take: (batch: KeptBatch, row: number) => void): Promise<void>;
};

/**
 * A run is a Parquet file as versions have them, sorted, with a row group and dictionaries for every 10,000 rows, of
 * which the merge holds one at a time. The last run is merged from memory, so a table below the bound needs no file.
 */
export const createRowSorter = ({ schema, folder, runBytes = RUN_BYTES }: RowSorterOptions): RowSorter => {
  const columns = schema.key.map((name) => {
    const index = schema.fields.findIndex((field) => field.name === name);
    return { index, type: schema.fields[index].type };
  });
  const compare = inOrder(columns.map(({ type, index }) => compareRowsBy(type, index)));
  const paths: string[] = [];
  let held: KeptBatch[] = [];
  let bytes = 0;

  const writeRun = (path: string): void => {
    const sink = fileSink(path);
    const writer = createParquetWriter({ schema, sink });
    const groups = createRowGroups(schema, RUN_GROUP_ROWS, writer.write);
    const cursor = memoryCursor(held, sortedOrder(held, columns));
    try {
      while (cursor.step()) groups.add(cursor.batch, cursor.row);
      groups.end();
      writer.end();
    } finally {
      sink.end();
    }
  };

  return {
    add(batch) {
      held.push(batch);
      bytes += batch.bytes;
      if (!folder || bytes < runBytes) return;
      const path = join(folder, `run-${paths.length}.parquet`);
      paths.push(path);
      writeRun(path);
      held = [];
      bytes = 0;
    },
    async drain(take) {
      const cursors: RowCursor[] = [];
      try {
        for (const path of paths) cursors.push(await fileCursor(path));
        cursors.push(memoryCursor(held, sortedOrder(held, columns)));
        let taken = 0;
        await mergeCursors(cursors, compare, (batch, row) => {
          take(batch, row);
          return ++taken % TURN_ROWS === 0;
        });
      } finally {
        for (const cursor of cursors) cursor.close();
      }
    },
  };
};
