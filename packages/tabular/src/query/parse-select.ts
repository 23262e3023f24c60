/** `select`: columns, aliases, casts, aggregates. */
import type { ColumnType, Field } from '../table.ts';
import { SQL_NAME } from './parse-value.ts';
import type { Aggregate, CastType, Output, ResultField } from './query.ts';
import { QueryError, tooMuch, unknownColumn } from './query-error.ts';
import { Scanner } from './scanner.ts';

const MOST_OUTPUTS = 1000;

const CASTS: Readonly<Record<string, CastType>> = {
  text: 'string',
  varchar: 'string',
  int: 'int32',
  int4: 'int32',
  integer: 'int32',
  int8: 'int64',
  bigint: 'int64',
  float8: 'double',
  float: 'double',
  'double precision': 'double',
  bool: 'boolean',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
  timestamptz: 'timestamp',
  json: 'json',
  jsonb: 'json',
};

const NUMBERS: readonly CastType[] = ['int32', 'int64', 'double'];

/** What PostgreSQL casts, as far as it means anything here. */
const castable = (from: CastType, to: CastType): boolean => {
  if (from === to || from === 'string' || to === 'string' || to === 'json') return true;
  if (NUMBERS.includes(from)) return NUMBERS.includes(to) || (to === 'boolean' && from === 'int32');
  if (from === 'boolean') return to === 'int32';
  if (from === 'date' || from === 'timestamp') return to === 'date' || to === 'timestamp';
  return false;
};

const nameOfType = (type: CastType): string => (type === 'json' ? 'json' : SQL_NAME[type]);

const checkedCast = (from: CastType, to: CastType): void => {
  if (!castable(from, to)) throw new QueryError('42846', `cannot cast type ${nameOfType(from)} to ${nameOfType(to)}`);
};

/** Of whole numbers numeric is exact, as there are no fractions; of the others it is a double. */
const numericOf = (from: CastType | undefined): CastType => (from === 'int32' || from === 'int64' ? 'int64' : 'double');

const castOf = (scanner: Scanner, from: CastType | undefined): CastType | null => {
  if (!scanner.took('::')) return null;
  const name = scanner
    .match(/[A-Za-z0-9_ $]+/y)
    ?.trim()
    .toLowerCase();
  if (!name) throw scanner.expected('letter', 'digit');
  if (name === 'numeric' || name === 'decimal') return numericOf(from);
  const type = CASTS[name];
  if (!Object.hasOwn(CASTS, name) || !type)
    throw new QueryError('42704', `type "${name}" does not exist`, {
      hint: `Types to cast to are ${[...Object.keys(CASTS), 'numeric', 'decimal'].join(', ')}.`,
    });
  return type;
};

const AGGREGATES: ReadonlySet<string> = new Set(['sum', 'avg', 'min', 'max', 'count']);

/** The type of an aggregate as PostgreSQL has it, but averages of integers, which are doubles here. */
const aggregated = (aggregate: Aggregate, type: CastType): Pick<ResultField, 'type' | 'json' | 'whole'> => {
  if (aggregate === 'count') return { type: 'int64' };
  const numeric = NUMBERS.includes(type);
  if (type === 'json' || (aggregate === 'sum' || aggregate === 'avg' ? !numeric : type === 'boolean'))
    throw new QueryError('42883', `function ${aggregate}(${nameOfType(type)}) does not exist`, {
      hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
    });
  if (aggregate === 'avg') return { type: 'double' };
  if (aggregate === 'sum' && type === 'int32') return { type: 'int64' };
  // Sums of bigint are numeric: exact, however large.
  if (aggregate === 'sum' && type === 'int64') return { type: 'string', json: true, whole: true };
  return { type: type as ColumnType };
};

const typed = (cast: CastType): Pick<ResultField, 'type' | 'json'> =>
  cast === 'json' ? { type: 'string', json: true } : { type: cast };

