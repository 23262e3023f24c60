/** Cells in rows and columns, as a sheet of a workbook or an HTML table has them. */

/** A day, or a moment without a zone, as ISO 8601 text; `time` where it has a time of day. */
export type GridDate = { iso: string; time: boolean };
/** Text as it stands; what the file itself says is a figure, a truth value or a date; null where there is nothing. */
export type GridCell = string | number | boolean | GridDate | null;

/** `row`: its number in the file, from 1. Cells behind the last one are null. */
export type GridRow = { row: number; cells: readonly GridCell[] };

/** Cells that are one on the page, such as a title over several columns: first and last ones, from 0. */
export type CellSpan = { row: number; rows: number; column: number; columns: number };

/**
 * Rows in their order; those that are empty may be left out. `spans` by numbers of rows, as `row` counts them. `heads`:
 * the first rows, where the file itself says that they name the columns; then it is one table.
 */
export type Grid = { rows: readonly GridRow[]; spans?: readonly CellSpan[]; heads?: readonly number[] };

export const isDate = (cell: GridCell): cell is GridDate => typeof cell === 'object' && cell !== null;

/** Without an exponent, which among whole figures would be taken for a code. */
export const figureText = (value: number): string => {
  const size = Math.abs(value);
  const text = String(value);
  if (size === 0 || (size >= 1e-6 && size < 1e21)) return text;
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign, whole, decimals = '', exponent] = match;
  const digits = `${whole}${decimals}`;
  const power = Number(exponent);
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`;
  return `${sign}${digits.padEnd(power + 1, '0')}`;
};

/** What a cell is in text; empty where there is nothing. */
export const textOf = (cell: GridCell | undefined): string => {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return figureText(cell);
  return typeof cell === 'boolean' ? String(cell) : cell.iso;
};

/**
 * The same with what the file says only once, because it covers several rows or columns: a cell that goes down over
 * rows of a column stands in each of them. One that goes to the right does so only where `across` says so.
 */
export const filled = ({ rows, spans = [] }: Grid, across: (span: CellSpan) => boolean): readonly GridRow[] => {
  if (spans.length === 0) return rows;
  const cells = new Map(rows.map((one) => [one.row, one]));
  const written = new Map<number, GridCell[]>();
  const cellsAt = (row: number): GridCell[] => {
    let copy = written.get(row);
    if (!copy) {
      copy = [...(cells.get(row)?.cells ?? [])];
      written.set(row, copy);
    }
    return copy;
  };
  for (const span of spans) {
    const value = cells.get(span.row)?.cells[span.column] ?? null;
    if (value === null || (span.columns > 1 && !across(span))) continue;
    for (let row = span.row; row < span.row + span.rows; row++) {
      if (!cells.has(row)) continue;
      const target = cellsAt(row);
      for (let column = span.column; column < span.column + span.columns; column++) {
        while (target.length <= column) target.push(null);
        target[column] ??= value;
      }
    }
  }
  return rows.map((one) => ({ row: one.row, cells: written.get(one.row) ?? one.cells }));
};
