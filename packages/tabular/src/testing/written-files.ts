/** Files as the collector writes them, in a folder: for tests of reading them back. */
import { join } from 'node:path';
import { readBack } from '../read-back/read-back.ts';
import { createTableSums, type TableSums } from '../read-back/table-sums.ts';
import { fileSink, type Sink } from '../sink.ts';
import type { Schema } from '../table.ts';
import { createTableWriter } from '../table-writer.ts';
import { batchesOf, type RandomTable } from './arbitrary-table.ts';

export type WrittenTable = {
  schema: Schema;
  sums: TableSums;
  parquet: string;
  csvGz: string;
  check(): Promise<string | undefined>;
};

/** `through` may change what goes to the Parquet file on its way. */
export const writeFiles = async (
  folder: string,
  { schema, rows }: RandomTable,
  { rowGroupRows = 10, through = (sink) => sink }: { rowGroupRows?: number; through?: (sink: Sink) => Sink } = {},
): Promise<WrittenTable> => {
  const paths = { parquet: join(folder, 'data.parquet'), csvGz: join(folder, 'data.csv.gz') };
  const [parquet, csvGz] = [fileSink(paths.parquet), fileSink(paths.csvGz)];
  const summer = createTableSums(schema.fields);
  const writer = createTableWriter({
    ...{ schema, parquet: through(parquet), csvGz, rowGroupRows, sort: schema.key.length > 0 },
    onBatch: summer.add,
  });
  for (const batch of batchesOf({ schema, rows }, 7)) writer.write(batch);
  await writer.end();
  const written = { parquet: { path: paths.parquet, ...parquet.end() }, csvGz: { path: paths.csvGz, ...csvGz.end() } };
  const sums = summer.sums();
  return { schema, sums, ...paths, check: () => readBack({ schema, sorted: schema.key.length > 0, sums, ...written }) };
};
