/** For tests: a CSV file through the reader and the table writer to Parquet and CSV, and back. */
import { gunzipSync } from 'node:zlib';
import { type ReadCsvOptions, readCsv } from '../read-csv.ts';
import { byteSource, readTable } from '../read-table.ts';
import { memorySink } from '../sink.ts';
import type { Cell, Field, QuarantineEntry } from '../table.ts';
import type { TableSink } from '../table-sink.ts';
import { createTableWriter, type TableWriter } from '../table-writer.ts';

/** A file in chunks of `chunk` bytes. */
export const csvInput = (file: Uint8Array | string, chunk = 1 << 20) => {
  const bytes = Buffer.from(file as string);
  return {
    *chunks() {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
    },
  };
};

/** Keeps nothing. */
export const noTable: TableSink = { begin() {}, rows() {}, quarantine() {} };

export const readCsvText = async (file: Uint8Array | string, options: ReadCsvOptions = {}, chunk?: number) => {
  const [parquet, csvGz] = [memorySink(), memorySink()];
  const quarantine: QuarantineEntry[] = [];
  let writer: TableWriter | undefined;
  const out: TableSink = {
    begin(fields: readonly Field[]) {
      for (const sink of [parquet, csvGz]) sink.restart();
      quarantine.length = 0;
      const rowGroupRows = options.batchRows;
      writer = createTableWriter({ schema: { fields, key: [] }, parquet, csvGz, rowGroupRows, sort: false });
    },
    rows: (batch) => writer!.write(batch),
    quarantine: (entry) => void quarantine.push(entry),
  };
  const reading = await readCsv(csvInput(file, chunk), options, out);
  await writer!.end();
  const table = await readTable(byteSource(parquet.bytes()));
  const rows = Array.from({ length: table.rows }, (_, row) => table.columns.map((column): Cell => column[row]));
  return {
    ...reading,
    ...{ rows, table, quarantine, csv: gunzipSync(csvGz.bytes()), parquet: parquet.bytes() },
    names: table.fields.map(({ name }) => name),
    types: table.fields.map(({ type }) => type),
  };
};
