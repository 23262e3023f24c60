/**
 * A quote that is never closed goes on to the next stray one, and all records between them would lie in one cell. By
 * the letter of RFC 4180 that is one field; by all other lines of the file it is not. Both readers of CSV ask here.
 */

import { countOf } from './count-of.ts';

/** So many lines that are records of the table's width are no text of one cell. */
const MANY = 4;

const isNumeric = (cell: string): boolean => /^\s*"?[+-]?\d[\d.,]*"?\s*$/.test(cell);

/** Cells of a piece of a line; delimiters do not count in a cell that begins with a quote, until that is closed. */
const cellsOf = (text: string, delimiter: string, quote: string): string[] => {
  if (!text.includes(quote)) return text.split(delimiter);
  const cells = [''];
  let quoted = false;
  for (const character of text) {
    const last = cells.length - 1;
    if (character === quote && (quoted || cells[last] === '')) quoted = !quoted;
    else if (character === delimiter && !quoted) cells.push('');
    else cells[last] += character;
  }
  return cells;
};

/** Whether records have figures in the same columns, in two at least. */
const haveFigures = (records: readonly (readonly string[])[]): boolean => {
  const figures = records[0].map(isNumeric);
  return (
    figures.filter(Boolean).length >= 2 &&
    records.every((cells) => cells.every((cell, index) => isNumeric(cell) === figures[index]))
  );
};

/**
 * Whether the lines that a quoted field spans are records of their own. `before`: the record up to the quote; `inside`:
 * the field; `behind`: the rest of the line on which it ends; `width`: cells of the record before, 0 for none.
 */
export const swallowsLines = (
  { before, inside, behind }: { before: string; inside: string; behind: string },
  { delimiter, quote, width }: { delimiter: string; quote: string; width: number },
): boolean => {
  const lines = inside.split('\n');
  const within = lines.slice(1, -1);
  const whole = within.length > 0 && width > 1 && within.every((line) => countOf(line, delimiter) === width - 1);
  if (whole && (within.length >= MANY || (width > 2 && haveFigures(within.map((line) => line.split(delimiter))))))
    return true;
  if (before.includes('\n')) return false;
  const opened = cellsOf(before, delimiter, quote);
  const first = [...opened.slice(0, -1), ...lines[0].split(delimiter)];
  const lastInside = lines[lines.length - 1].split(delimiter);
  const rest = cellsOf(behind, delimiter, quote);
  const last = [...lastInside.slice(0, -1), lastInside[lastInside.length - 1] + rest[0], ...rest.slice(1)];
  const records = [first, ...within.map((line) => line.split(delimiter)), last];
  // One of the two lines is a whole record, both begin and end with figures, and a quote opens or closes between:
  // `4;"name;12` and then `5;""n;5";15`.
  const opensAgain = inside.includes(delimiter + quote + quote) || inside.includes(quote + quote + delimiter);
  const firstInside = lines[0].split(delimiter);
  const bothGoOn = firstInside.length > 1 && lastInside.length > 1;
  const ends = [first[0], firstInside[firstInside.length - 1], lastInside[0], last[last.length - 1]];
  const isRecord = (cells: readonly string[]): boolean => cells.length === width && width > 2 && haveFigures([cells]);
  if (opensAgain && bothGoOn && ends.every(isNumeric) && (isRecord(first) || isRecord(last))) return true;
  if (first.length < 2 || records.some((cells) => cells.length !== first.length)) return false;
  // Read as one cell, the record is as wide as the one before; read as lines, none of them is.
  if (first.length !== width && opened.length + rest.length - 1 === width) return false;
  if (lines.length >= MANY) return true;
  // Few lines: only where their figures stand in the same columns.
  return haveFigures(records);
};

/** A quoted field that holds as many delimiters as the lines it spans would have was never meant as one field. */
export const swallowsRecords = (field: string, delimiter: string, width: number): boolean => {
  if (!field.includes('\n')) return false;
  return countOf(field, delimiter) === countOf(field, '\n') * (width - 1);
};
