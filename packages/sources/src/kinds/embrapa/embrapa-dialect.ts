import { RefusedContent } from '@granary/domain/errors';
import { sniffDialect } from '@granary/tabular/csv/dialect';
import { type CsvRow, createTokenizer } from '@granary/tabular/csv/tokenizer';
import type { Dialect } from '@granary/tabular/table';
import { findHeader, fromHeader } from './embrapa-header.ts';
import { withoutHeader } from './headless.ts';
import { isFilled, type Layout, type LayoutFacts } from './layout.ts';

const DELIMITERS: readonly Dialect['delimiter'][] = [';', '\t', ',', '|'];

type Rows = { rows: readonly CsvRow[]; odd_lines: number };

const rowsOf = (file: Uint8Array, dialect: Dialect): Rows => {
  const rows: CsvRow[] = [];
  const tokenizer = createTokenizer(dialect, (row) => rows.push(row));
  tokenizer.push(file);
  tokenizer.end();
  return { rows, odd_lines: tokenizer.odd_lines() };
};

/** `odd_lines`: how many are in another encoding than the file. */
export type Found = Rows & { dialect: Dialect; layout: Layout };

/**
 * Finds dialect and layout of a whole file. The sniffed delimiter is tried first; a header with years under another one
 * is a better proof than any statistics, and only a file that has none under any is looked at as one without.
 * @throws RefusedContent when the file is no series of years, or one whose header cannot be believed, with the reason.
 */
export const findDialect = (file: Uint8Array, facts: LayoutFacts): Found => {
  // Header, years and figures are told by what the files of Embrapa are: what looking alone left open is settled here.
  const { uncertain: _uncertain, first_line: _first, last_line: _last, ...sniffed } = sniffDialect(file);
  const delimiters = [sniffed.delimiter, ...DELIMITERS.filter((other) => other !== sniffed.delimiter)];
  const found = (delimiter: Dialect['delimiter'], layout: Layout, rows: Rows): Found => ({
    dialect: { ...sniffed, delimiter, header_line: layout.header_line },
    layout,
    ...rows,
  });
  for (const delimiter of delimiters) {
    const rows = rowsOf(file, { ...sniffed, delimiter });
    const filled = rows.rows.filter(isFilled);
    const header = findHeader(filled);
    if (!header) continue;
    const layout = fromHeader(header, filled, { ...facts, delimiter });
    if (typeof layout === 'string') throw new RefusedContent(layout);
    return found(delimiter, layout, rows);
  }
  let reason = '';
  for (const delimiter of delimiters) {
    const rows = rowsOf(file, { ...sniffed, delimiter });
    const filled = rows.rows.filter(isFilled);
    const layout = filled.length === 0 ? 'The file has no lines.' : withoutHeader(filled, { ...facts, delimiter });
    if (typeof layout !== 'string') return found(delimiter, layout, rows);
    reason ||= layout;
  }
  throw new RefusedContent(reason);
};
