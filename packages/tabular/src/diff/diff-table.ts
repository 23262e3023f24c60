/** What is compared: a table by its batches, in its own order. */
import { readColumn } from '../parquet/read-column.ts';
import type { RowGroup } from '../parquet/read-footer.ts';
import type { OpenTable } from '../query/open-table.ts';
import type { Batch, Field } from '../table.ts';

/** `sortedBy`: columns that all rows are sorted by, ascending and nulls first; empty when that is not known. */
export type DiffTable = {
  fields: readonly Field[];
  key: readonly string[];
  sortedBy: readonly string[];
  /** From the first row, each time that it is called. */
  batches(): AsyncIterable<Batch>;
};

/** A whole row group, by one range of bytes. */
export const readGroup = async (table: OpenTable, { rows, chunks }: RowGroup): Promise<Batch> => {
  const start = Math.min(...chunks.map((chunk) => chunk.start));
  const end = Math.max(...chunks.map((chunk) => chunk.end));
  const bytes = await table.file.read(start, end);
  const columns = table.fields.map((field, index) => {
    const chunk = chunks[index];
    return readColumn(bytes.subarray(chunk.start - start, chunk.end - start), field, rows);
  });
  return { rows, columns };
};

async function* batchesOfFile(table: OpenTable): AsyncGenerator<Batch> {
  for (const group of table.groups) yield await readGroup(table, group);
}

/** A published table as one side of a diff; `key` as it was declared when the table was written. */
export const diffTableOf = (table: OpenTable, key: readonly string[]): DiffTable => ({
  fields: table.fields,
  key,
  sortedBy: table.sortedBy.map((index) => table.fields[index].name),
  batches: () => batchesOfFile(table),
});
