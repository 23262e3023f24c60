import { RefusedContent } from '@granary/domain/errors';
import type { ReadOptions, ReadReport, ResourceFile, TableSink } from '@granary/domain/reading';
import { isProvenance } from '@granary/tabular/csv/provenance-columns';
import { UnreadableText } from '@granary/tabular/csv/tokenizer';
import { WIDE_MISSING_MARKERS } from '@granary/tabular/numbers';
import { type CsvReading, readCsv } from '@granary/tabular/read-csv';
import type { Dialect, Field } from '@granary/tabular/table';
import { refuseOtherThanText } from './content-check.ts';

/** What is declared about a file of CSV. What is not is found by reading it. */
export type CsvDeclaration = {
  /** By the names of the columns as identifiers (`Preço (R$)` is `preco_r`). */
  fields: readonly Field[];
  dialect?: Partial<Dialect>;
  /** Markers of values that are not available, beside those that are known everywhere. */
  missing?: readonly string[];
};

const SAMPLE_BYTES = 65_536;

const notesOf = ({ dialect, notes }: CsvReading): string[] => [
  ...(dialect.mojibake ? ['The file was encoded twice (UTF-8 taken for windows-1252); its text was repaired.'] : []),
  ...(dialect.encoding === 'utf-8' ? [] : [`The file is encoded as ${dialect.encoding}.`]),
  ...notes.map(({ line, text }) => `Line ${line} is a note: ${text.trim()}`),
];

/**
 * Reads a file of CSV of any size as one table: the columns of the file, then `line` and `processing_date`. Rows that
 * do not fit the declared fields are quarantined, other columns get the type that fits all their rows. Throws
 * RefusedContent.
 */
export const readCsvTable = async (
  { fields, dialect, missing }: CsvDeclaration,
  file: ResourceFile,
  { processing_date }: ReadOptions,
  out: TableSink,
): Promise<ReadReport> => {
  refuseOtherThanText(file.read(0, SAMPLE_BYTES), dialect);
  const contract = { fields: fields.filter(({ name }) => !isProvenance(name)) };
  const markers = missing && new Set([...WIDE_MISSING_MARKERS, ...missing.map((marker) => marker.toLowerCase())]);
  try {
    const options = { dialect, contract, missing: markers, provenance: { processing_date } };
    const reading = await readCsv(file, options, out);
    return { dialect: reading.dialect, header: reading.header, notes: notesOf(reading) };
  } catch (error) {
    if (error instanceof UnreadableText) throw new RefusedContent(`The file is no table: ${error.message}.`);
    throw error;
  }
};
