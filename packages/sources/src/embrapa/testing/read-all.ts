import type { ParseReport } from '@granary/domain/source';
import type { Batch, Cell, QuarantineEntry } from '@granary/tabular/table';
import { embrapa } from '../../embrapa.ts';

export type RowObject = Record<string, Cell>;
export type Reading = { rows: RowObject[]; quarantine: QuarantineEntry[]; report: ParseReport };

const cellOf = (batch: Batch, index: number, row: number): Cell => {
  const column = batch.columns[index];
  if (column.valid && column.valid[row] === 0) return null;
  switch (column.type) {
    case 'string':
      return column.dictionary.get(column.codes[row]);
    case 'boolean':
      return column.values[row] === 1;
    case 'date':
      return new Date(column.values[row] * 86_400_000).toISOString().slice(0, 10);
    default:
      return column.values[row];
  }
};

/** Parses the bytes of a file as this dataset, cut into chunks of `chunk` bytes; rows as objects. For tests. */
export const readAll = (dataset: string, bytes: Uint8Array, chunk = 65_536): Reading => {
  const resource = embrapa.discover({ base_url: embrapa.base_url }).find((known) => known.dataset === dataset)!;
  const names = embrapa.datasets.find(({ id }) => id === dataset)!.fields.map(({ name }) => name);
  const rows: RowObject[] = [];
  const quarantine: QuarantineEntry[] = [];
  const parser = embrapa.parse(
    resource,
    { processing_date: '2030-06-01' },
    {
      rows(batch) {
        for (let row = 0; row < batch.rows; row++)
          rows.push(Object.fromEntries(names.map((name, i) => [name, cellOf(batch, i, row)])));
      },
      quarantine: (entry) => quarantine.push(entry),
    },
  );
  for (let at = 0; at < bytes.length; at += chunk) parser.push(bytes.subarray(at, at + chunk));
  return { rows, quarantine, report: parser.end() };
};
