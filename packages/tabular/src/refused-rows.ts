/** Typed rows that a table cannot take, as entries of its quarantine. */
import { cellAt } from './cells.ts';
import type { Batch, Cell, Column, QuarantineEntry, Schema } from './table.ts';

/** A value as it is written in a sentence. */
export const shownCell = (cell: Cell): string =>
  cell === null ? 'null' : typeof cell === 'string' ? JSON.stringify(cell) : String(cell);

export type Refuse = (columns: readonly Column[], row: number, column: string, reason: string) => void;

export const refusing = ({ fields }: Schema, onQuarantine: (entry: QuarantineEntry) => void): Refuse => {
  const lineField = fields.findIndex(({ name }) => name === 'line');
  return (columns, row, column, reason) => {
    const cells = columns.map((each) => cellAt(each, row));
    const line = lineField === -1 ? 0 : Number(cells[lineField] ?? 0);
    const raw = cells.map((cell) => (cell === null ? '' : shownCell(cell))).join(',');
    onQuarantine({ line, column, positions: [], raw, reason, rows: 1 });
  };
};

/** The rows without a null where the field may not be null, others refused; null when that is all of them. */
export const rowsWithoutForbiddenNulls = (
  { rows, columns }: Batch,
  { fields }: Schema,
  refuse: Refuse,
): Uint32Array | null => {
  const refused = new Map<number, string>();
  for (const [index, { name, nullable }] of fields.entries()) {
    const valid = columns[index].valid;
    if (nullable || !valid) continue;
    for (let row = 0; row < rows; row++) if (valid[row] === 0 && !refused.has(row)) refused.set(row, name);
  }
  if (refused.size === 0) return null;
  const kept = new Uint32Array(rows - refused.size);
  for (let row = 0, to = 0; row < rows; row++) {
    const name = refused.get(row);
    if (name === undefined) kept[to++] = row;
    else refuse(columns, row, name, `${name} has no value, and must have one`);
  }
  return kept;
};
