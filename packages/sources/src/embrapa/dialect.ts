import { RefusedContent } from '@granary/domain/errors';
import { sniffDialect } from '@granary/tabular/csv/dialect';
import { type CsvRow, createTokenizer } from '@granary/tabular/csv/tokenizer';
import type { Dialect } from '@granary/tabular/table';
import type { FileKind } from './files.ts';
import { findLayout, type Layout } from './layout.ts';

const DELIMITERS: readonly Dialect['delimiter'][] = [';', '\t', ',', '|'];

const rowsOf = (sample: Uint8Array, dialect: Dialect, complete: boolean): CsvRow[] => {
  const rows: CsvRow[] = [];
  const tokenizer = createTokenizer(dialect, (row) => rows.push(row));
  tokenizer.push(sample);
  // Without the end of the file the last line may be cut, and is left out.
  if (complete) tokenizer.end();
  return rows;
};

export type Found = { dialect: Dialect; layout: Layout; rows: readonly CsvRow[] };

/**
 * Finds dialect and layout of a file from its first bytes. The sniffed delimiter is tried first; a header with years under
 * another one is a better proof than any statistics.
 * @throws RefusedContent when the file is no series of years, with the reason.
 */
export const findDialect = (
  sample: Uint8Array,
  { kind, latest, complete }: { kind: FileKind; latest: number; complete: boolean },
): Found => {
  // Header, years and figures are told by what the files of Embrapa are: what looking alone left open is settled here.
  const { uncertain: _uncertain, first_line: _first, last_line: _last, ...sniffed } = sniffDialect(sample);
  let reason = '';
  for (const delimiter of [sniffed.delimiter, ...DELIMITERS.filter((other) => other !== sniffed.delimiter)]) {
    const rows = rowsOf(sample, { ...sniffed, delimiter }, complete);
    const layout = findLayout(rows, kind, latest);
    if (typeof layout !== 'string')
      return { dialect: { ...sniffed, delimiter, header_line: layout.header_line }, layout, rows };
    reason ||= layout;
  }
  throw new RefusedContent(reason);
};
