import type { CsvRow } from '@granary/tabular/csv/tokenizer';
import { toIdentifier } from '@granary/tabular/identifier';
import { isMissing } from '@granary/tabular/numbers';
import type { FileKind } from './files.ts';

/** Where the figures of one year stand. */
export type YearColumns = {
  year: number;
  /** Indices of its cells, in the file's order. */
  cells: readonly number[];
  /** Why its figures cannot be told apart; null when the year appears as often as it should. */
  trouble: string | null;
};

export type Layout = {
  /** The file's own header cells, or made up ones. */
  header: readonly string[];
  header_line: number | null;
  control: number | null;
  /** Index of the cell with the product or the country. */
  name: number;
  first_figure: number;
  years: readonly YearColumns[];
  /** Columns that the normal form has no place for. */
  others: readonly number[];
  notes: readonly string[];
};

export const FIRST_YEAR = 1970;
/** A file without a header is only believed with so many years: any other table could be mistaken for one. */
const HEADLESS_YEARS = 40;
/** Lines at the top among which the header is looked for. */
const HEADER_WITHIN = 25;

const yearOf = (cell: string): number | null => (/^(19|20)\d\d$/.test(cell.trim()) ? Number(cell.trim()) : null);

/** A cell that could be a figure, however it is written, or an id. */
export const looksNumeric = (cell: string): boolean => /^[+-]?\d[\d.,\s]*$/.test(cell.trim());

/** Upwards or downwards, equal years beside each other. */
const inOrder = (years: readonly number[]): boolean =>
  years.every((year, i) => i === 0 || year >= years[i - 1]) ||
  years.every((year, i) => i === 0 || year <= years[i - 1]);

/**
 * A header names columns before the first year and then has years: in order in most of its cells, or in any order in all of
 * them. A line of data never passes: it begins with its id.
 */
export const isYearHeader = (cells: readonly string[]): boolean => {
  const first = cells.findIndex((cell) => yearOf(cell) !== null);
  if (first < 1) return false;
  const before = cells.slice(0, first);
  if (before.some(looksNumeric) || before.every((cell) => cell.trim() === '')) return false;
  const after = cells.slice(first).filter((cell) => cell.trim() !== '');
  const years = after.map(yearOf).filter((year) => year !== null);
  return years.length === after.length || (years.length >= after.length * 0.6 && inOrder(years));
};

const NAMES = /^(produto|produtos|product|cultivar|cultivares|pais|paises|country|nome)$/;

const gapsOf = (years: readonly number[]): string[] => {
  const gaps: number[] = [];
  const known = new Set(years);
  for (let year = Math.min(...years); year < Math.max(...years); year++) if (!known.has(year)) gaps.push(year);
  return gaps.length > 0 ? [`The series has a gap: no column for ${gaps.join(', ')}.`] : [];
};

const yearColumns = (columns: readonly { index: number; year: number }[], kind: FileKind): YearColumns[] => {
  const wanted = kind === 'trade' ? 2 : 1;
  const byYear = Map.groupBy(columns, ({ year }) => year);
  return [...byYear].map(([year, found]) => ({
    year,
    cells: found.map(({ index }) => index),
    trouble:
      found.length === wanted
        ? null
        : `the year ${year} appears ${found.length} times instead of ${wanted === 1 ? 'once' : 'twice'}`,
  }));
};

/** Where the columns before the first year are, -1 for one that is not there. `name` is the product's or the country's. */
export const leadingColumns = (cells: readonly string[], kind: FileKind) => {
  const names = cells.map(toIdentifier);
  const control = kind === 'trade' ? -1 : names.findIndex((name) => name.startsWith('control'));
  const known = names.findIndex((name) => NAMES.test(name));
  const name = known >= 0 ? known : names.findLastIndex((text, i) => i !== control && text !== 'id' && text !== '');
  return { names, control, name };
};

