/**
 * The tables of the reading benchmarks: those of data.ts as Parquet, sorted by id, in row groups of 10,000 as the
 * product writes them.
 */
import { existsSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openResourceFile } from '@granary/domain/use-cases/collect/resource-file';
import { readCsv } from '@granary/tabular/read-csv';
import { fileSink } from '@granary/tabular/sink';
import { createTableWriter, type TableWriter } from '@granary/tabular/table-writer';
import { dataFile } from './data.ts';

const OUT = fileURLToPath(new URL('./out/', import.meta.url));

/** Path of the Parquet file with that many rows, made when it is not there yet. */
export const tableFile = async (rows: number): Promise<string> => {
  const path = `${OUT}query-${rows}.parquet`;
  if (existsSync(path)) return path;
  const file = openResourceFile(dataFile(rows));
  const parquet = fileSink(`${path}.part`);
  let writer: TableWriter | undefined;
  await readCsv(
    file,
    {},
    {
      begin(fields) {
        parquet.restart();
        writer = createTableWriter({ schema: { fields, key: ['id'] }, parquet, sort: true });
      },
      rows: (batch) => writer!.write(batch),
      quarantine() {},
    },
  );
  await writer!.end();
  parquet.end();
  file.close();
  renameSync(`${path}.part`, path);
  return path;
};
