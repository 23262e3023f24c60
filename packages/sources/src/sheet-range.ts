import { RefusedContent } from '@granary/domain/errors';
import type { Sheet } from '@granary/tabular/grid/sheets';

/** Which part of a workbook is meant. `range`: such as `B3:F90`. */
export type SheetRange = { sheet?: string; range?: string };

export const RANGE = /^([A-Z]{1,3})([1-9]\d{0,6}):([A-Z]{1,3})([1-9]\d{0,6})$/;

const columnOf = (letters: string): number =>
  [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;

/** The declared sheet, and of each only the cells in the declared range. Throws RefusedContent where there is none. */
export const sheetsIn = (sheets: readonly Sheet[], { sheet: name, range }: SheetRange): readonly Sheet[] => {
  const wanted = name === undefined ? sheets : sheets.filter((sheet) => sheet.name === name);
  if (wanted.length === 0)
    throw new RefusedContent(
      `The workbook has no sheet '${name}' that is shown; there are ${sheets.map((sheet) => `'${sheet.name}'`).join(', ')}.`,
    );
  return range === undefined ? wanted : wanted.map((sheet) => cut(sheet, range));
};

const cut = (sheet: Sheet, range: string): Sheet => {
  const [, left, top, right, bottom] = RANGE.exec(range)!;
  const [first, last] = [columnOf(left!), columnOf(right!)];
  const isIn = (row: number): boolean => row >= Number(top) && row <= Number(bottom);
  const { rows, spans = [] } = sheet.grid;
  return {
    ...sheet,
    grid: {
      rows: rows.flatMap(({ row, cells }) => (isIn(row) ? [{ row, cells: cells.slice(first, last + 1) }] : [])),
      spans: spans
        .filter(({ row, column }) => isIn(row) && column >= first && column <= last)
        .map((span) => ({
          ...span,
          column: span.column - first,
          columns: Math.min(span.columns, last + 1 - span.column),
        })),
    },
  };
};
