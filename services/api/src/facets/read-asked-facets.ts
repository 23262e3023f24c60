import { InvalidRequest } from '@granary/domain/errors';
import { beginsWithOperator } from '@granary/tabular/query/parse-filter';
import type { Parameter } from '../records/read-asked.ts';

export type AskedFacets = {
  version: number | undefined;
  columns: readonly string[];
  limit: number;
  /** Filters, by name. */
  parameters: readonly Parameter[];
};

const OWN: ReadonlySet<string> = new Set(['columns', 'limit', 'version']);
/** Parameters of records that mean nothing here. */
const FOREIGN: ReadonlySet<string> = new Set(['select', 'order', 'offset', 'format', 'as_of']);
const MOST_COLUMNS = 20;
const MOST_VALUES = 1000;
const USUAL_VALUES = 20;

/** Tells our own parameters from filters, as records do. Throws InvalidRequest. */
export const readAskedFacets = (query: Readonly<Record<string, string | string[]>>): AskedFacets => {
  const own = new Map<string, string>();
  const parameters: Parameter[] = [];
  for (const [name, given] of Object.entries(query)) {
    for (const value of [given].flat()) {
      const isFilter = beginsWithOperator(value);
      if (!isFilter && FOREIGN.has(name)) throw unfit(name, 'facets have no such parameter; records do');
      if (!OWN.has(name) || isFilter) parameters.push([name, value]);
      else if (own.has(name)) throw unfit(name, 'may be given once');
      else own.set(name, value);
    }
  }
  parameters.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const version = own.get('version');
  if (version !== undefined && !/^[1-9]\d{0,5}$/.test(version))
    throw unfit('version', 'must be the number of a version');
  return {
    version: version === undefined ? undefined : Number(version),
    columns: columnsOf(own.get('columns')),
    limit: limitOf(own.get('limit')),
    parameters,
  };
};

const columnsOf = (text = ''): string[] => {
  const columns = [...new Set(text.split(',').map((name) => name.trim()))].filter((name) => name !== '');
  if (columns.length === 0)
    throw unfit('columns', 'must name the columns whose values are counted, such as columns=year');
  if (columns.length > MOST_COLUMNS)
    throw unfit('columns', `names ${columns.length} columns; ${MOST_COLUMNS} are allowed`);
  return columns;
};

const limitOf = (text: string | undefined): number => {
  if (text === undefined) return USUAL_VALUES;
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= MOST_VALUES) return Number(text);
  throw unfit('limit', `must be a number of values from 1 to ${MOST_VALUES}`);
};

const unfit = (field: string, message: string): InvalidRequest =>
  InvalidRequest.of(field, message, `${field}: ${message}.`);
