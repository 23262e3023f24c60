/** Whether columns that hold nothing part the columns of a file. */
import { usualWidth } from './header.ts';
import type { CsvRow } from './tokenizer.ts';

/** Fewer rows do not say that a column is empty. */
const LEAST_ROWS = 3;

/**
 * Whether columns without a name and without a cell stand before the first one, or part others, two or more on either
 * side: what a spreadsheet writes where a table does not begin in its first column, or stands beside another.
 */
export const standsApart = (rows: readonly CsvRow[]): boolean => {
  const width = usualWidth(rows);
  const records = rows.filter(({ fields, comment }) => !comment && fields.length === width);
  if (records.length < LEAST_ROWS || width < 2) return false;
  const used = Array.from({ length: width }, () => false);
  for (const { fields } of records)
    for (const [column, field] of fields.entries()) if (field.trim() !== '') used[column] = true;
  const first = used.indexOf(true);
  if (first === -1) return false;
  const runs = used
    .map((isUsed) => (isUsed ? 'x' : ' '))
    .join('')
    .trim()
    .split(/ +/);
  return first > 0 || (runs.length > 1 && runs.every((run) => run.length > 1));
};
