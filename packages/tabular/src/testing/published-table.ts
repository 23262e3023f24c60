/** Tables as they are published, in memory: for tests. */
import { type DiffTable, diffTableOf } from '../diff/diff-table.ts';
import { openTable } from '../query/open-table.ts';
import { memorySink } from '../sink.ts';
import type { Cell, Schema } from '../table.ts';
import { createTableBuilder } from '../table-builder.ts';
import { createTableWriter } from '../table-writer.ts';

/** Writes rows to Parquet as the collector does, and opens that. */
export const publishedTable = async (
  schema: Schema,
  rows: readonly (readonly Cell[])[],
  rowGroupRows = 10_000,
): Promise<DiffTable> => {
  const parquet = memorySink();
  const writer = createTableWriter({ schema, parquet, sort: true, rowGroupRows });
  const builder = createTableBuilder(schema, { emit: (batch) => writer.write(batch) });
  for (const row of rows) builder.append(row);
  builder.end();
  await writer.end();
  const bytes = parquet.bytes();
  const file = { byteLength: bytes.length, read: async (start: number, end: number) => bytes.slice(start, end) };
  return diffTableOf(await openTable(file), schema.key);
};
