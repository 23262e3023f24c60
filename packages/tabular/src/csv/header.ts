/** Tells the header line of a table from its titles and from its data. */
import { isMissing } from '../numbers.ts';
import type { CsvRow } from './tokenizer.ts';

const numeric = /^[+-]?(\d+([.,]\d+)?|\d{1,3}([.,\s]\d{3})+([.,]\d+)?)$/;
const temporal = /^(\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})$/;
const isYear = (cell: string): boolean => /^(1[5-9]|20|21)\d\d$/.test(cell);
const isFigure = (cell: string): boolean => numeric.test(cell) || temporal.test(cell);

/** Years of a header go up one by one, each of them once or the same number of times. */
const yearsInSequence = (cells: readonly string[]): boolean => {
  for (let i = 1; i < cells.length; i++) {
    const step = Number(cells[i]) - Number(cells[i - 1]);
    if (step < 0 || step > 10) return false;
  }
  return true;
};

/** The field count that most records have (the larger one of a tie). */
export const usualWidth = (rows: readonly CsvRow[]): number => {
  const counts = new Map<number, number>();
  for (const { fields } of rows) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
  let best = 0;
  for (const [width, count] of counts) {
    const most = counts.get(best) ?? 0;
    if (count > most || (count === most && width > best)) best = width;
  }
  return best;
};

const column = (body: readonly CsvRow[], index: number): string[] =>
  body.map((row) => (row.fields[index] ?? '').trim()).filter((cell) => !isMissing(cell));

/** Whether `cells` name the columns of `body`: they are text or years where the body has figures, and no figure themselves. */
export const isHeader = (cells: readonly string[], body: readonly CsvRow[]): boolean => {
  const names = cells.map((cell) => cell.trim());
  const filled = names.filter((name) => name !== '');
  if (filled.length === 0) return false;
  if (filled.some((name) => isMissing(name))) return false;
  const figures = filled.filter(isFigure);
  if (figures.some((name) => !isYear(name)) || !yearsInSequence(figures)) return false;
  const words = filled.filter((name) => !isFigure(name));
  if (new Set(words).size < words.length * 0.5) return false;
  let contrasts = 0;
  let repeats = 0;
  for (const [index, name] of names.entries()) {
    if (name === '') continue;
    const values = column(body, index);
    if (values.length === 0) continue;
    if (values.includes(name) && !isFigure(name)) repeats++;
    const typed = values.filter(isFigure).length >= values.length * 0.7;
    if (typed && (!isFigure(name) || !values.every(isYear))) contrasts++;
  }
  if (contrasts > 0) return repeats <= contrasts;
  return repeats === 0 && figures.length < filled.length && filled.every((name) => name.length <= 120);
};

/**
 * The header among the first records of a file, or null when the first full record is data already. Titles and nearly
 * empty records before it are passed over.
 */
export const findHeader = (rows: readonly CsvRow[]): CsvRow | null => {
  const width = usualWidth(rows);
  for (const [index, row] of rows.slice(0, 25).entries()) {
    const filled = row.fields.filter((cell) => cell.trim() !== '').length;
    const wide = row.fields.length >= width * 0.7 && filled >= Math.max(1, Math.min(width, row.fields.length) * 0.6);
    if (!wide) continue;
    return isHeader(row.fields, rows.slice(index + 1, index + 101)) ? row : null;
  }
  return null;
};
