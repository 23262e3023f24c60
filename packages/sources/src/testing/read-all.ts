import type { ParseOptions, ParseReport } from '@granary/domain/source';
import { cellAt } from '@granary/tabular/cells';
import type { Cell, QuarantineEntry } from '@granary/tabular/table';
import { sources } from '../registry.ts';

export type RowObject = Record<string, Cell>;
export type Reading = { rows: RowObject[]; quarantine: QuarantineEntry[]; report: ParseReport };

/** Parses the bytes of a file as this dataset, cut into chunks of `chunk` bytes; rows as objects. For tests. */
export const readAll = (
  dataset: string,
  bytes: Uint8Array,
  chunk = 65_536,
  options: ParseOptions = { processing_date: '2030-06-01' },
): Reading => {
  const source = sources.find(({ datasets }) => datasets.some(({ id }) => id === dataset));
  if (!source) throw new Error(`No source of registry.ts declares the dataset '${dataset}'`);
  const resource = source.discover({ base_url: source.base_url }).find((known) => known.dataset === dataset)!;
  const names = source.datasets.find(({ id }) => id === dataset)!.fields.map(({ name }) => name);
  const rows: RowObject[] = [];
  const quarantine: QuarantineEntry[] = [];
  const parser = source.parse(resource, options, {
    rows(batch) {
      for (let row = 0; row < batch.rows; row++)
        rows.push(Object.fromEntries(names.map((name, i) => [name, cellAt(batch.columns[i], row)])));
    },
    quarantine: (entry) => quarantine.push(entry),
  });
  for (let at = 0; at < bytes.length; at += chunk) parser.push(bytes.subarray(at, at + chunk));
  return { rows, quarantine, report: parser.end() };
};
