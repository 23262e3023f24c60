import { cellAt } from '@granary/tabular/cells';
import type { OpenTable } from '@granary/tabular/query/open-table';
import type { Query } from '@granary/tabular/query/query';
import { runQuery } from '@granary/tabular/query/run-query';
import type { Cell, Field } from '@granary/tabular/table';
import { isCategory, isTemporal, type PlotColumns } from './choose-columns.ts';
import { plainText } from './plain-text.ts';
import { type Filter, queryOf } from './plot-query.ts';
import { hasSection, totalsRule, withoutDoubles } from './totals.ts';

/** The most points that are drawn. */
export const MOST_POINTS = 5000;
/** What stands for null where names are drawn. */
export const NAMELESS = '(none)';

/** One figure at a place. Two of the same place can be made one: an average is kept as a sum and how many it is of. */
export type Figure = {
  /** Text, number, or milliseconds since 1970 (UTC). */
  x: string | number;
  /** Null without series. */
  s: string | null;
  /** Null: not known. */
  v: number | null;
  n: number;
};

export type Points = {
  figures: Figure[];
  /** Rows or groups that have no x, which cannot be drawn. */
  placeless: number;
  /** Of so many rows one is drawn; 1: every row. */
  stride: number;
  /** Groups, or rows when nothing is aggregated. */
  found: number;
  totals: 'totals' | 'parts' | null;
};

/** Reads what a plot shows. Without an aggregate at most {@link MOST_POINTS} rows are kept: every second, fourth, … of those that match. */
export const readPoints = async (
  table: OpenTable,
  columns: PlotColumns,
  filters: readonly Filter[],
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
    columns.aggregate === 'none' ? await sample(table, query, columns) : await groups(table, query, columns);
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

const eachRow = async (table: OpenTable, query: Query, take: (row: Cell[]) => void): Promise<void> => {
  for await (const { rows, columns } of runQuery(table, query).batches) {
    for (let row = 0; row < rows; row++) take(columns.map((column) => cellAt(column, row)));
  }
};

type Read = Omit<Points, 'totals'>;

const groups = async (table: OpenTable, query: Query, columns: PlotColumns): Promise<Read> => {
  const read: Read = { figures: [], placeless: 0, stride: 1, found: 0 };
  await eachRow(table, query, (row) => {
    read.found++;
    const figure = figureOf(row, columns);
    if (figure) read.figures.push(figure);
    else read.placeless++;
  });
  return read;
};

/** When there is no more room every second row goes, and from then on only every second comes. */
const sample = async (table: OpenTable, query: Query, columns: PlotColumns): Promise<Read> => {
  const read: Read = { figures: [], placeless: 0, stride: 1, found: 0 };
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

const figureOf = (row: Cell[], { x, series, aggregate }: PlotColumns): Figure | null => {
  const place = placeOf(x, row[0]);
  if (place === null) return null;
  const figures = row.slice(series ? 2 : 1);
  const v = finite(figures[0]);
  const n = aggregate === 'avg' ? Number(figures[1]) : 1;
  return { x: place, s: series ? nameOf(row[1]) : null, v, n };
};

const placeOf = (field: Field, cell: Cell): string | number | null => {
  if (isCategory(field)) return nameOf(cell);
  if (cell === null) return null;
  return finite(isTemporal(field) ? Date.parse(cell as string) : cell);
};

const nameOf = (cell: Cell): string => {
  if (cell === null) return NAMELESS;
  return plainText(String(cell)) || '""';
};

const finite = (cell: Cell): number | null => {
  if (cell === null) return null;
  const number = Number(cell);
  return Number.isFinite(number) ? number : null;
};
