/** What changed from one table to another, row by row and cell by cell. */
import type { Cell } from '../table.ts';
import { blocksOf, cellOf, type Row } from './blocks.ts';
import type { DiffTable } from './diff-table.ts';
import { makeMatcher } from './match-rows.ts';
import { type DiffPlan, planDiff } from './plan-diff.ts';
import { writeReference } from './row-reference.ts';

type RowObject = Readonly<Record<string, Cell>>;

/**
 * `key`: the row's values in the columns that rows are matched by. `at`: its reference ({@link ./row-reference.ts}) in
 * the older table and in the newer one. A column that a table does not have reads as null.
 */
export type Change =
  | { op: 'add'; key: RowObject; row: RowObject; at: { to: string } }
  | { op: 'remove'; key: RowObject; row: RowObject; at: { from: string } }
  | {
      op: 'change';
      key: RowObject;
      /** Column → [before, after], of those that differ. */
      cells: Readonly<Record<string, readonly [Cell, Cell]>>;
      at: { from: string; to: string };
    };

export type DiffCounts = { added: number; removed: number; changed: number; unchanged: number };

/** `counts` are those of what has been read of `changes`; of everything when that has ended. */
export type Diff = { plan: DiffPlan; counts: DiffCounts; changes: AsyncGenerator<Change> };

/**
 * Compares two tables in one pass over both. Blocks of rows ({@link DiffPlan.blocks}) are in memory, nothing else: for
 * tables that are sorted by their key, a row at a time. Throws {@link ./blocks.ts TooManyRows} from `changes`.
 */
export const diffTables = (from: DiffTable, to: DiffTable): Diff => {
  const plan = planDiff(from, to);
  const counts: DiffCounts = { added: 0, removed: 0, changed: 0, unchanged: 0 };
  return { plan, counts, changes: changesOf(plan, counts, from, to) };
};

async function* changesOf(plan: DiffPlan, counts: DiffCounts, from: DiffTable, to: DiffTable): AsyncGenerator<Change> {
  const { columns, match } = makeMatcher(plan, from, to);
  const indexIn = (table: DiffTable) => {
    const indexes = new Map(table.fields.map(({ name }, index) => [name, index]));
    return (row: Row) => (name: string) => cellOf(row, indexes.get(name) ?? -1);
  };
  const [before, after] = [indexIn(from), indexIn(to)];
  const referenceIn = (table: DiffTable, row: Row) =>
    writeReference(table.key, (table === from ? before : after)(row), row.number);
  const keyOf = (cell: (name: string) => Cell): RowObject =>
    Object.fromEntries(plan.matched_by.map((name) => [name, cell(name)]));
  const rowOf = (table: DiffTable, row: Row): RowObject =>
    Object.fromEntries(table.fields.map(({ name }, index) => [name, cellOf(row, index)]));

  for await (const block of blocksOf(from, to, plan.blocks)) {
    for (const pair of match(block)) {
      if (pair.from === null) {
        counts.added++;
        yield { op: 'add', key: keyOf(after(pair.to)), row: rowOf(to, pair.to), at: { to: referenceIn(to, pair.to) } };
      } else if (pair.to === null) {
        counts.removed++;
        const at = { from: referenceIn(from, pair.from) };
        yield { op: 'remove', key: keyOf(before(pair.from)), row: rowOf(from, pair.from), at };
      } else {
        const cells: [string, readonly [Cell, Cell]][] = [];
        for (const { name, from: old, to: now, same } of columns) {
          const [was, is] = [cellOf(pair.from, old), cellOf(pair.to, now)];
          if (!same(was, is)) cells.push([name, [was, is]]);
        }
        if (cells.length === 0) {
          counts.unchanged++;
          continue;
        }
        counts.changed++;
        const at = { from: referenceIn(from, pair.from), to: referenceIn(to, pair.to) };
        yield { op: 'change', key: keyOf(after(pair.to)), cells: Object.fromEntries(cells), at };
      }
    }
  }
}
