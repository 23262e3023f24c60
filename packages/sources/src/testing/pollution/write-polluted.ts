/** Writes tables as text in any form, and says what is expected of who reads it. */
import { repairMojibake } from '@granary/tabular/csv/mojibake';
import { CLEAN_ROWS, HEADER } from './clean-table.ts';

/** How a file is written. `quoting`: which cells are in quotes, those that need them or all. */
export type Form = {
  delimiter: string;
  quote: '"' | "'";
  escape: 'doubled' | 'backslash';
  quoting: 'needed' | 'all';
  newline: string;
};
export const USUAL: Form = { delimiter: ',', quote: '"', escape: 'doubled', quoting: 'needed', newline: '\n' };

/**
 * A row that should be found: its cells as text, figures in any notation. `or_quarantined`: the text of the record,
 * where it may be in quarantine instead, because nobody can tell what its cells are.
 */
export type ExpectedRow = { cells: readonly string[]; or_quarantined?: string };
/** `headers`: the answers that are right; an empty one says that no column has a name. */
export type ExpectedTable = { headers: readonly (readonly string[])[]; rows: readonly ExpectedRow[] };
export type PollutedFile = {
  kind: string;
  /** Where in the file, or in which way. */
  variant: string;
  bytes: Uint8Array;
  tables: readonly ExpectedTable[];
};

export const quoted = (cell: string, form: Form): string => {
  const { quote } = form;
  return `${quote}${cell.replaceAll(quote, form.escape === 'doubled' ? quote + quote : `\\${quote}`)}${quote}`;
};
export const cellText = (cell: string, form: Form): string => {
  const { delimiter, quote, quoting } = form;
  const needed = cell.includes(delimiter) || cell.includes(quote) || /[\n\r]|^\s|\s$/.test(cell);
  const all = quoting === 'all' || (delimiter.trim() === '' && cell === '');
  return all || needed ? quoted(cell, form) : cell;
};
export const recordText = (cells: readonly string[], form: Form = USUAL): string =>
  cells.map((cell) => cellText(cell, form)).join(form.delimiter);
export const recordsText = (rows: readonly (readonly string[])[], form: Form = USUAL): string[] =>
  rows.map((row) => recordText(row, form));

/** Each record ended by the form's line end; records that end otherwise are given with their end. */
export const fileText = (records: readonly string[], { newline }: Form = USUAL): string =>
  records.map((record) => record + newline).join('');

export const expectedRows = (rows: readonly (readonly string[])[]): ExpectedRow[] => rows.map((cells) => ({ cells }));
export const CLEAN: ExpectedTable = { headers: [HEADER], rows: expectedRows(CLEAN_ROWS) };
export const cleanRecords = (form: Form = USUAL): string[] => recordsText([HEADER, ...CLEAN_ROWS], form);

export const fileOf = (
  kind: string,
  variant: string | number,
  text: string | Uint8Array,
  tables: readonly ExpectedTable[] = [CLEAN],
): PollutedFile => ({ kind, variant: String(variant), bytes: Buffer.from(text as string), tables });

/** The clean table but for one row. */
export const withRow = (at: number, row: ExpectedRow): ExpectedTable => ({
  ...CLEAN,
  rows: CLEAN.rows.map((own, index) => (index === at ? row : own)),
});

/** The records of the clean file but for one; 0 is the header. */
export const withRecord = (at: number, record: string): string[] =>
  cleanRecords().map((own, index) => (index === at ? record : own));
export const withLines = (before: number, ...lines: readonly string[]): string[] => {
  const records = cleanRecords();
  return [...records.slice(0, before), ...lines, ...records.slice(before)];
};

/** Text that was encoded as UTF-8, taken for windows-1252, and encoded again. */
export const encodedTwice = (text: string): string => {
  const twice = new TextDecoder('windows-1252').decode(Buffer.from(text));
  if (repairMojibake(twice) !== text) throw new Error('This text does not survive being encoded twice.');
  return twice;
};
