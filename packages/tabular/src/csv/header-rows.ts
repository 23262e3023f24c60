/** Headers of several rows: what the rows above and below the one that was found add to the names of the columns. */
import { filledCells, isFigure } from './header.ts';
import type { CsvRow } from './tokenizer.ts';

/** `Sex / F`: what stands above a column, once each. */
export const joinedName = (parts: readonly string[]): string => {
  const said = parts.map((part) => part.replace(/\s+/g, ' ').trim()).filter((part) => part !== '');
  return said.filter((part, index) => part !== said[index - 1]).join(' / ');
};

/**
 * Whether a row below a header only counts the columns, `(1) (2) (3)`, which cells of sheets hold as -1, -2, -3: every
 * one of them, also those above words. `cells` of the rows below the header.
 */
export const countsColumns = ([first, ...rest]: readonly (readonly string[])[]): boolean => {
  if (!first || first.length < 3 || rest.length === 0) return false;
  const counted = first.map((cell) => Number(/^\(?([+-]?\d+)\)?$/.exec(cell.trim())?.[1] ?? Number.NaN));
  const inOrder = [1, -1].some((sign) => counted.every((value, index) => value === sign * (index + 1)));
  const words = rest.some((cells) => (cells[0] ?? '').trim() !== '' && !isFigure(cells[0]!.trim()));
  return inOrder && (words || first.length >= 5);
};

/** Rows that a header has at most. */
const MOST_ROWS = 4;
const LOOK_AT = 100;

const linesOf = (row: CsvRow): number => row.raw.split('\n').length;
const follows = (row: CsvRow | undefined, before: CsvRow | undefined): boolean =>
  row !== undefined && before !== undefined && row.line === before.line + linesOf(before);
const cellsOf = (row: CsvRow): string[] => row.fields.map((field) => field.trim());

/** `(m)`, `[kg]`. */
const isBracketed = (cell: string): boolean => /^[([].*[)\]]$/.test(cell);

/**
 * Whether a row goes on with the names of `header`: it has a word above figures, or a name where there is none yet, and
 * nothing else. A row of the table has a value in one of its other columns, or it says nothing at all.
 */
const goesOn = (row: CsvRow, header: readonly string[], body: readonly CsvRow[]): boolean => {
  const cells = cellsOf(row);
  const filled = cells.filter((cell) => cell !== '');
  if (cells.length > header.length || filled.length === 0 || body.length < 3) return false;
  let signs = 0;
  for (const [index, cell] of cells.entries()) {
    if (cell === '') continue;
    if (isFigure(cell)) return false;
    const values = body.map(({ fields }) => (fields[index] ?? '').trim()).filter((value) => value !== '');
    const typed = values.length > 0 && values.filter(isFigure).length >= values.length * 0.7;
    if (values.includes(cell) || (!typed && header[index] !== '' && !isBracketed(cell))) return false;
    if (typed || isBracketed(cell)) signs++;
  }
  return (
    signs >= 2 || (signs > 0 && cells.every((cell, index) => cell === '' || isBracketed(cell) || header[index] === ''))
  );
};

/**
 * Whether a row names what several columns below it have in common: it has names where `header` has none, or parts
 * equal ones.
 */
const isOver = (row: CsvRow, header: readonly string[]): boolean => {
  if (row.fields.length !== header.length) return false;
  const all = cellsOf(row);
  const width = header.findLastIndex((name, index) => name !== '' || all[index] !== '') + 1;
  const [cells, below] = [all.slice(0, width), header.slice(0, width)];
  const filled = cells.filter((cell) => cell !== '');
  if (filled.length < 2 || filled.some((cell) => isFigure(cell))) return false;
  const names = below.filter((name) => name !== '');
  const isMerged = names.length < width && below.every((name, index) => name !== '' || cells[index] !== '');
  const joined = filledRight(cells, below).map((group, index) => joinedName([group, below[index]!]));
  const parts = new Set(names).size < names.length && new Set(joined).size === joined.length;
  return isMerged || parts;
};

/** A group stands once, in its first column: it goes on over columns that have a name below and none of their own. */
const filledRight = (cells: readonly string[], below: readonly string[]): string[] => {
  let group = '';
  return below.map((name, index) => {
    const cell = cells[index] ?? '';
    if (cell !== '') group = name === '' ? '' : cell;
    return cell !== '' || name === '' ? cell : group;
  });
};

/** The names of columns, of several rows as one. */
export const joinedHeader = (rows: readonly CsvRow[]): string[] => {
  if (rows.length === 1) return rows[0]!.fields;
  const width = Math.max(...rows.map(({ fields }) => fields.length));
  const cells = rows.map((row) => Array.from({ length: width }, (_, index) => (row.fields[index] ?? '').trim()));
  const parts = cells.map((row, index) => {
    const under = cells.slice(index + 1);
    const below = row.map((_, column) => joinedName(under.map((other) => other[column]!)));
    return index === cells.length - 1 ? row : filledRight(row, below);
  });
  return parts[0]!.map((_, column) => joinedName(parts.map((row) => row[column]!)));
};

/** `first`, `last`: the rows of the header; `counting`: the row below it that numbers the columns. */
export type HeaderRows = { first: CsvRow; last: CsvRow; counting?: CsvRow };

/** All rows of a header of which one was found among `rows`. */
export const headerRowsOf = (rows: readonly CsvRow[], header: CsvRow): HeaderRows => {
  const at = rows.indexOf(header);
  let [first, last] = [at, at];
  let names = cellsOf(header);
  while (last - first + 1 < MOST_ROWS && follows(rows[last + 1], rows[last])) {
    const next = rows[last + 1]!;
    if (countsColumns(rows.slice(last + 1, last + 5).map(cellsOf))) break;
    if (!goesOn(next, names, rows.slice(last + 2, last + 2 + LOOK_AT))) break;
    last++;
    names = joinedHeader(rows.slice(first, last + 1));
  }
  while (last - first + 1 < MOST_ROWS && first > 0 && follows(rows[first], rows[first - 1])) {
    if (!isOver(rows[first - 1]!, cellsOf(rows[first]!))) break;
    first--;
  }
  const below = rows.slice(last + 1, last + 1 + LOOK_AT).filter(({ fields }) => filledCells(fields).length > 0);
  const counts = below.length > 0 && below[0]!.fields.length === names.length && countsColumns(below.map(cellsOf));
  return { first: rows[first]!, last: rows[last]!, ...(counts && { counting: below[0]! }) };
};
