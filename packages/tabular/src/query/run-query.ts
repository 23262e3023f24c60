/** Runs a query on a table: batches of rows in the order of the answer, read as they are asked for. */
import type { Batch, Column } from '../table.ts';
import { castColumn } from './cast-column.ts';
import { pickRows, sliceBatch } from './column-ops.ts';
import type { OpenTable } from './open-table.ts';
import { planGroups } from './plan-groups.ts';
import type { Query, ResultField } from './query.ts';
import { countGroups, runGrouped } from './run-grouped.ts';
import { runSorted } from './run-sorted.ts';
import { scanTable } from './scan-table.ts';

export type QueryResult = {
  fields: readonly ResultField[];
  /**
   * Columns are as `fields`. Nothing is read before the first is asked for; may throw QueryError for values that cannot
   * be cast.
   */
  batches: AsyncIterable<Batch>;
};

/** Whether the table has its rows in the order asked for. */
export const isInOrder = (table: OpenTable, query: Query): boolean =>
  query.order.every(({ by, descending, nullsFirst }, place) => {
    const index = table.sortedBy[place];
    if (index === undefined || descending || !('column' in by)) return false;
    const field = table.fields[index];
    const hasNulls = field.nullable && table.groups.some(({ chunks }) => chunks[index].nulls !== 0);
    return by.column === field.name && (nullsFirst || !hasNulls);
  });

async function* inOrder(table: OpenTable, query: Query, columns: readonly number[]): AsyncGenerator<Batch> {
  const { limit, offset, where } = query;
  const end = limit === null ? Infinity : offset + limit;
  let plans = planGroups(table, where);
  let passed = 0;
  // Row groups before the offset of which all rows count need not be read.
  while (plans.length > 0 && !plans[0].filter && passed + plans[0].group.rows <= offset) {
    passed += plans[0].group.rows;
    plans = plans.slice(1);
  }
  const enough = limit === null ? null : end - passed;
  for await (const { rows, count, columns: read } of scanTable(table, { plans, columns, enough })) {
    const from = Math.max(0, offset - passed);
    const to = Math.min(count, end - passed);
    passed += count;
    if (from >= to) continue;
    const whole = columns.map((index) => read.get(index)!);
    if (!rows) yield sliceBatch({ rows: count, columns: whole }, from, to);
    else {
      const wanted = rows.subarray(from, to);
      yield { rows: wanted.length, columns: whole.map((column) => pickRows(column, wanted)) };
    }
    if (passed >= end) return;
  }
}

async function* runPlain(table: OpenTable, query: Query): AsyncGenerator<Batch> {
  const names = table.fields.map((field) => field.name);
  const columns = [...new Set(query.select.map(({ column }) => names.indexOf(column!)))];
  const batches = isInOrder(table, query) ? inOrder(table, query, columns) : runSorted(table, query, columns);
  for await (const { rows, columns: read } of batches) {
    // A column that is named a thousand times is cast once.
    const casts = new Map<string, Column>();
    yield {
      rows,
      columns: query.select.map(({ column, cast }): Column => {
        const source = read[columns.indexOf(names.indexOf(column!))];
        if (!cast) return source;
        const key = `${column} ${cast}`;
        const known = casts.get(key) ?? castColumn(source, rows, cast);
        casts.set(key, known);
        return known;
      }),
    };
  }
}

/** Runs a query that was read by the fields of the table. */
export const runQuery = (table: OpenTable, query: Query): QueryResult => ({
  fields: query.select.map(({ field }) => field),
  batches: query.limit === 0 ? none() : query.grouped ? runGrouped(table, query) : runPlain(table, query),
});

async function* none(): AsyncGenerator<Batch> {}

/**
 * How many rows the answer has without limit and offset, exactly: groups where there are aggregates. Reads only the
 * columns of filters, and of row groups only those whose bounds leave it open.
 */
export const countRows = async (table: OpenTable, query: Query): Promise<number> => {
  if (query.grouped) return countGroups(table, query);
  if (!query.where) return table.rows;
  const plans = planGroups(table, query.where);
  let rows = 0;
  for await (const { count } of scanTable(table, { plans, columns: [], enough: null })) rows += count;
  return rows;
};
