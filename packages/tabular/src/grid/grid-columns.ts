/** What the cells of a column are, where some of them are text that looks like figures. */

import { type UnitOfColumn, unitOfCells } from '../csv/column-forms.ts';
import { type ColumnMarks, sniffMarks } from '../csv/decimal-marks.ts';
import { isMissing, type NumberMarks, parseNumber, plainFigure, WIDE_MISSING_MARKERS } from '../numbers.ts';
import { splitUnit } from '../units.ts';
import { figureText, type GridCell, type GridRow, isDate, textOf } from './grid.ts';

/**
 * How a column is written as CSV. `text`: each cell as it stands, and the column is one of text whatever it looks like,
 * for the reason. `figures`: text is read by these marks, and `unit` is what it is written with. `time`: its dates have
 * a time of day.
 */
export type GridColumn = { text?: string; figures?: ColumnMarks; unit?: UnitOfColumn; time: boolean };

/** Text that has digits and marks of figures only. */
const LIKE_FIGURE = /^[+-]?\d[\d.,\s']*\d-?$/;
const hasMarks = (text: string): boolean => LIKE_FIGURE.test(plainFigure(text)) && /[.,\s']/.test(text);

/**
 * Figures that are written as text are read only where all text of the column can be, by marks that the text itself
 * shows: figures of the file say nothing about how people write theirs. `declared`: marks that somebody says they have.
 */
export const columnsOfGrid = (
  rows: readonly GridRow[],
  width: number,
  missing: ReadonlySet<string> = WIDE_MISSING_MARKERS,
  declared?: NumberMarks,
): GridColumn[] =>
  Array.from({ length: width }, (_, index): GridColumn => {
    let time = false;
    const texts: string[] = [];
    const numbers: number[] = [];
    for (const { cells } of rows) {
      const cell = cells[index] ?? null;
      if (typeof cell === 'number') numbers.push(cell);
      else if (typeof cell !== 'string') time ||= isDate(cell) && cell.time;
      else if (!isMissing(cell, missing)) texts.push(cell);
    }
    if (texts.length === 0) return { time };
    const unit = unitOfCells([...texts, ...numbers.map(String)]);
    if (unit?.mixed) return { time, text: `its figures are written with ${unit.mixed.join(', and with ')}` };
    const figures = unit ? texts.map((text) => splitUnit(text)!.figure) : texts;
    const marked = figures.map((text) => text.trim()).filter((text) => unit !== undefined || hasMarks(text));
    if (marked.length === 0) return { time };
    const marks: ColumnMarks = declared
      ? { ...declared, lone: '', unsure: null }
      : sniffMarks(
          marked.map((text) => ({ fields: [text] })),
          1,
        ).columns[0]!;
    const readable = figures.every((text) => parseNumber(plainFigure(text), marks) !== undefined);
    if (!readable) return { time, text: '' };
    if (marks.unsure === null) return { time, figures: marks, ...(unit && { unit }) };
    const example = marked.find((text) => text.includes(marks.unsure!));
    return { time, text: `"${example}" may mean thousands or decimals` };
  });

/** A cell as CSV has it: figures and dates in one form, text as it stands. */
export const cellOf = (cell: GridCell | undefined, { figures, unit, time, text }: GridColumn): string => {
  if (cell === null || cell === undefined) return '';
  if (isDate(cell)) return time && !cell.time ? `${cell.iso}T00:00:00` : cell.iso;
  if (typeof cell === 'string' && figures && text === undefined) {
    const value = parseNumber(plainFigure((unit && splitUnit(cell)?.figure) ?? cell), figures);
    return value === undefined ? cell : figureText(value);
  }
  return textOf(cell);
};
