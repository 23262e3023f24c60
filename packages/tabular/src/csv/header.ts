/** Tells the header line of a table from its titles and from its data: by its contrast to the lines below it. */
import { isMissing, plainFigure } from '../numbers.ts';
import type { CsvRow } from './tokenizer.ts';

const numeric = /^[+-]?(\d+([.,]\d+)?|\d{1,3}([.,\s']\d{3})+([.,]\d+)?|\d+([.,]\d+)?e[+-]?\d+)$/i;
const temporal = /^(\d{4}-\d\d(-\d\d([T ]\d\d:\d\d.*)?)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})$/;
/** Also as pandas writes years: `1970.0`, and `1970.1` where it stands twice. */
const isYear = (cell: string): boolean => /^(1[5-9]|2[01])\d\d([.,]\d)?$/.test(cell);
/** Most cells that are asked about are words, which their first sign tells: of ASCII, figures begin with few. */
export const beginsAsWord = (cell: string): boolean => {
  const code = cell.charCodeAt(0);
  return code < 128 && (code < 48 || code > 57) && code !== 43 && code !== 45;
};
/** `12`, `-1.5`, `3,25`: what most figures look like, told without a regular expression. */
const isPlainNumber = (cell: string): boolean => {
  let at = cell.charCodeAt(0) === 45 ? 1 : 0;
  let digits = 0;
  let mark = -1;
  for (; at < cell.length; at++) {
    const code = cell.charCodeAt(at);
    if (code > 47 && code < 58) digits++;
    else if ((code === 44 || code === 46) && mark === -1 && digits > 0) mark = at;
    else return false;
  }
  return digits > 0 && mark !== cell.length - 1;
};
export const isFigure = (cell: string): boolean =>
  !beginsAsWord(cell) && (isPlainNumber(cell) || temporal.test(cell) || numeric.test(plainFigure(cell)));

/** So many lines say what a column holds; what is unlike all of them is a title. */
const LONG = 10;

/** The field count that most records have (the larger one of a tie). */
export const usualWidth = (rows: readonly { fields: readonly string[] }[]): number => {
  const counts = new Map<number, number>();
  for (const { fields } of rows) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
  let best = 0;
  for (const [width, count] of counts) {
    const most = counts.get(best) ?? 0;
    if (count > most || (count === most && width > best)) best = width;
  }
  return best;
};

export const filledCells = (cells: readonly string[]): string[] =>
  cells.map((cell) => cell.trim()).filter((cell) => cell !== '');

/** Whether so many cells, or more, hold something. */
export const hasFilled = (cells: readonly string[], least: number): boolean => {
  let filled = 0;
  for (let index = 0; index < cells.length && filled < least; index++) if (cells[index]!.trim() !== '') filled++;
  return filled >= least;
};

const column = (body: readonly CsvRow[], index: number): string[] => {
  const values: string[] = [];
  for (const { fields } of body) {
    const cell = fields[index]?.trim() ?? '';
    if (!isMissing(cell)) values.push(cell);
  }
  return values;
};

/** Whether seven of ten cells, or more, are figures: looks at no more of them than it takes to tell. */
const areMostlyFigures = (cells: readonly string[]): boolean => {
  const least = cells.length * 0.7;
  let figures = 0;
  for (let index = 0; index < cells.length && figures + cells.length - index >= least; index++)
    if (isFigure(cells[index]!)) figures++;
  return figures >= least;
};

/** Three whole numbers or more that go up or down by the same step: months, ranks, years. */
const inSteps = (figures: readonly string[]): boolean => {
  const step = Number(figures[1]) - Number(figures[0]);
  if (figures.length < 3 || step === 0) return false;
  return figures.every((cell, i) => /^\d+$/.test(cell) && (i === 0 || Number(cell) - Number(figures[i - 1]) === step));
};
const areYears = (figures: readonly string[]): boolean => figures.every(isYear);
const areDates = (figures: readonly string[]): boolean => figures.every((cell) => temporal.test(cell));

/** Whether the figures of a line are of a kind that those of the lines below it are not. */
const stand = (
  figures: readonly string[],
  body: readonly CsvRow[],
  isKind: (figures: readonly string[]) => boolean,
): boolean => {
  if (figures.length === 0 || !isKind(figures)) return false;
  const alike = body.filter((row) => {
    const cells = filledCells(row.fields).filter(isFigure);
    return cells.length > 0 && isKind(cells);
  });
  return alike.length <= body.length * 0.1;
};

/** `sure`: nothing speaks for the other answer. */
export type Judgement = { header: boolean; sure: boolean };

/** How many columns a line is unlike in, and like. */
export type Contrast = { contrasts: number; alike: number; repeats: number; apart: number };

/**
 * Compares a line with those below it. `contrasts`: columns of figures above which it has a word, or a year; `alike`:
 * where it has a figure as they have; `repeats`: words that the column has too; `apart`: words that a column of few
 * different words has not.
 */
export const contrastOf = (cells: readonly string[], body: readonly CsvRow[]): Contrast => {
  const names = cells.map((cell) => cell.trim());
  const figures = names.filter(isFigure);
  const steps = stand(figures, body, inSteps);
  const titles = steps || stand(figures, body, areYears) || stand(figures, body, areDates);
  const contrast = { contrasts: 0, alike: 0, repeats: 0, apart: 0 };
  for (const [index, name] of names.entries()) {
    // A marker of missing figures in a line of data, `ND` or `NC` in one of titles: it tells nothing.
    if (name === '' || isMissing(name)) continue;
    const values = column(body, index);
    if (isFigure(name) && !titles) contrast.alike++;
    if (values.length === 0) continue;
    const typed = areMostlyFigures(values);
    if (isFigure(name)) {
      if (titles && typed) contrast[!steps && values.every(isYear) ? 'alike' : 'contrasts']++;
    } else if (values.includes(name)) contrast.repeats++;
    else if (typed) contrast.contrasts++;
    else if (values.length >= LONG && new Set(values).size <= values.length / 2) contrast.apart++;
  }
  return contrast;
};

/**
 * Whether `cells` name the columns of `body`. A line that is unlike a long and even body is a header, whatever else
 * speaks against it.
 */
export const judgeHeader = (
  cells: readonly string[],
  body: readonly CsvRow[],
  contrast: Contrast = contrastOf(cells, body),
): Judgement => {
  const filled = filledCells(cells);
  if (filled.length === 0) return { header: false, sure: true };
  const { contrasts, alike, repeats, apart } = contrast;
  const even = body.filter((row) => row.fields.length === cells.length).length >= body.length * 0.9;
  const long = body.length >= LONG && even;
  const markers = filled.filter((name) => isMissing(name)).length;
  if (contrasts > 0) {
    if (alike > 0) return { header: long && contrasts > alike && repeats === 0, sure: !long };
    if (markers > 0 && !long) return { header: contrasts > markers && repeats === 0, sure: contrasts > markers };
    return { header: repeats <= contrasts, sure: repeats === 0 };
  }
  if (alike > 0 || repeats > 0) return { header: false, sure: true };
  // Nothing but text: a header unless it looks like a line of data itself.
  const figures = filled.filter(isFigure).length;
  const short = filled.every((name) => name.length <= 120);
  const distinct = new Set(filled).size >= filled.length * 0.5;
  const header = figures < filled.length && (long ? markers < filled.length : markers === 0 && short && distinct);
  return { header, sure: !long || apart > 0 };
};

export type FoundHeader = { row: CsvRow | null; sure: boolean };

/**
 * The header among the first records of a file, or null when the first full record is data already. Titles and nearly
 * empty records before it are passed over.
 */
export const findHeader = (rows: readonly CsvRow[]): FoundHeader => {
  const records = rows.filter(({ comment }) => !comment);
  const width = usualWidth(records);
  for (const [index, row] of records.slice(0, 25).entries()) {
    const filled = filledCells(row.fields).length;
    const wide = row.fields.length >= width * 0.7 && filled >= Math.max(1, Math.min(width, row.fields.length) * 0.6);
    if (!wide) continue;
    const { header, sure } = judgeHeader(row.fields, records.slice(index + 1, index + 101));
    return { row: header ? row : null, sure };
  }
  return { row: null, sure: true };
};
