/** Rows from several batches put together into row groups. */
import { createGatherer, type KeptBatch, type TextColumn } from './kept-batch.ts';
import type { Batch, Schema } from './table.ts';

/** A row group of long texts ends here, however few its rows: whoever reads it holds that much. */
const GROUP_BYTES = 16 * 2 ** 20;

export type RowGroups = {
  /** Whether a row group has begun. */
  readonly begun: boolean;
  add(batch: KeptBatch, row: number): void;
  /** Emits what is left. */
  end(): void;
};

/** Emits batches of `size` rows, which are valid until `emit` returns. */
export const createRowGroups = (schema: Schema, size: number, emit: (batch: Batch) => void): RowGroups => {
  const { gather } = createGatherer(schema, size);
  const texts = schema.fields.flatMap(({ type }, index) => (type === 'string' ? [index] : []));
  const batches: KeptBatch[] = [];
  const rows = new Int32Array(size);
  let count = 0;
  let bytes = 0;
  const flush = (): void => {
    if (count > 0) emit(gather(batches, rows, count));
    count = 0;
    bytes = 0;
    batches.length = 0;
  };
  return {
    get begun() {
      return count > 0;
    },
    add(batch, row) {
      batches[count] = batch;
      rows[count++] = row;
      for (const index of texts) {
        const column = batch.columns[index] as TextColumn;
        const code = column.codes[row];
        if (column.valid === undefined || column.valid[row] !== 0)
          bytes += column.dictionary.end(code) - column.dictionary.start(code);
      }
      if (count === size || bytes >= GROUP_BYTES) flush();
    },
    end: flush,
  };
};
