/** PostgREST's query language, read and checked against the columns of a table. */
import type { Field } from '../table.ts';
import { Budget, beginsWithOperator, parseFilter, parseTree } from './parse-filter.ts';
import { parseOrder } from './parse-order.ts';
import { parseSelect } from './parse-select.ts';
import type { Condition, Query } from './query.ts';
import { QueryError, syntaxError, tooMuch } from './query-error.ts';
import { loadExpressions } from './regular-expression.ts';

/** Bytes of all parameters together, and how many they may be. */
const LONGEST_QUERY = 64 * 1024;
const MOST_PARAMETERS = 1100;

const RESERVED: ReadonlySet<string> = new Set(['select', 'order', 'limit', 'offset']);
const TREES: ReadonlySet<string> = new Set(['and', 'or', 'not.and', 'not.or']);

const wholeNumber = (name: string, text: string): number => {
  if (!/^\s*[+-]?\d{1,400}\s*$/.test(text))
    throw syntaxError(name, text, 1, `${name} is a whole number, such as ${name}=100`);
  return Number(text);
};

const limitOf = (text: string | undefined): number | null => {
  if (text === undefined || text === '') return null;
  const limit = wholeNumber('limit', text);
  if (limit < 0)
    throw new QueryError('PGRST103', 'Requested range not satisfiable', {
      status: 416,
      details: 'Limit should be greater than or equal to zero.',
    });
  return limit > Number.MAX_SAFE_INTEGER ? null : limit;
};

/** A negative offset is none, as PostgREST has it. */
const offsetOf = (text: string | undefined): number =>
  text === undefined || text === '' ? 0 : Math.min(Math.max(wholeNumber('offset', text), 0), Number.MAX_SAFE_INTEGER);

type Parameters = readonly (readonly [name: string, value: string])[];

/** Loads what {@link parseQuery} needs for these parameters: an engine for regular expressions, where they have any. */
export const prepareQuery = async (parameters: Parameters): Promise<void> => {
  if (parameters.some(([, value]) => value.includes('match'))) await loadExpressions();
};

/**
 * Reads a query. `select`, `order` (the first of each counts), `limit`, `offset` (the last), `and`, `or`, `not.and`,
 * `not.or` are reserved unless the value begins with an operator and there is such a column; everything else is a
 * filter. Never takes long: text, conditions, values and depth are bounded. Throws QueryError, and nothing else,
 * whatever the parameters are.
 */
export const parseQuery = (parameters: Parameters, fields: readonly Field[]): Query => {
  if (parameters.length > MOST_PARAMETERS) throw tooMuch(`more than ${MOST_PARAMETERS} parameters`);
  const length = parameters.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (length > LONGEST_QUERY) throw tooMuch(`${length} bytes of parameters; ${LONGEST_QUERY} are allowed`);
  const context = { fields: new Map(fields.map((field) => [field.name, field])), budget: new Budget() };
  const conditions: Condition[] = [];
  const reserved = new Map<string, string>();
  for (const [name, value] of parameters) {
    const special = RESERVED.has(name) || TREES.has(name);
    if (!special || (context.fields.has(name) && beginsWithOperator(value)))
      conditions.push(parseFilter(name, value, context));
    else if (TREES.has(name)) conditions.push(parseTree(name, value, context));
    else if (!reserved.has(name) || name === 'limit' || name === 'offset') reserved.set(name, value);
  }
  const select = parseSelect(reserved.get('select') ?? '*', fields);
  const grouped = select.some(({ aggregate }) => aggregate !== null);
  const order = reserved.get('order');
  return {
    where: conditions.length === 0 ? null : conditions.length === 1 ? conditions[0] : { kind: 'all', of: conditions },
    select,
    grouped,
    order: order === undefined || order === '' ? [] : parseOrder(order, fields, select, grouped),
    limit: limitOf(reserved.get('limit')),
    offset: offsetOf(reserved.get('offset')),
  };
};
