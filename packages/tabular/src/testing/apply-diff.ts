/** What a diff is for: with it the older table becomes the newer one. */
import type { Change } from '../diff/diff-tables.ts';
import { writeReference } from '../diff/row-reference.ts';
import type { Cell, ColumnType, Field } from '../table.ts';

export type PlainTable = { fields: readonly Field[]; key: readonly string[]; rows: readonly (readonly Cell[])[] };

/** A cell that did not change, in the type that its column has now. */
const retyped = (cell: Cell, from: ColumnType, to: ColumnType): Cell => {
  if (cell === null || from === to) return cell;
  const text = from === 'date' && to === 'timestamp' ? `${cell}T00:00:00.000Z` : String(cell);
  if (to === 'boolean') return text === 'true';
  if (to === 'int64') return BigInt(text);
  if (to === 'int32' || to === 'double') return Number(text);
  return to === 'date' ? text.slice(0, 10) : text;
};

/**
 * The rows of the newer table, whose schema is `to`; `line` and `processing_date` of rows that stayed are the older
 * ones.
 */
export const applyDiff = (from: PlainTable, to: Omit<PlainTable, 'rows'>, changes: readonly Change[]): Cell[][] => {
  const rows = new Map<string, (name: string) => Cell>();
  const typeOf = new Map(from.fields.map(({ name, type }) => [name, type]));
  for (const [index, row] of from.rows.entries()) {
    const old = new Map(from.fields.map(({ name }, column) => [name, row[column]]));
    const cell = (name: string): Cell => old.get(name) ?? null;
    rows.set(writeReference(from.key, cell, index + 1), cell);
  }
  const known = (reference: string) => {
    const cell = rows.get(reference);
    if (!cell) throw new RangeError(`the diff names a row that is not there: ${reference}`);
    return cell;
  };
  const added: Cell[][] = [];
  const overrides = new Map<string, Readonly<Record<string, readonly [Cell, Cell]>>>();
  for (const change of changes) {
    if (change.op === 'add') added.push(to.fields.map(({ name }) => change.row[name]));
    else if (change.op === 'remove') {
      known(change.at.from);
      rows.delete(change.at.from);
    } else {
      known(change.at.from);
      overrides.set(change.at.from, change.cells);
    }
  }
  const kept = [...rows].map(([reference, cell]) =>
    to.fields.map(({ name, type }) => {
      const changed = overrides.get(reference)?.[name];
      return changed ? changed[1] : retyped(cell(name), typeOf.get(name) ?? type, type);
    }),
  );
  return [...kept, ...added];
};
