/** Which row of a block became which. */
import { hash } from 'node:crypto';
import type { Cell } from '../table.ts';
import { type Block, cellOf, type Row } from './blocks.ts';
import { comparedText, sameCells } from './compare-cells.ts';
import type { DiffTable } from './diff-table.ts';
import { type DiffPlan, PLACE } from './plan-diff.ts';

/** Only `from`: it went. Only `to`: it came. */
export type Pair = { from: Row; to: Row | null } | { from: null; to: Row };

/** A column of either table: its index in both (-1 where there is none), and when its cells are alike. */
export type ComparedColumn = {
  name: string;
  from: number;
  to: number;
  same(a: Cell, b: Cell): boolean;
  text: { from(cell: NonNullable<Cell>): string; to(cell: NonNullable<Cell>): string };
};

export type Matcher = {
  /** All columns that are compared, those of the newer table first. */
  columns: readonly ComparedColumn[];
  match(block: Block): readonly Pair[];
};

const columnOf = (name: string, from: DiffTable, to: DiffTable): ComparedColumn => {
  const [before, after] = [from, to].map((table) => table.fields.findIndex((field) => field.name === name));
  const [old, now] = [from.fields[before]?.type, to.fields[after]?.type];
  const [was, is] = [old ?? now!, now ?? old!];
  return {
    name,
    from: before,
    to: after,
    same: sameCells(was, is),
    text: { from: comparedText(was, is), to: comparedText(is, was) },
  };
};

type Side = 'from' | 'to';

/** A text that two rows share when they are alike in these columns, and only then. */
const likeness =
  (columns: readonly ComparedColumn[], side: Side) =>
  (row: Row): string => {
    let text = '';
    for (const column of columns) {
      const cell = cellOf(row, column[side]);
      if (cell === null) text += '-';
      else {
        const own = column.text[side](cell);
        text += `${own.length}:${own}`;
      }
    }
    // Kept for every row of a block: of long ones the hash says it too.
    return text.length > 64 ? hash('sha256', text, 'base64') : text;
  };

const grouped = (rows: readonly Row[], of: (row: Row) => string): Map<string, Row[]> => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = of(row);
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  return groups;
};

export const makeMatcher = (plan: DiffPlan, from: DiffTable, to: DiffTable): Matcher => {
  const names = [...to.fields.map(({ name }) => name), ...plan.fields.removed];
  const columns = names.filter((name) => !plan.ignored.includes(name)).map((name) => columnOf(name, from, to));
  const identity = columns.filter(({ name }) => plan.matched_by.includes(name));
  const who = { from: likeness(identity, 'from'), to: likeness(identity, 'to') };
  const what = { from: likeness(columns, 'from'), to: likeness(columns, 'to') };
  const place = columnOf(PLACE, from, to);

  /** Rows that `matched_by` does not tell apart. */
  const pairUp = (before: readonly Row[], after: readonly Row[]): Pair[] => {
    // As many as there were: the first is the first, the second the second.
    if (before.length === after.length && identity.length > 0)
      return before.map((row, nth) => ({ from: row, to: after[nth] }));
    const left = grouped(before, what.from);
    // Taken from the end, first ones first: to shift thousands of equal rows would move all that follow each time.
    for (const rows of left.values()) rows.reverse();
    const pairs: Pair[] = [];
    const others: Row[] = [];
    for (const row of after) {
      const like = left.get(what.to(row))?.pop();
      if (like) pairs.push({ from: like, to: row });
      else others.push(row);
    }
    const taken = new Set(pairs.map((pair) => pair.from));
    const gone = before.filter((row) => !taken.has(row));
    const became = identity.length > 0 ? Math.min(gone.length, others.length) : 0;
    for (let nth = 0; nth < became; nth++) pairs.push({ from: gone[nth], to: others[nth] });
    for (const row of gone.slice(became)) pairs.push({ from: row, to: null });
    for (const row of others.slice(became)) pairs.push({ from: null, to: row });
    return pairs;
  };

  const placeOf = ({ from: before, to: after }: Pair): number => {
    const cell = after ? cellOf(after, place.to) : cellOf(before!, place.from);
    return cell === null ? (after ?? before)!.number : Number(cell);
  };

  /** In the order of the newer source; what went, where it stood. */
  const ordered = (pairs: Pair[]): Pair[] =>
    pairs
      .map((pair) => ({ pair, place: placeOf(pair), number: (pair.to ?? pair.from!).number, came: pair.to ? 1 : 0 }))
      .sort((a, b) => a.place - b.place || a.number - b.number || a.came - b.came)
      .map(({ pair }) => pair);

  return {
    columns,
    match(block) {
      if (block.from.length === 0) return ordered(block.to.map((row) => ({ from: null, to: row })));
      if (block.to.length === 0) return ordered(block.from.map((row) => ({ from: row, to: null })));
      const before = grouped(block.from, who.from);
      const after = grouped(block.to, who.to);
      const pairs: Pair[] = [];
      for (const [name, rows] of before) {
        for (const pair of pairUp(rows, after.get(name) ?? [])) pairs.push(pair);
        after.delete(name);
      }
      for (const rows of after.values()) for (const row of rows) pairs.push({ from: null, to: row });
      return ordered(pairs);
    },
  };
};
