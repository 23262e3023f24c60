/** Which rows of an answer are sent, and what is said of them. */
import type { OpenTable } from '@granary/tabular/query/open-table';
import { planGroups } from '@granary/tabular/query/plan-groups';
import type { Query } from '@granary/tabular/query/query';
import { countRows } from '@granary/tabular/query/run-query';
import type { Counting } from './preferences.ts';
import type { AskedRecords } from './read-asked.ts';
import { outOfRange } from './refusals.ts';

/** Narrows a query to the rows of the header `Range`. Throws UnfitQuery (416) when the two have no row in common. */
export const withRange = (query: Query, range: AskedRecords['range']): Query => {
  // As in PostgREST, `limit=0` gets no rows, whatever the range says.
  if (!range || query.limit === 0) return query;
  const offset = Math.max(query.offset, range.first);
  const ends = [
    ...(query.limit === null ? [] : [query.offset + query.limit]),
    ...(range.last === null ? [] : [range.last + 1]),
  ];
  if (ends.length === 0) return { ...query, offset };
  const limit = Math.min(...ends) - offset;
  if (limit <= 0) throw outOfRange('Range and limit have no row in common.');
  return { ...query, offset, limit };
};

/** Up to this many rows an estimate is an exact count, which then costs next to nothing. */
const ESTIMATED_FROM = 100_000;

/** Rows without limit and offset. `planned` is what the footer tells without a look at the data: never too low. */
export const totalOf = async (table: OpenTable, query: Query, counting: Counting): Promise<number | null> => {
  if (counting === 'none') return null;
  if (counting === 'exact' || query.grouped) return countRows(table, query);
  const planned = planGroups(table, query.where).reduce((rows, { group }) => rows + group.rows, 0);
  return counting === 'estimated' && planned <= ESTIMATED_FROM ? countRows(table, query) : planned;
};

/**
 * 416 when the first row asked for is beyond the last there is, as PostgREST has it: only when a count was asked for.
 */
export const checkRange = (
  { offset }: Query,
  total: number | null,
  headers: Readonly<Record<string, string>>,
): void => {
  if (total !== null && offset > total)
    throw outOfRange(`An offset of ${offset} was requested, but there are only ${total} rows.`, {
      ...headers,
      'Content-Range': `*/${total}`,
    });
};

/** Content-Range: `0-9/57`; `0-9/*` when the rows were not counted; `*` before the slash when no row is sent. */
export const contentRange = ({ offset }: Query, rows: number, total: number | null): string =>
  `${rows === 0 ? '*' : `${offset}-${offset + rows - 1}`}/${total ?? '*'}`;

/** 206 only for a part of rows that were counted. */
export const statusOf = (rows: number, total: number | null): 200 | 206 => (total !== null && rows < total ? 206 : 200);

/** How many of `total` rows are on the page. */
export const rowsOfPage = ({ offset, limit }: Query, total: number): number =>
  Math.min(Math.max(total - offset, 0), limit ?? Number.POSITIVE_INFINITY);
