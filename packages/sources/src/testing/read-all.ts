import type { ReadOptions, ReadReport } from '@granary/domain/reading';
import { fileOfBytes, tableInMemory } from '@granary/domain/use-cases/testing/read-in-memory';
import type { Cell, QuarantineEntry } from '@granary/tabular/table';
import { sources } from '../registry.ts';

export type RowObject = Record<string, Cell>;
export type Reading = { rows: RowObject[]; quarantine: QuarantineEntry[]; report: ReadReport };

/** For tests: reads the bytes of a file as this dataset, in chunks of `chunk` bytes; rows as objects. */
export const readAll = async (
  dataset: string,
  bytes: Uint8Array,
  chunk = 65_536,
  options: ReadOptions = { processing_date: '2030-06-01' },
): Promise<Reading> => {
  const source = sources.find(({ datasets }) => datasets.some(({ id }) => id === dataset));
  if (!source) throw new Error(`No source declares the dataset '${dataset}'`);
  const resource = source.discover({ base_url: source.base_url }).find((known) => known.dataset === dataset)!;
  const table = tableInMemory();
  const [found] = await source.tables(resource, fileOfBytes(bytes, chunk));
  const report = await found.read(options, table);
  return { rows: table.rows_read, quarantine: table.quarantined, report };
};
