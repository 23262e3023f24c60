/** The tables of the reading benchmarks: those of data.ts as Parquet, sorted by id, in row groups of 10,000 as the product writes them. */
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { convertCsv } from '@granary/tabular/convert-csv';
import { openTable } from '@granary/tabular/query/open-table';
import { parseQuery } from '@granary/tabular/query/parse-query';
import { runQuery } from '@granary/tabular/query/run-query';
import { fileSink } from '@granary/tabular/sink';
import { createTableWriter } from '@granary/tabular/table-writer';
import { dataFile } from './data.ts';

const OUT = fileURLToPath(new URL('./out/', import.meta.url));

/** Path of the Parquet file with that many rows, made when it is not there yet. */
export const tableFile = async (rows: number): Promise<string> => {
  const path = `${OUT}query-${rows}.parquet`;
  if (existsSync(path)) return path;
  const csv = dataFile(rows);
  const unsorted = fileSink(`${path}.unsorted`);
  await convertCsv({ path: csv, parquet: unsorted, onQuarantine() {} });
  unsorted.end();
  const bytes = readFileSync(`${path}.unsorted`);
  const table = await openTable({ byteLength: bytes.length, read: async (start, end) => bytes.subarray(start, end) });
  const parquet = fileSink(`${path}.part`);
  const writer = createTableWriter({ schema: { fields: table.fields, key: ['id'] }, parquet, sort: true });
  for await (const batch of runQuery(table, parseQuery([], table.fields)).batches) writer.write(batch);
  await writer.end();
  parquet.end();
  renameSync(`${path}.part`, path);
  rmSync(`${path}.unsorted`);
  return path;
};