const fromHeader = (row: CsvRow, kind: FileKind): Layout | string => {
  const cells = row.fields;
  const columns = cells.flatMap((cell, index) => {
    const year = yearOf(cell);
    return year === null ? [] : [{ index, year }];
  });
  const first = columns[0].index;
  const { names, control, name } = leadingColumns(cells.slice(0, first), kind);
  if (name < 0) return `The header "${cells.slice(0, first).join(' ')}" names no column of products or countries.`;
  const years = yearColumns(columns, kind);
  const placed = new Set([control, name, names.indexOf('id'), ...columns.map(({ index }) => index)]);
  const others = cells.flatMap((_, index) => (placed.has(index) ? [] : [index]));
  const named = others.filter((index) => cells[index].trim() !== '');
  return {
    header: cells,
    header_line: row.line,
    control: control < 0 ? null : control,
    name,
    first_figure: first,
    years,
    others,
    notes: [
      ...gapsOf(years.map(({ year }) => year)),
      ...years.flatMap(({ trouble }) => (trouble ? [`In the header ${trouble}; its figures are in quarantine.`] : [])),
      ...named.map(
        (index) =>
          `Column ${index + 1} ("${cells[index].trim()}") is not part of the series; what it holds is in quarantine.`,
      ),
    ],
  };
};

/** Leading columns of text, by what most of the rows have there. */
const isText = (rows: readonly CsvRow[], index: number): boolean => {
  const filled = rows.map((row) => row.fields[index]).filter((cell) => cell !== undefined && !isMissing(cell));
  return filled.length > 0 && filled.filter((cell) => /\p{L}/u.test(cell)).length > filled.length / 2;
};

const withoutHeader = (rows: readonly CsvRow[], kind: FileKind, latest: number): Layout | string => {
  const no = 'The file has no header with years';
  const widths = Map.groupBy(rows, ({ fields }) => fields.length);
  const [width, usual] = [...widths].reduce((a, b) => (b[1].length > a[1].length ? b : a));
  let first = 0;
  for (let i = 0; i < 4 && i < width; i++) if (isText(usual, i)) first = i + 1;
  const perYear = kind === 'trade' ? 2 : 1;
  const years = (width - first) / perYear;
  if (first === 0 || years < HEADLESS_YEARS) return `${no}, and its lines are no series since ${FIRST_YEAR}.`;
  const figures = rows[0].fields.slice(first);
  const odd = figures.filter((cell) => !isMissing(cell) && !looksNumeric(cell));
  if (odd.length > figures.length / 5) return `${no}, and its first line is not one of figures.`;
  if (!Number.isInteger(years))
    return `${no}, and its ${width - first} figures a line are no pairs of quantity and value.`;
  const last = FIRST_YEAR + years - 1;
  if (last > latest)
    return `${no}; counted from ${FIRST_YEAR} its ${years} years would reach ${last}, which is still to come.`;
  const leading = Array.from({ length: first }, (_, i) => i);
  const texts = leading.filter((i) => isText(usual, i));
  const control = kind === 'production' && texts.length > 1 ? texts[0] : null;
  const name = texts[texts.length - 1];
  const columns = Array.from({ length: width - first }, (_, i) => ({
    index: first + i,
    year: FIRST_YEAR + Math.floor(i / perYear),
  }));
  const titles = leading.map((i) =>
    i === name
      ? kind === 'trade'
        ? 'pais'
        : 'produto'
      : i === control
        ? 'control'
        : i === 0
          ? 'id'
          : `column_${i + 1}`,
  );
  const placed = new Set([0, control, name]);
  return {
    header: [...titles, ...columns.map(({ year }) => String(year))],
    header_line: null,
    control,
    name,
    first_figure: first,
    years: yearColumns(columns, kind),
    others: leading.filter((i) => !placed.has(i)),
    notes: [
      `The file has no header: columns were told by what they hold, years counted from ${FIRST_YEAR} to ${last}.`,
    ],
  };
};

/**
 * Finds out what the columns hold. `latest`: no year of the file can be later. The text answer is the reason why the lines
 * are not a series of years at all.
 */
export const findLayout = (rows: readonly CsvRow[], kind: FileKind, latest: number): Layout | string => {
  const filled = rows.filter((row) => row.fields.some((cell) => cell.trim() !== ''));
  if (filled.length === 0) return 'The file has no lines.';
  const header = filled.slice(0, HEADER_WITHIN).find((row) => isYearHeader(row.fields));
  return header ? fromHeader(header, kind) : withoutHeader(filled, kind, latest);
};
