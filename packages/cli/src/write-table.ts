import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openResourceFile } from '@granary/domain/use-cases/collect/resource-file';
import { cellAt } from '@granary/tabular/cells';
import { openTable } from '@granary/tabular/query/open-table';
import { parseQuery } from '@granary/tabular/query/parse-query';
import { runQuery } from '@granary/tabular/query/run-query';
import type { Cell, Field } from '@granary/tabular/table';

export const FORMATS = ['csv', 'ndjson', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const csvCell = (cell: Cell): string => (cell === null ? '' : quoted(String(cell)));
/** In the order of the columns, which no object has where a name is a number. */
const objectOf = (names: readonly string[], cells: readonly Cell[]): string =>
  `{${cells.map((cell, at) => `${JSON.stringify(names[at])}:${typeof cell === 'bigint' ? cell : JSON.stringify(cell)}`).join(',')}}`;

/**
 * Writes the rows of a Parquet file as CSV or NDJSON. CSV begins with the names as the file has them, if it has any;
 * NDJSON has the names of the columns.
 */
export const writeTable = async (parquet: string, { columns, header, format, target }: WriteOptions): Promise<void> => {
  const file = openResourceFile(parquet);
  try {
    const read = async (start: number, end: number): Promise<Uint8Array> => file.read(start, end);
    const table = await openTable({ byteLength: file.bytes, read });
    const names = columns.map(({ name }) => name);
    const lines = async function* (): AsyncGenerator<string> {
      if (format === 'csv' && header.length > 0)
        yield `${names.map((name, at) => quoted(header[at] || name)).join(',')}\n`;
      for await (const batch of runQuery(table, parseQuery([['select', names.join(',')]], table.fields)).batches) {
        let text = '';
        for (let row = 0; row < batch.rows; row++) {
          const cells = batch.columns.map((column) => cellAt(column, row));
          text += `${format === 'csv' ? cells.map(csvCell).join(',') : objectOf(names, cells)}\n`;
        }
        yield text;
      }
    };
    await pipeline(Readable.from(lines()), createWriteStream(target));
  } finally {
    file.close();
  }
};

export type WriteOptions = {
  columns: readonly Field[];
  header: readonly string[];
  format: 'csv' | 'ndjson' | 'parquet';
  target: string;
};