const fieldOf = (name: string, output: Omit<Output, 'field'>, source: Field | null): ResultField => {
  const from: CastType = output.cast ?? source?.type ?? 'int64';
  if (source && output.cast) checkedCast(source.type, output.cast);
  const plain = output.aggregate ? aggregated(output.aggregate, from) : typed(from);
  if (output.resultCast) {
    const sum = plain.json === true && output.aggregate !== null;
    checkedCast(sum ? 'int64' : plain.json ? 'json' : plain.type, output.resultCast);
  }
  const type = output.resultCast ? typed(output.resultCast) : plain;
  const same = source && !output.aggregate && !output.cast;
  const nullable = output.aggregate ? output.aggregate !== 'count' : (source?.nullable ?? false);
  if (same) return { ...source, name };
  return { name, ...type, nullable, ...(source?.unit && output.aggregate !== 'count' && { unit: source.unit }) };
};

const endsItem = (scanner: Scanner): boolean => scanner.ended || scanner.peek() === ',';

const aggregateOf = (scanner: Scanner, alone: boolean): Aggregate | null => {
  const begin = scanner.at;
  const word = scanner.match(alone ? /count(?=\(\))/y : /\.[a-z]+(?=\(\))/y)?.replace('.', '');
  if (word === undefined) return null;
  if (!AGGREGATES.has(word)) {
    scanner.at = begin;
    throw scanner.failed(`unknown aggregate ${word}(): there are avg(), count(), max(), min(), sum()`);
  }
  scanner.need('()');
  return word as Aggregate;
};

const columnItem = (scanner: Scanner, fields: ReadonlyMap<string, Field>, alias: string | null): Output => {
  let aggregate = aggregateOf(scanner, true);
  let column: string | null = null;
  let cast: CastType | null = null;
  if (!aggregate) {
    column = scanner.name();
    if (/[(!]/.test(scanner.peek()))
      throw new QueryError(
        'PGRST200',
        `Could not find a relationship between the dataset and '${column.slice(0, 100)}'`,
        {
          details: 'A dataset is one table: nothing can be embedded in it.',
          hint: 'Aggregates are written column.sum().',
        },
      );
    cast = castOf(scanner, fields.get(column)?.type);
    aggregate = aggregateOf(scanner, false);
    // As PostgREST still has it from before there were aggregates.
    if (column === 'count' && !fields.has('count') && !cast && !aggregate) {
      column = null;
      aggregate = 'count';
    }
  }
  const input = aggregate === 'avg' ? 'double' : (cast ?? (column === null ? 'int64' : fields.get(column)?.type));
  const resultCast = aggregate ? castOf(scanner, input) : null;
  scanner.blanks();
  if (!endsItem(scanner)) throw scanner.expected('letter', 'digit', '"::"', '".sum()"', '","', 'end of input');
  const source = column === null ? null : fields.get(column);
  if (source === undefined) throw unknownColumn(column!, [...fields.keys()]);
  const output = { column, cast, aggregate, resultCast };
  return { ...output, field: fieldOf(alias ?? aggregate ?? column!, output, source) };
};

const ALIAS = /(?:"(?:[^"\\]|\\.)*"|[^",:.()*]+):(?!:)/suy;

/** Items of `select`; `*` is every column, and so is an empty text. Throws QueryError. */
export const parseSelect = (text: string, fields: readonly Field[]): Output[] => {
  const known = new Map(fields.map((field) => [field.name, field]));
  const scanner = new Scanner('select parameter', text.trim() === '' ? '*' : text);
  const outputs: Output[] = [];
  const add = (output: Output): void => {
    if (outputs.push(output) > MOST_OUTPUTS) throw tooMuch(`more than ${MOST_OUTPUTS} columns`);
  };
  do {
    scanner.blanks();
    if (scanner.took('*')) {
      scanner.blanks();
      if (!endsItem(scanner)) throw scanner.expected('","', 'end of input');
      for (const field of fields) add({ column: field.name, cast: null, aggregate: null, resultCast: null, field });
      continue;
    }
    const begin = scanner.at;
    let alias: string | null = null;
    if (scanner.match(ALIAS) !== undefined) {
      scanner.at = begin;
      alias = scanner.name();
      scanner.need(':');
    }
    scanner.blanks();
    add(columnItem(scanner, known, alias));
  } while (scanner.took(','));
  scanner.end();
  return outputs;
};
