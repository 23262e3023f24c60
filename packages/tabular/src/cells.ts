/** Cells of columns: one value at a time, for the paths where rows are few. */
import { formatDate, formatTimestamp } from './dates.ts';
import type { Batch, Cell, Column, Schema } from './table.ts';

/** The value of a row of a column; dates and timestamps as text. */
export const cellAt = (column: Column, row: number): Cell => {
  if (column.valid && column.valid[row] === 0) return null;
  switch (column.type) {
    case 'string':
      return column.dictionary.get(column.codes[row]);
    case 'boolean':
      return column.values[row] !== 0;
    case 'date':
      return formatDate(column.values[row]);
    case 'timestamp':
      return formatTimestamp(column.values[row]);
    default:
      return column.values[row];
  }
};

/** A batch as row objects. */
export function* rowsOfBatch(schema: Schema, batch: Batch): Generator<Record<string, Cell>> {
  for (let row = 0; row < batch.rows; row++) {
    const record: Record<string, Cell> = {};
    for (const [index, field] of schema.fields.entries()) record[field.name] = cellAt(batch.columns[index], row);
    yield record;
  }
}
