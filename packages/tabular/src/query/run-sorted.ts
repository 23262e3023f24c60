/**
 * Queries with an order that the table is not in: what is ordered by is read first and sorted, kept small when there is
 * a limit; the other columns are read for the rows of the answer only.
 */
import type { Bound } from '../parquet/read-footer.ts';
import { createRowStore, type RowStore } from '../row-store.ts';
import type { Batch, Column, Field, Schema } from '../table.ts';
import { castColumn } from './cast-column.ts';
import { pickRows } from './column-ops.ts';
import type { OpenTable } from './open-table.ts';
import { type GroupPlan, planGroups } from './plan-groups.ts';
import type { OrderTerm, Query } from './query.ts';
import { tooMuch } from './query-error.ts';
import { rowsBefore } from './rows-before.ts';
import { scanTable } from './scan-table.ts';
import { orderOf } from './sort-rows.ts';

/** Cells that may be held in memory to sort them. */
const MOST_SORTED_CELLS = 16_000_000;
/**
 * So few rows are sorted again after every row group that adds to them: what is last of them decides what need not be
 * read.
 */
const FEW_KEPT = 1000;
const BATCH = 10_000;

type Key = { source: number; cast: Query['select'][number]['cast']; term: OrderTerm };

const keyOf = (table: OpenTable, query: Query, term: OrderTerm): Key => {
  const output = 'output' in term.by ? query.select[term.by.output] : null;
  const name = output ? output.column : 'column' in term.by ? term.by.column : null;
  return { source: table.fields.findIndex((field) => field.name === name), cast: output?.cast ?? null, term };
};

const schemaOf = (fields: readonly Pick<Field, 'type'>[]): Schema => ({
  fields: fields.map(({ type }, index) => ({ name: String(index), type, nullable: true })),
  key: [],
});

/**
 * The bound of a row group that comes first in the order; `first` and `last` where nulls decide, null where nothing is
 * known.
 */
const bestOf = ({ group }: GroupPlan, { source, cast, term }: Key): Bound | 'first' | 'last' | null => {
  const { nulls, bounds } = group.chunks[source];
  if (cast || nulls === null) return null;
  if (term.nullsFirst && nulls > 0) return 'first';
  if (nulls === group.rows) return 'last';
  return bounds && (term.descending ? bounds.max : bounds.min);
};

const compareBounds = (a: Bound, b: Bound): number =>
  typeof a === 'object' ? Buffer.compare(a, b as Uint8Array) : a < (b as number) ? -1 : a > (b as number) ? 1 : 0;

/** The value of a row of a sort key as bounds have it; null for null. */
const valueAt = (column: Column, row: number): Bound | null => {
  if (column.valid?.[row] === 0) return null;
  return column.type === 'string' ? Buffer.from(column.dictionary.get(column.codes[row])) : column.values[row];
};

