import type { ReadOptions } from '@granary/domain/reading';
import { tableInMemory } from '@granary/domain/use-cases/testing/read-in-memory';
import type { Reading } from '../../../testing/read-all.ts';
import { embrapaFileOf } from '../../../testing/shipped.ts';
import { readEmbrapaFile } from '../read-file.ts';

/** For tests: reads the bytes of a file as this dataset; rows as objects. */
export const readBytes = (
  dataset: string,
  bytes: Uint8Array,
  options: ReadOptions = { processing_date: '2030-06-01' },
): Reading => {
  const table = tableInMemory();
  const report = readEmbrapaFile(embrapaFileOf(dataset), bytes, options, table);
  return { rows: table.rows_read, quarantine: table.quarantined, report };
};
