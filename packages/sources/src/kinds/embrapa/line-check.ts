import type { CsvRow } from '@granary/tabular/csv/tokenizer';
import { isMissing, WIDE_MISSING_MARKERS } from '@granary/tabular/numbers';
import type { Layout } from './layout.ts';
import { spoiltName } from './names.ts';
import { prefixOf } from './sections.ts';

/** No figure of the source comes near so many digits before its decimals: two cells have become one. */
const LONGEST_FIGURE = 10;

const GROUPED = /^\d{1,3}([., \u00a0]\d{3})+([.,]\d+)?$/;

const wholeDigits = (cell: string): number => {
  const text = cell.trim();
  const decimals = /[.,]\d+$/.exec(text);
  const whole = decimals && !(GROUPED.test(text) && decimals[0].length === 4) ? text.slice(0, decimals.index) : text;
  return whole.replace(/\D/g, '').length;
};

const isWord = (cell: string): boolean => /\p{L}/u.test(cell) && !isMissing(cell, WIDE_MISSING_MARKERS);

const misplaced = ({ fields }: CsvRow, layout: Layout): string | null => {
  const { header, titled, width, name, first_figure } = layout;
  if (fields.length !== width) return `the line has ${fields.length} cells where the header has ${titled}`;
  if (fields.slice(titled).some((cell) => cell.trim() !== ''))
    return `the line has more cells than the ${titled} that the header has titles for`;
  if (layout.others.some((index) => (header[index] ?? '').trim() === '' && fields[index].trim() !== ''))
    return 'the line has a value in a column without a title, so its cells may have moved';
  if (layout.loose_ends && width === titled && fields[width - 1].trim() === '')
    return 'the line ends in a blank cell where others end in a delimiter too many, so its cells may have moved';
  if (layout.id !== null && isWord(fields[layout.id])) return `"${fields[layout.id]}" stands where the id should`;
  if (!/\p{L}/u.test(fields[name])) return 'the line has figures but no name';
  if (isWord(fields[first_figure]))
    return `"${fields[first_figure]}" stands where the figures begin, so they may have moved by a cell`;
  return null;
};

/**
 * Why nothing of a line can be trusted; null when its cells stand where the header says and its name is one.
 */
export const whatIsWrong = (row: CsvRow, layout: Layout): string | null => {
  const { fields } = row;
  const moved = misplaced(row, layout);
  if (moved) return moved;
  if (row.raw.includes('\ufffd'))
    return 'a character of the line was lost before it was published (U+FFFD stands in its place)';
  if (fields.some((cell) => /[\r\n]/.test(cell))) return 'a quoted cell runs over several lines';
  const name = fields[layout.name];
  const control = layout.control === null ? null : fields[layout.control];
  for (const text of [name, control ?? '']) {
    const spoilt = spoiltName(text);
    if (spoilt) return `"${text}" ${spoilt}`;
  }
  if (prefixOf(name.trim()) !== null) return `"${name}" is a code, where the name should be`;
  const figures = fields.slice(layout.first_figure, layout.titled);
  const long = figures.find((cell) => wholeDigits(cell) > LONGEST_FIGURE && !isWord(cell));
  if (long !== undefined) return `"${long}" is longer than any figure: two cells may have become one`;
  if (layout.years.every(({ cells }) => cells.every((index) => fields[index].trim() === '')))
    return 'the line has a name and no figures';
  return null;
};
