import type { CsvRow } from '@granary/tabular/csv/tokenizer';
import { toIdentifier } from '@granary/tabular/identifier';
import type { FileKind } from './files.ts';
import { isNameTitle } from './year-cells.ts';
import type { YearColumns } from './year-sequence.ts';

export type Layout = {
  /** The file's own header cells, or made up ones. */
  header: readonly string[];
  header_line: number | null;
  control: number | null;
  /** Index of the cell with the product or the country. */
  name: number;
  /** Index of the id, null when there is none. */
  id: number | null;
  first_figure: number;
  years: readonly YearColumns[];
  /** Columns that the normal form has no place for. */
  others: readonly number[];
  /** Cells of the header up to its last title. */
  titled: number;
  /** Cells that a line has to have; beyond `titled` they have to be blank. */
  width: number;
  /** The header, or some lines, end in a delimiter that stands for no column: a blank last cell may be one. */
  loose_ends: boolean;
  notes: readonly string[];
};

/** What the lines of a file are told to be by: how many figures a year, and what is known besides the bytes. */
export type LayoutFacts = {
  kind: FileKind;
  /** No year can be later. */
  latest: number;
  /** First and last year of the version before; null when there is none. */
  known: { first: number; last: number } | null;
};

export const columnsAYear = (kind: FileKind): 1 | 2 => (kind === 'trade' ? 2 : 1);

/**
 * Where the columns before the first year are, -1 for one that is not there. `name` is the product's or the country's.
 */
export const leadingColumns = (cells: readonly string[], kind: FileKind) => {
  const names = cells.map(toIdentifier);
  const control = kind === 'trade' ? -1 : names.findIndex((name) => name.startsWith('control'));
  const known = cells.findIndex(isNameTitle);
  const name = known >= 0 ? known : names.findLastIndex((text, i) => i !== control && text !== 'id' && text !== '');
  return { names, control, name };
};

export const isFilled = (row: CsvRow): boolean => row.fields.some((cell) => cell.trim() !== '');

/** How many cells most of the lines have; of widths that are equally common the one that is wanted, else the larger. */
export const usualWidth = (rows: readonly CsvRow[], wanted: number): number => {
  const counts = new Map<number, number>();
  for (const { fields } of rows) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
  let best = wanted;
  for (const [width, count] of counts) {
    const most = counts.get(best) ?? 0;
    if (count > most || (count === most && width > best && best !== wanted)) best = width;
  }
  return best;
};
