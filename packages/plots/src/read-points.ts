import type { OpenTable } from '@granary/tabular/query/open-table';
import { planGroups } from '@granary/tabular/query/plan-groups';
import type { Query } from '@granary/tabular/query/query';
import { QueryError } from '@granary/tabular/query/query-error';
import type { Cell, Field } from '@granary/tabular/table';
import type { PlotColumns } from './choose-columns.ts';
import { eachRow } from './each-row.ts';
import { type PlotFilter, queryOf } from './plot-query.ts';
import { type Figure, figureOf } from './plotted-figures.ts';
import { readInSteps } from './read-in-steps.ts';
import { hasSection, totalsRule, withoutDoubles } from './totals.ts';

/** The most points that are drawn. */
export const MOST_POINTS = 5000;
export type Points = {
  figures: Figure[];
  /** Rows or groups that have no x, which cannot be drawn. */
  placeless: number;
  /** Of so many rows one is drawn; 1: every row. */
  stride: number;
  /** Rows, when nothing is aggregated. */
  found: number;
  /** What x was divided into while reading, when there were too many groups to read. */
  step: string | null;
  totals: 'totals' | 'parts' | null;
};

/**
 * Reads what a plot shows. Without an aggregate at most {@link MOST_POINTS} rows are kept: every second, fourth, … of
 * those that match.
 */
export const readPoints = async (
  table: OpenTable,
  columns: PlotColumns,
  filters: readonly PlotFilter[],
  fields: readonly Field[],
): Promise<Points> => {
  const query = queryOf(selectOf(columns), filters, fields);
  const rule = totalsRule(columns, filters, fields);
  let totals: Points['totals'] = null;
  if (rule) {
    const sectioned = hasSection(fields);
    const found = await cellsOf(table, rule.query);
    // A count of nothing is a row too where there is nothing to group by.
    const sections = found
      .filter((row) => Number(row.at(-1)) > 0)
      .map(([section]) => (sectioned ? (section as string) : null));
    query.where = withoutDoubles(query.where, rule.keep, sections, sectioned);
    if (sections.length > 0) totals = rule.keep;
  }
  const points =
    columns.aggregate === 'none' ? await sample(table, query, columns) : await groups(table, query, columns, fields);
  return { ...points, totals };
};

const selectOf = ({ x, y, series, aggregate }: PlotColumns): string => {
  const place = `${x.name}${series ? `,${series.name}` : ''}`;
  switch (aggregate) {
    case 'none':
      return `${place},${y?.name}`;
    case 'count':
      return `${place},n:count()`;
    // As doubles: sums of whole numbers could be longer than any number type.
    case 'avg':
      return `${place},v:${y?.name}::float8.sum(),n:${y?.name}.count()`;
    default:
      return `${place},v:${y?.name}::float8.${aggregate}()`;
  }
};

const cellsOf = async (table: OpenTable, query: Query): Promise<Cell[][]> => {
  const rows: Cell[][] = [];
  await eachRow(table, query, (row) => rows.push(row));
  return rows;
};

type Read = Omit<Points, 'totals'>;

const groups = async (
  table: OpenTable,
  query: Query,
  columns: PlotColumns,
  fields: readonly Field[],
): Promise<Read> => {
  const read: Read = { figures: [], placeless: 0, stride: 1, found: 0, step: null };
  // Conditions that would take too long are refused as such: after this, what is too much are the groups.
  planGroups(table, query.where);
  try {
    await eachRow(table, query, (row) => {
      const figure = figureOf(row, columns);
      if (figure) read.figures.push(figure);
      else read.placeless++;
    });
    return read;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { ...read, ...(await readInSteps(table, query.where, columns, fields)) };
  }
};

/** When there is no more room every second row goes, and from then on only every second comes. */
const sample = async (table: OpenTable, query: Query, columns: PlotColumns): Promise<Read> => {
  const read: Read = { figures: [], placeless: 0, stride: 1, found: 0, step: null };
  await eachRow(table, query, (row) => {
    const figure = figureOf(row, columns);
    if (!figure) {
      read.placeless++;
      return;
    }
    if (read.found++ % read.stride !== 0) return;
    if (read.figures.length === MOST_POINTS) {
      read.figures = read.figures.filter((_, i) => i % 2 === 0);
      read.stride *= 2;
      if ((read.found - 1) % read.stride !== 0) return;
    }
    read.figures.push(figure);
  });
  return read;
};
