/** Columns that hold nothing part the others: into tables that stand side by side, or only for the eye. */
import { isMissing, WIDE_MISSING_MARKERS } from '../numbers.ts';
import { isFigure, usualWidth } from './header.ts';
import type { CsvRow } from './tokenizer.ts';

/** Columns from the first to the last one, from 0, all of which hold something. */
export type ColumnRun = { first: number; last: number };

const isYearOrDay = (cell: string): boolean => /^(1[5-9]|2[01])\d\d(-\d\d-\d\d)?$/.test(cell);

/** Whether the rows say in one of the columns what they are about: by words, though few, or by years or days. */
const hasLabels = ({ first, last }: ColumnRun, rows: readonly (readonly string[])[]): boolean => {
  for (let column = first; column <= last; column++) {
    const cells = rows
      .map((row) => (row[column] ?? '').trim())
      .filter((cell) => !isMissing(cell, WIDE_MISSING_MARKERS));
    if (cells.some((cell) => !isFigure(cell)) || (cells.length > 0 && cells.every(isYearOrDay))) return true;
  }
  return false;
};

/** Of nearly all tables the first rows say it. */
const usedColumns = (rows: readonly (readonly string[])[], width: number): boolean[] => {
  const used = Array.from({ length: width }, () => false);
  let unused = width;
  for (const cells of rows) {
    for (let column = 0; column < cells.length; column++) {
      if (used[column] || cells[column]!.trim() === '') continue;
      used[column] = true;
      unused--;
    }
    if (unused === 0) break;
  }
  return used;
};

/**
 * The columns of each table among rows of a page: of one, unless all runs of columns have two columns or more, and a
 * column that says what the rows are about; figures alone belong to the table before them. `header`: rows above `rows`.
 */
export const tablesOfColumns = (
  rows: readonly (readonly string[])[],
  header: readonly (readonly string[])[],
): ColumnRun[] => {
  const all = [...header, ...rows];
  const width = all.reduce((most, cells) => Math.max(most, cells.length), 0);
  const used = usedColumns(all, width);
  const runs: ColumnRun[] = [];
  for (const [column, isUsed] of used.entries()) {
    if (!isUsed) continue;
    const run = runs.at(-1);
    if (run && run.last === column - 1) run.last = column;
    else runs.push({ first: column, last: column });
  }
  if (runs.length > 1 && runs.every((run) => run.last > run.first && hasLabels(run, rows))) return runs;
  return runs.length === 0 ? [] : [{ first: runs[0]!.first, last: runs.at(-1)!.last }];
};

/** Fewer rows do not say that a column is empty. */
const LEAST_ROWS = 3;
/** Of nearly all files these use all columns. */
const FIRST_ROWS = 100;

/** Whether a file of CSV holds tables side by side, or one that does not begin in the first column. */
export const standsApart = (rows: readonly CsvRow[]): boolean => {
  const width = usualWidth(rows);
  const first = rows.slice(0, FIRST_ROWS).filter(({ fields }) => fields.length === width);
  if (
    usedColumns(
      first.map(({ fields }) => fields),
      width,
    ).every(Boolean)
  )
    return false;
  const records = rows.filter(({ fields, comment }) => !comment && fields.length === width);
  if (records.length < LEAST_ROWS || width < 2) return false;
  const cells = records.map(({ fields }) => fields);
  const tables = tablesOfColumns(cells.slice(1), cells.slice(0, 1));
  return tables.length > 1 || (tables[0]?.first ?? 0) > 0;
};
