/**
 * How often each value of some columns occurs in the rows of a query, every column by itself: texts by the dictionaries
 * of their pages, so that a text is looked at once a row group and not once a row.
 */
import {
  cellOf,
  eachNumber,
  type NumberType,
  numberCounts,
  placeOf,
  timesOf,
  valueAt,
} from '../profile/column-values.ts';
import { commonest, TextCounts } from '../profile/value-counts.ts';
import type { Cell, Column, Field } from '../table.ts';
import type { OpenTable } from './open-table.ts';
import { MOST_WORK, planGroups } from './plan-groups.ts';
import type { Condition } from './query.ts';
import { tooMuch } from './query-error.ts';
import { scanTable } from './scan-table.ts';

/** `values`: the commonest, nulls aside; `other`: rows of all values that are not listed. */
export type Facet = {
  column: string;
  nulls: number;
  distinct: number;
  values: readonly { value: Cell; count: number }[];
  other: number;
  truncated: boolean;
};
export type Facets = { rows: number; facets: readonly Facet[] };

/** What is kept in memory of one column. */
const MOST_VALUES = 200_000;
const MOST_BYTES = 32 * 2 ** 20;
/** Nanoseconds a row, roughly, for a column. */
const WORK = 20;

type Counter = { add(column: Column, rows: Uint32Array | null, count: number): void; facet(limit: number): Facet };

const facetOf = (
  column: string,
  counts: { length: number; counted: number; counts: Float64Array },
  nulls: number,
  entries: readonly number[],
  value: (entry: number) => Cell,
): Facet => {
  const values = entries.map((entry) => ({ value: value(entry), count: counts.counts[entry] }));
  const listed = values.reduce((sum, { count }) => sum + count, 0);
  const { length: distinct, counted } = counts;
  return { column, nulls, distinct, values, other: counted - listed, truncated: distinct > values.length };
};

const check = (name: string, values: number, bytes = 0): void => {
  if (values > MOST_VALUES || bytes > MOST_BYTES)
    throw tooMuch(`the column ${name} has more values than are counted at once (${MOST_VALUES}, or 32 MiB of text)`);
};

const textCounter = ({ name }: Field): Counter => {
  const counts = new TextCounts();
  let nulls = 0;
  return {
    add(column, rows, count) {
      if (column.type !== 'string') throw new TypeError(`${column.type} is no text`);
      const { times, nulls: missing } = timesOf(column, rows, count);
      nulls += missing;
      const place = placeOf(column.dictionary);
      for (let code = 0; code < times.length; code++) {
        if (times[code] === 0) continue;
        const { bytes, from, to } = place(code);
        counts.add(bytes, from, to, times[code]);
      }
      check(name, counts.length, counts.bytes);
    },
    facet: (limit) => facetOf(name, counts, nulls, commonest(counts, limit), (entry) => counts.text(entry)),
  };
};

const numberCounter = ({ name, type }: Field & { type: NumberType }): Counter => {
  const counts = numberCounts(type);
  let seen = 0;
  return {
    add(column, rows, count) {
      if (column.type === 'string') throw new TypeError('a text is no number');
      seen += count;
      eachNumber(column, rows, count, (low, high) => counts.add(low, high));
      check(name, counts.length);
    },
    facet: (limit) =>
      facetOf(name, counts, seen - counts.counted, commonest(counts, limit), (entry) =>
        cellOf(type, valueAt(counts, type, entry)),
      ),
  };
};

/**
 * Counts the values of columns that the table has. Throws QueryError for too many rows, columns or values to be counted
 * at once.
 */
export const countFacets = async (
  table: OpenTable,
  query: { where: Condition | null; columns: readonly string[]; limit: number },
): Promise<Facets> => {
  const columns = query.columns.map((name) => table.fields.findIndex((field) => field.name === name));
  const counters = columns.map((index): Counter => {
    const field = table.fields[index];
    return field.type === 'string' ? textCounter(field) : numberCounter({ ...field, type: field.type });
  });
  const plans = planGroups(table, query.where);
  const planned = plans.reduce((sum, { group }) => sum + group.rows, 0);
  if (planned * columns.length * WORK > MOST_WORK)
    throw tooMuch(`${columns.length} columns of ${planned} rows are more than are counted at once`);
  let rows = 0;
  for await (const { rows: some, count, columns: read } of scanTable(table, { plans, columns, enough: null })) {
    rows += count;
    for (const [place, counter] of counters.entries()) counter.add(read.get(columns[place])!, some, count);
  }
  return { rows, facets: counters.map((counter) => counter.facet(query.limit)) };
};
