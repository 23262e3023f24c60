/** When two cells are the same, also across a change of the column's type. */
import type { Cell, ColumnType } from '../table.ts';

const isMoment = (type: ColumnType): boolean => type === 'date' || type === 'timestamp';

/**
 * The text by which a cell of one type is compared with one of another: 5 is 5.0 and "5", a date its midnight in UTC.
 * Text that writes a value otherwise than we do ("05") is another one.
 */
export const comparedText = (type: ColumnType, other: ColumnType): ((cell: NonNullable<Cell>) => string) =>
  type === 'date' && isMoment(other) && type !== other ? (cell) => `${cell}T00:00:00.000Z` : String;

/** Whether cells of a column are alike; null is like null only, NaN like NaN. */
export const sameCells = (from: ColumnType, to: ColumnType): ((a: Cell, b: Cell) => boolean) => {
  if (from === to) return (a, b) => a === b || (Number.isNaN(a) && Number.isNaN(b));
  const [before, after] = [comparedText(from, to), comparedText(to, from)];
  return (a, b) => (a === null || b === null ? a === b : before(a) === after(b));
};
