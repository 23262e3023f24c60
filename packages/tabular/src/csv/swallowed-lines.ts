/**
 * A quote that is never closed goes on to the next stray one, and all records between them would lie in one cell. By the letter of RFC
 * 4180 that is one field; by all other lines of the file it is not. Both readers of CSV ask here.
 */

/** So many lines that are records of the table's width are no text of one cell. */
const MANY = 4;

const countOf = (text: string, mark: string): number => text.split(mark).length - 1;
const isNumeric = (cell: string): boolean => /^\s*"?[+-]?\d[\d.,]*"?\s*$/.test(cell);

/** Cells of what follows a closing quote on its line; delimiters within further quotes do not count. */
const cellsBehind = (text: string, delimiter: string, quote: string): string[] => {
  const cells = [''];
  let quoted = false;
  for (const character of text) {
    if (character === quote) quoted = !quoted;
    else if (character === delimiter && !quoted) cells.push('');
    else cells[cells.length - 1] += character;
  }
  return cells;
};

/**
 * Whether the lines that a quoted field spans are records of their own. `before`: the record up to the quote; `inside`: the field; `behind`: the
 * rest of the line on which it ends; `width`: cells of the record before, 0 for none.
 */
export const swallowsLines = (
  { before, inside, behind }: { before: string; inside: string; behind: string },
  { delimiter, quote, width }: { delimiter: string; quote: string; width: number },
): boolean => {
  const lines = inside.split('\n');
  const within = lines.slice(1, -1);
  if (within.length >= MANY && width > 1 && within.every((line) => countOf(line, delimiter) === width - 1)) return true;
  if (before.includes('\n')) return false;
  const first = [...cellsBehind(before, delimiter, quote).slice(0, -1), ...lines[0].split(delimiter)];
  const lastInside = lines[lines.length - 1].split(delimiter);
  const rest = cellsBehind(behind, delimiter, quote);
  const last = [...lastInside.slice(0, -1), lastInside[lastInside.length - 1] + rest[0], ...rest.slice(1)];
  const records = [first, ...within.map((line) => line.split(delimiter)), last];
  if (first.length < 2 || records.some((cells) => cells.length !== first.length)) return false;
  if (lines.length >= MANY) return true;
  // Few lines: only where their figures stand in the same columns, at least two.
  const figures = first.map(isNumeric);
  const alike = records.every((cells) => cells.every((cell, index) => isNumeric(cell) === figures[index]));
  return alike && figures.filter(Boolean).length >= 2;
};