/** Positions in the table of the rows of the answer, in the order of the answer. */
const sortedRows = async (table: OpenTable, query: Query): Promise<Float64Array> => {
  const keys = query.order.map((term) => keyOf(table, query, term));
  const directions = query.order;
  const typeOf = ({ source, cast }: Key): Field['type'] =>
    cast === 'json' ? 'string' : (cast ?? table.fields[source].type);
  const schema = schemaOf([...keys.map((key) => ({ type: typeOf(key) })), { type: 'double' as const }]);
  const kept = query.limit === null ? Infinity : query.offset + query.limit;
  let store = createRowStore(schema);
  let worst: Bound | null | undefined;

  const ordered = (from: RowStore): Uint32Array =>
    orderOf(
      keys.map((_, index) => from.column(index)),
      directions,
      from.rows,
    );
  const shrink = (): void => {
    // Ties go by the position in the table, in whatever order row groups were read.
    const columns = [...keys.keys(), keys.length].map((index) => store.column(index));
    const order = orderOf(columns, [...directions, { descending: false, nullsFirst: false }], store.rows);
    const best = store.take(order, 0, kept);
    worst = valueAt(best.columns[0], kept - 1);
    store = createRowStore(schema);
    store.append(best);
  };
  /** Whether all rows of a row group come after those that are kept. */
  const skip = (plan: GroupPlan): boolean => {
    if (worst === undefined || worst === null) return false;
    const best = bestOf(plan, keys[0]);
    if (best === null || best === 'first') return false;
    if (best === 'last') return true;
    const order = compareBounds(best, worst);
    return keys[0].term.descending ? order < 0 : order > 0;
  };

  const plans = planGroups(table, query.where);
  const limited = kept * 4 <= table.rows;
  const sources = [...new Set(keys.map(({ source }) => source))];
  const read = { plans: limited ? bestFirst(plans, keys[0]) : plans, columns: sources, enough: null };
  for await (const { plan, rows, count, columns } of scanTable(table, limited ? { ...read, skip } : read)) {
    const sortBy = keys.map(({ source, cast }): Column => {
      const whole = columns.get(source)!;
      const column = rows ? pickRows(whole, rows) : whole;
      return cast ? castColumn(column, count, cast) : column;
    });
    const { from } = plan.group;
    const before = worst === undefined || worst === null ? null : rowsBefore(sortBy[0], count, worst, directions[0]);
    const size = before ? before.length : count;
    const positions = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      const row = before ? before[i] : i;
      positions[i] = from + (rows ? rows[row] : row);
    }
    const wanted = before ? sortBy.map((column) => pickRows(column, before)) : sortBy;
    store.append({ rows: size, columns: [...wanted, { type: 'double', values: positions }] });
    if (store.rows * (keys.length + 1) > MOST_SORTED_CELLS) {
      if (kept >= store.rows)
        throw tooMuch(`more than ${store.rows} rows to sort; ask for fewer by a filter or a limit`);
      shrink();
    } else if (store.rows > (kept <= FEW_KEPT ? kept : 2 * kept)) shrink();
  }
  const columns = [...keys.keys(), keys.length].map((index) => store.column(index));
  const order = limited
    ? orderOf(columns, [...directions, { descending: false, nullsFirst: false }], store.rows)
    : ordered(store);
  const last = store.column(keys.length) as Column & { type: 'double' };
  return Float64Array.from(order.subarray(query.offset, Math.min(kept, order.length)), (row) => last.values[row]);
};

/** Row groups that may hold the first rows of the order before others. */
const bestFirst = (plans: readonly GroupPlan[], key: Key): GroupPlan[] => {
  const ranked = plans.map((plan) => ({ plan, best: bestOf(plan, key) }));
  const rank = (best: (typeof ranked)[number]['best']): number =>
    best === null || best === 'first' ? 0 : best === 'last' ? 2 : 1;
  return ranked
    .sort((a, b) => {
      const byRank = rank(a.best) - rank(b.best);
      if (byRank !== 0 || rank(a.best) !== 1) return byRank;
      return compareBounds(a.best as Bound, b.best as Bound) * (key.term.descending ? -1 : 1);
    })
    .map(({ plan }) => plan);
};

/** Whole rows (the columns of these fields) at ascending positions. */
const rowsAt = async (table: OpenTable, positions: Float64Array, columns: readonly number[]): Promise<RowStore> => {
  const store = createRowStore(schemaOf(columns.map((index) => table.fields[index])));
  const rowsOf = new Map<GroupPlan, Uint32Array>();
  const plans: GroupPlan[] = [];
  let at = 0;
  for (const group of table.groups) {
    const begin = at;
    while (at < positions.length && positions[at] < group.from + group.rows) at++;
    if (at === begin) continue;
    const plan: GroupPlan = { group, filter: null };
    plans.push(plan);
    rowsOf.set(
      plan,
      Uint32Array.from(positions.subarray(begin, at), (position) => position - group.from),
    );
  }
  for await (const { plan, columns: read } of scanTable(table, { plans, columns, enough: null })) {
    const rows = rowsOf.get(plan)!;
    store.append({ rows: rows.length, columns: columns.map((index) => pickRows(read.get(index)!, rows)) });
  }
  return store;
};

/** Where a value is in sorted ones. */
const placeOf = (sorted: Float64Array, value: number): number => {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * The columns that `select` names, of the rows of the answer in its order, before casts. Throws QueryError when there
 * are too many.
 */
export async function* runSorted(table: OpenTable, query: Query, columns: readonly number[]): AsyncGenerator<Batch> {
  const positions = await sortedRows(table, query);
  if (positions.length * columns.length > MOST_SORTED_CELLS)
    throw tooMuch(
      `${positions.length} rows of ${columns.length} columns to sort; ask for fewer by select, a filter or a limit`,
    );
  const ascending = Float64Array.from(positions).sort();
  const store = await rowsAt(table, ascending, columns);
  for (let from = 0; from < positions.length; from += BATCH) {
    const to = Math.min(from + BATCH, positions.length);
    const order = Uint32Array.from(positions.subarray(from, to), (position) => placeOf(ascending, position));
    yield columns.length === 0 ? { rows: to - from, columns: [] } : store.take(order, 0, to - from);
  }
}
