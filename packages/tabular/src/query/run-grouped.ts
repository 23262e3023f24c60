/** Queries with aggregates: every row is read once, what is kept are the groups. */
import type { Batch, Column, ColumnType, Field } from '../table.ts';
import { createAccumulator } from './accumulate.ts';
import { castColumn } from './cast-column.ts';
import { pickRows } from './column-ops.ts';
import { createGroupKeys } from './group-keys.ts';
import type { OpenTable } from './open-table.ts';
import { MOST_WORK, planGroups } from './plan-groups.ts';
import type { CastType, Output, Query } from './query.ts';
import { tooMuch } from './query-error.ts';
import { scanTable } from './scan-table.ts';
import { orderOf } from './sort-rows.ts';

const MOST_GROUPS = 200_000;
/** Figures of all groups together, which are in memory: 20 columns of that many groups. */
const MOST_FIGURES = 4_000_000;
/** Nanoseconds a row, roughly, for a column to group by and for an aggregate. */
const WORK = { key: 30, aggregate: 6 };

const typeAfter = (cast: CastType | null, field: Field | undefined): ColumnType =>
  cast === 'json' ? 'string' : (cast ?? field?.type ?? 'int64');

/**
 * All groups, in the order of their first rows. Throws QueryError for too many groups or figures, and for values that
 * cannot be cast.
 */
const groupsOf = async (table: OpenTable, query: Query): Promise<Batch> => {
  const indexOf = new Map(table.fields.map((field, index) => [field.name, index]));
  const sources = query.select.map(({ column }) => (column === null ? -1 : indexOf.get(column)!));
  const typeOf = (output: Output, index: number): { type: ColumnType } => ({
    type: typeAfter(output.cast, table.fields[sources[index]]),
  });
  const plain = query.select.flatMap((output, index) => (output.aggregate ? [] : [index]));
  const keys = createGroupKeys(plain.map((index) => typeOf(query.select[index], index)));
  const accumulators = query.select.map((output, index) =>
    output.aggregate ? createAccumulator(output.aggregate, typeOf(output, index)) : null,
  );
  const columns = [...new Set(sources)].filter((index) => index !== -1);
  const plans = planGroups(table, query.where);
  const work = plain.length * WORK.key + (accumulators.length - plain.length) * WORK.aggregate;
  if (work * plans.reduce((sum, { group }) => sum + group.rows, 0) > MOST_WORK)
    throw tooMuch(`too many columns and aggregates (${query.select.length}) for so many rows`);
  for await (const { rows, count, columns: read } of scanTable(table, { plans, columns, enough: null })) {
    const picked = new Map<string, Column>();
    const input = query.select.map(({ cast }, index): Column | null => {
      if (sources[index] === -1) return null;
      const key = `${sources[index]} ${cast ?? ''}`;
      let column = picked.get(key);
      if (!column) {
        const whole = read.get(sources[index])!;
        column = rows ? pickRows(whole, rows) : whole;
        if (cast) column = castColumn(column, count, cast);
        picked.set(key, column);
      }
      return column;
    });
    const numbers = keys.number(
      plain.map((index) => input[index]!),
      count,
    );
    if (keys.groups > MOST_GROUPS) throw tooMuch(`more than ${MOST_GROUPS} groups`);
    if (keys.groups * query.select.length > MOST_FIGURES)
      throw tooMuch(`more than ${MOST_FIGURES} figures, in groups of ${query.select.length} columns`);
    for (const [index, accumulator] of accumulators.entries())
      accumulator?.add(input[index], numbers, count, keys.groups);
  }
  const ofKeys = keys.columns();
  const result = accumulators.map((accumulator, index) =>
    accumulator ? accumulator.column(keys.groups) : ofKeys[plain.indexOf(index)],
  );
  return { rows: keys.groups, columns: result };
};

/** Sums of bigint are texts, which are not in the order of their numbers. */
const sortable = (column: Column, { aggregate, field }: Output): Column => {
  if (aggregate !== 'sum' || !field.json || column.type !== 'string') return column;
  const sums = Array.from({ length: column.dictionary.length }, (_, code) => BigInt(column.dictionary.get(code)));
  const codes = sums.map((_, code) => code).sort((a, b) => (sums[a] < sums[b] ? -1 : 1));
  const ranks = new Int32Array(codes.length);
  for (const [rank, code] of codes.entries()) ranks[code] = rank;
  return { type: 'int32', values: column.codes.map((code) => ranks[code] ?? 0), valid: column.valid };
};

/** The rows of the answer, ordered, with limit and offset applied. */
export async function* runGrouped(table: OpenTable, query: Query): AsyncGenerator<Batch> {
  const { rows, columns } = await groupsOf(table, query);
  const cast = columns.map((column, index) => {
    const { resultCast } = query.select[index];
    return resultCast ? castColumn(column, rows, resultCast) : column;
  });
  const by = query.order.map((term) => ('output' in term.by ? term.by.output : -1)).filter((index) => index !== -1);
  const order = orderOf(
    by.map((index) => sortable(cast[index], query.select[index])),
    query.order,
    rows,
  );
  const end = query.limit === null ? rows : Math.min(rows, query.offset + query.limit);
  const wanted = order.subarray(Math.min(query.offset, rows), end);
  if (wanted.length > 0) yield { rows: wanted.length, columns: cast.map((column) => pickRows(column, wanted)) };
}

export const countGroups = async (table: OpenTable, query: Query): Promise<number> => {
  if (query.select.every(({ aggregate }) => aggregate)) return 1;
  const select = query.select.filter(({ aggregate }) => !aggregate);
  return (await groupsOf(table, { ...query, select })).rows;
};
