/**
 * The plan of a query, made from the footer alone: which row groups are read at all, and what must be looked at in
 * each.
 */
import type { RowGroup } from '../parquet/read-footer.ts';
import type { Column, Field } from '../table.ts';
import { likeWork } from './like.ts';
import type { Condition, Test } from './query.ts';
import { tooMuch } from './query-error.ts';
import { rangeTest, type Verdict } from './range-test.ts';
import { type RowTest, rowTest } from './row-test.ts';

/** A condition made ready to be asked of row groups and of rows. `column` is the index of the field. */
export type Filter =
  | { kind: 'all' | 'any'; of: readonly Filter[] }
  | { kind: 'test'; column: number; weight: number; verdict(group: RowGroup): Verdict; hits: RowTest };

/** A row group that may have rows; `filter` null: all of its rows count. */
export type GroupPlan = { group: RowGroup; filter: Filter | null };

/** Nanoseconds a row, roughly. */
const weightOfTest = (test: Test, { type }: Field): number => {
  if ('pattern' in test) return likeWork(test.pattern);
  if (test.is === 'match') return test.expression.work;
  return type === 'string' ? 5 : 1;
};

const prepared = (condition: Condition, fields: readonly Field[]): Filter => {
  if (condition.kind !== 'test')
    return { kind: condition.kind, of: condition.of.map((each) => prepared(each, fields)) };
  const { test, negated } = condition;
  const column = fields.findIndex((field) => field.name === condition.column);
  const range = rangeTest(test, negated);
  return {
    kind: 'test',
    column,
    weight: weightOfTest(test, fields[column]),
    verdict: ({ chunks, rows }) => range(chunks[column], rows),
    hits: rowTest(test, negated, fields[column].type === 'string'),
  };
};

/** What of the filter is still open in a row group. */
const remaining = (filter: Filter, group: RowGroup): Filter | 'all' | 'none' => {
  if (filter.kind === 'test') {
    const verdict = filter.verdict(group);
    return verdict === 'some' ? filter : verdict;
  }
  const [settles, neutral] = filter.kind === 'all' ? (['none', 'all'] as const) : (['all', 'none'] as const);
  const open: Filter[] = [];
  for (const each of filter.of) {
    const rest = remaining(each, group);
    if (rest === settles) return settles;
    if (rest !== neutral) open.push(rest as Filter);
  }
  if (open.length === 0) return neutral;
  return open.length === 1 ? open[0] : { kind: filter.kind, of: open };
};

/**
 * Nanoseconds, at worst and roughly, that a query may take to test rows: 1,000 conditions on figures of a million rows
 * are a third of it.
 */
export const MOST_WORK = 3e9;

const weightOf = (filter: Filter): number =>
  filter.kind === 'test' ? filter.weight : filter.of.reduce((sum, each) => sum + weightOf(each), 0);

/**
 * Row groups in their order, without those that by their bounds have no row of the answer. Throws QueryError PGRST100
 * when testing the rows that are left would take too long.
 */
export const planGroups = (
  table: { fields: readonly Field[]; groups: readonly RowGroup[] },
  where: Condition | null,
): GroupPlan[] => {
  if (!where) return table.groups.map((group) => ({ group, filter: null }));
  const filter = prepared(where, table.fields);
  let work = 0;
  return table.groups.flatMap((group): GroupPlan[] => {
    const rest = remaining(filter, group);
    if (rest === 'none') return [];
    if (rest === 'all') return [{ group, filter: null }];
    work += weightOf(rest) * group.rows;
    if (work > MOST_WORK) throw tooMuch('too many conditions for so many rows, above all those on text');
    return [{ group, filter: rest }];
  });
};

/** Indexes of the columns that a filter looks at. */
export const filterColumns = (filter: Filter | null): number[] => {
  const columns = new Set<number>();
  const visit = (each: Filter): void => {
    if (each.kind === 'test') columns.add(each.column);
    else for (const child of each.of) visit(child);
  };
  if (filter) visit(filter);
  return [...columns];
};

const count = (hits: Uint8Array): number => {
  let sum = 0;
  for (let row = 0; row < hits.length; row++) sum += hits[row];
  return sum;
};

const hitsOf = (filter: Filter, columns: ReadonlyMap<number, Column>, rows: number): Uint8Array => {
  if (filter.kind === 'test') return filter.hits(columns.get(filter.column)!, rows);
  const together = filter.kind === 'all';
  let hits: Uint8Array | null = null;
  for (const each of filter.of) {
    const next = hitsOf(each, columns, rows);
    if (!hits) hits = next;
    else if (together) for (let row = 0; row < rows; row++) hits[row] &= next[row];
    else for (let row = 0; row < rows; row++) hits[row] |= next[row];
    // Nothing that follows can change it.
    if (count(hits) === (together ? 0 : rows)) break;
  }
  return hits ?? new Uint8Array(rows).fill(together ? 1 : 0);
};

/** Numbers of the rows that a filter leaves, ascending. */
export const rowsOf = (filter: Filter, columns: ReadonlyMap<number, Column>, rows: number): Uint32Array => {
  const hits = hitsOf(filter, columns, rows);
  const left = new Uint32Array(count(hits));
  let to = 0;
  for (let row = 0; row < rows; row++) if (hits[row] === 1) left[to++] = row;
  return left;
};
