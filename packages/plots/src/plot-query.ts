import { InvalidRequest } from '@granary/domain/errors';
import { beginsWithOperator } from '@granary/tabular/query/parse-filter';
import { parseQuery } from '@granary/tabular/query/parse-query';
import type { Query } from '@granary/tabular/query/query';
import { QueryError } from '@granary/tabular/query/query-error';
import type { Field } from '@granary/tabular/table';

export const MARKS = ['line', 'bar', 'area', 'point', 'heatmap'] as const;
export const AGGREGATES = ['sum', 'avg', 'min', 'max', 'count', 'none'] as const;
export const FORMATS = ['svg', 'png', 'vega'] as const;
export const THEMES = ['light', 'dark'] as const;
export type Mark = (typeof MARKS)[number];
export type PlotAggregate = (typeof AGGREGATES)[number];
export type PlotFormat = (typeof FORMATS)[number];
export type Theme = (typeof THEMES)[number];

/**
 * The query of an address as the endpoint's schema lets it through: what it names, and filters under the names of
 * columns.
 */
export type PlotParameters = {
  x?: string;
  y?: string;
  series?: string;
  mark?: Mark;
  aggregate?: PlotAggregate;
  format: PlotFormat;
  theme: Theme;
  width: number;
  height: number;
  scale: number;
  version?: number;
  as_of?: string;
};

const OWN = 'x y series mark aggregate format theme width height scale version as_of'.split(' ');
/** Columns may be called so too: a value that begins with an operator is then a filter. */
const COLUMNS = ['x', 'y', 'series'] as const;
/** What a query may say and a plot does not leave to it. */
const NOT_HERE: Readonly<Record<string, string>> = {
  select: 'a plot reads the columns named by x, y and series',
  order: 'a plot orders by x, or by size where x is text',
  limit: 'a plot draws every row that matches, aggregated when there are too many',
  offset: 'a plot draws every row that matches',
};

export type PlotFilter = readonly [name: string, value: string];
export type AskedPlot = {
  x: string | undefined;
  y: string | undefined;
  series: string | undefined;
  filters: readonly PlotFilter[];
};

/** Tells filters from what the plot is asked to be. Filters come out in one order, however they were written. */
export const readAsked = (query: PlotParameters, fields: readonly Field[]): AskedPlot => {
  const names = new Set(fields.map(({ name }) => name));
  const isFilter = (name: string, value: string) => names.has(name) && beginsWithOperator(value);
  const asked: Record<(typeof COLUMNS)[number], string | undefined> = { x: undefined, y: undefined, series: undefined };
  const filters: PlotFilter[] = [];
  for (const name of COLUMNS) {
    const value = query[name];
    if (value === undefined) continue;
    if (isFilter(name, value)) filters.push([name, value]);
    else asked[name] = value;
  }
  for (const [name, given] of Object.entries(query)) {
    if (OWN.includes(name)) continue;
    for (const value of [given].flat() as string[]) {
      if (Object.hasOwn(NOT_HERE, name) && !isFilter(name, value)) {
        throw InvalidRequest.of(
          name,
          `is not known here: ${NOT_HERE[name]}`,
          `There is no '${name}' here: ${NOT_HERE[name]}.`,
        );
      }
      filters.push([name, value]);
    }
  }
  filters.sort((a, b) => (a.join('=') < b.join('=') ? -1 : 1));
  return { ...asked, filters };
};

/**
 * The query of a selection and filters. `select` is ours, the filters are the caller's: what is wrong with them is an
 * InvalidRequest.
 */
export const queryOf = (select: string, filters: readonly PlotFilter[], fields: readonly Field[]): Query => {
  try {
    return parseQuery([['select', select], ...filters], fields);
  } catch (error) {
    throw asInvalid(error);
  }
};

/**
 * What is wrong with a query, as it is read or as it runs (it may ask too much of so many rows), in the words of an
 * InvalidRequest.
 */
export const asInvalid = (error: unknown): unknown => {
  if (!(error instanceof QueryError)) return error;
  const more = [error.details, error.hint].filter((text) => text !== null);
  const message = [error.message, ...more].map((text) => text.replace(/\.?$/, '.')).join(' ');
  return InvalidRequest.of('filter', message);
};
