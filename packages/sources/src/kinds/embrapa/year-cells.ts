import { toIdentifier } from '@granary/tabular/identifier';

/**
 * What a title of a column says. `nth`: which of the columns of that year it is, from 1, where the title tells
 * (`1970.1` is pandas' second `1970`). `odd`: it has digits as a year has, and is none that can be read surely. `word`:
 * anything else, a blank title too.
 */
export type TitleCell = { kind: 'year'; year: number; nth: number | null } | { kind: 'odd' } | { kind: 'word' };

const YEAR = '((?:19|20)\\d\\d)';
/** `1970`, `Ano 1970`, R's `X1970`; with the noughts of a float, and the number of a repeated title behind a mark. */
const PLAIN = new RegExp(`^(?:(?:ano|year|x|y)[ ._:-]*)?${YEAR}(?:[.,]0+)?(?:[._]([1-9]))?$`, 'i');
/** `1.970`: a spreadsheet took the year for a quantity. */
const GROUPED = /^([12])[., ](9\d\d|0\d\d)$/;

/** Reads one title. Full-width digits, quotes and odd spaces are only other ways to write the same. */
export const readTitle = (cell: string): TitleCell => {
  const text = cell
    .normalize('NFKC')
    .replace(/[\s"']+/g, ' ')
    .trim();
  const plain = PLAIN.exec(text);
  if (plain) return { kind: 'year', year: Number(plain[1]), nth: plain[2] ? Number(plain[2]) + 1 : null };
  const grouped = GROUPED.exec(text);
  if (grouped) return { kind: 'year', year: Number(grouped[1] + grouped[2]), nth: null };
  if (/\d{3}/.test(text) || /^\d[\d.,]*$/.test(text)) return { kind: 'odd' };
  return { kind: 'word' };
};

/** The year that a title names, however it is spelt; null when it names none. */
export const yearOf = (cell: string): number | null => {
  const title = readTitle(cell);
  return title.kind === 'year' ? title.year : null;
};

const NAMES = /^(produtos?|products?|cultivar(es)?|pais(es)?|country|countries|nome)$/;

/** Whether a title is one of the product's or the country's. */
export const isNameTitle = (cell: string): boolean => NAMES.test(toIdentifier(cell));

/** Whether a title is one that only a header has: the name's, the control's or the id's. */
export const isKnownTitle = (cell: string): boolean => {
  const title = toIdentifier(cell);
  return title === 'id' || title === 'control' || NAMES.test(title);
};

/** A cell that could be a figure, however it is written, or an id. */
export const looksNumeric = (cell: string): boolean => /^[+-]?\d[\d.,\s]*$/.test(cell.trim());

const ascending = (years: readonly number[]): boolean => years.every((year, i) => i === 0 || year >= years[i - 1]);

/**
 * A header names columns before the first year and then has years: half of the cells at least where one of the names is
 * a known one, else most and in order. A line of data never passes: it begins with its id, or has no such name.
 */
export const isYearHeader = (cells: readonly string[]): boolean => {
  const first = cells.findIndex((cell) => readTitle(cell).kind !== 'word');
  if (first < 1 || !cells.some((cell) => yearOf(cell) !== null)) return false;
  const before = cells.slice(0, first);
  const after = cells.slice(first).filter((cell) => cell.trim() !== '');
  const years = after.map(yearOf).filter((year) => year !== null);
  if (before.some(isKnownTitle)) return years.length >= after.length * 0.5;
  if (before.some(looksNumeric) || !before.some((cell) => /\p{L}/u.test(cell))) return false;
  return years.length >= after.length * 0.6 && ascending(years);
};

/** Columns that are looked at for a known title. */
const LEADING = 5;

/** Years in a row that no line at the top of a file has by chance. */
const RUN = 3;

/** Years of a header in two digits, each one more than the last (or the same, in pairs). */
const isShortRun = (cells: readonly string[]): boolean =>
  cells.every((cell) => /^'?\d\d$/.test(cell.trim())) &&
  cells.every((cell, i) => {
    const step = i === 0 ? 1 : (Number(cell.trim().slice(-2)) - Number(cells[i - 1].trim().slice(-2)) + 100) % 100;
    return step === 1;
  });

/**
 * Whether a line could be a header, believed or not: it has a known title, or so many years in a row, in any spelling.
 * Such a line is never one of data, and a file that has one is not one without a header.
 */
export const looksLikeHeader = (cells: readonly string[], run_length = RUN): boolean => {
  if (cells.slice(0, LEADING).some(isKnownTitle)) return true;
  const distinct = cells.filter((cell, i) => i === 0 || cell.trim() !== cells[i - 1].trim());
  for (let at = 0; at + run_length <= distinct.length; at++) {
    const run = distinct.slice(at, at + run_length);
    const years = run.map(yearOf);
    if (years.every((year, i) => year !== null && (i === 0 || Math.abs(year - years[i - 1]!) === 1))) return true;
  }
  // Two digits are years only where nothing else in the file is.
  if (run_length > RUN) return false;
  return distinct.some((_, at) => at > 0 && at + 10 <= distinct.length && isShortRun(distinct.slice(at, at + 10)));
};
