/** Sorted rows one after the other, from memory or from a temporary file. */
import { rmSync } from 'node:fs';
import type { KeptBatch, KeptColumn } from '../kept-batch.ts';
import { readColumn } from '../parquet/read-column.ts';
import { openTable } from '../query/open-table.ts';
import { fileRanges } from '../read-back/read-back-parquet.ts';

export type RowCursor = {
  /** The row at hand. */
  batch: KeptBatch;
  row: number;
  /** Goes on to the next row; false when there is none at hand, and {@link load} has to look for more. */
  step(): boolean;
  /** Reads more rows and stands on the first of them; false at the end. */
  load(): Promise<boolean>;
  close(): void;
};

const NONE: KeptBatch = { rows: 0, columns: [], bytes: 0 };

/** Rows of batches in memory, in the order of their numbers (counted through all batches). */
export const memoryCursor = (batches: readonly KeptBatch[], order: Uint32Array): RowCursor => {
  const batchOf = new Uint32Array(order.length);
  const firsts: number[] = [];
  let rows = 0;
  for (const [number, batch] of batches.entries()) {
    firsts.push(rows);
    batchOf.fill(number, rows, rows + batch.rows);
    rows += batch.rows;
  }
  let at = -1;
  return {
    batch: NONE,
    row: 0,
    step() {
      if (++at >= order.length) return false;
      const number = batchOf[order[at]];
      this.batch = batches[number];
      this.row = order[at] - firsts[number];
      return true;
    },
    async load() {
      return this.step();
    },
    close() {},
  };
};

/** Rows of a Parquet file, a row group at a time; `close` removes the file. */
export const fileCursor = async (path: string): Promise<RowCursor> => {
  const file = fileRanges(path);
  const { groups, fields } = await openTable(file);
  let next = 0;
  const cursor: RowCursor = {
    batch: NONE,
    row: 0,
    step() {
      this.row++;
      return this.row < this.batch.rows;
    },
    async load() {
      const group = groups[next++];
      if (!group) return false;
      const columns: KeptColumn[] = [];
      for (const [index, { start, end }] of group.chunks.entries())
        columns.push(readColumn(await file.read(start, end), fields[index], group.rows) as KeptColumn);
      this.batch = { rows: group.rows, columns, bytes: 0 };
      this.row = 0;
      return true;
    },
    close() {
      file.close();
      rmSync(path, { force: true });
    },
  };
  return cursor;
};
