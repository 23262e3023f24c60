/**
 * Keeps totals from being added to their parts, in tables whose rows say which they are (`is_total`, of their
 * `section`).
 */
import type { Condition, Query } from '@granary/tabular/query/query';
import type { Field } from '@granary/tabular/table';
import type { PlotColumns } from './choose-columns.ts';
import { type PlotFilter, queryOf } from './plot-query.ts';

const TOTAL = 'is_total';
const SECTION = 'section';
/** Columns that a total has in common with its parts, or that say nothing of what a row is about. */
const OF_THE_WHOLE = new Set([SECTION, TOTAL, 'line', 'note', 'processing_date']);

export type TotalsRule = {
  /** Which rows count where a section has both: its totals, or its parts. */
  keep: 'totals' | 'parts';
  /** Asks which sections have rows of that kind among those that match. */
  query: Query;
};

/**
 * The rule for a plot, or null where there is nothing to tell apart or the caller filters `is_total`. Totals as the
 * source states them are meant unless a text column of the parts (`product`) is drawn or filtered.
 */
export const totalsRule = (
  { x, series, aggregate }: Pick<PlotColumns, 'x' | 'series' | 'aggregate'>,
  filters: readonly PlotFilter[],
  fields: readonly Field[],
): TotalsRule | null => {
  const known = new Map(fields.map((field) => [field.name, field]));
  if (known.get(TOTAL)?.type !== 'boolean' || aggregate === 'count') return null;
  const { where } = queryOf('*', filters, fields);
  const filtered = columnsOf(where);
  if (filtered.has(TOTAL) || x.name === TOTAL || series?.name === TOTAL) return null;
  const named = [...filtered, x.name, ...(series ? [series.name] : [])];
  const ofParts = named.some((name) => known.get(name)?.type === 'string' && !OF_THE_WHOLE.has(name));
  const keep = ofParts ? 'parts' : 'totals';
  const kind: PlotFilter = [TOTAL, keep === 'totals' ? 'is.true' : 'is.false'];
  const select = hasSection(fields) ? `${SECTION},n:count()` : 'n:count()';
  return { keep, query: queryOf(select, [...filters, kind], fields) };
};

export const hasSection = (fields: readonly Field[]): boolean =>
  fields.some(({ name, type }) => name === SECTION && type === 'string');

/**
 * Of the sections that have rows of the kind kept, only those; of the others every row. `sections`: what the rule's
 * query found, null for rows outside sections; empty when it found none.
 */
export const withoutDoubles = (
  where: Condition | null,
  keep: 'totals' | 'parts',
  sections: readonly (string | null)[],
  sectioned: boolean,
): Condition | null => {
  if (sections.length === 0) return where;
  const kept = test(TOTAL, { is: keep === 'totals' ? 'true' : 'false' });
  const named = sections.filter((section) => section !== null);
  const others: Condition[] = [];
  if (sectioned) {
    const isNull = test(SECTION, { is: 'null' });
    // Of a null "in" is unknown, and so is "not in".
    const other: Condition =
      named.length === 0
        ? { ...isNull, negated: true }
        : { kind: 'test', column: SECTION, test: { is: 'in', values: named }, negated: true };
    others.push(other);
    if (!sections.includes(null) && named.length > 0) others.push(isNull);
  }
  const rule: Condition = { kind: 'any', of: [kept, ...others] };
  return where === null ? rule : { kind: 'all', of: [where, rule] };
};

type Leaf = Extract<Condition, { kind: 'test' }>;
const test = (column: string, what: Leaf['test']): Leaf => ({ kind: 'test', column, test: what, negated: false });

const columnsOf = (condition: Condition | null): Set<string> => {
  if (condition === null) return new Set();
  if (condition.kind === 'test') return new Set([condition.column]);
  return new Set(condition.of.flatMap((part) => [...columnsOf(part)]));
};
