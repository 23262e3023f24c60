/** Tests on the rows of a column: on numbers in one loop, on strings once for each distinct one. */
import { PageDictionary } from '../parquet/read-column.ts';
import type { Column, Dictionary } from '../table.ts';
import { compareTexts } from '../text-order.ts';
import { likeMatcher } from './like.ts';
import type { Comparison, Test } from './query.ts';
import { holdsOfNull, NEGATED } from './range-test.ts';

/** One byte a row: 1 where the test holds. */
export type RowTest = (column: Column, rows: number) => Uint8Array;

type Numbers = Int32Array | Float64Array | Uint8Array;

/** PostgreSQL has NaN equal to itself and above all numbers. */
const compareNaN = (is: Comparison, values: Numbers, hits: Uint8Array): void => {
  for (let row = 0; row < hits.length; row++) {
    const nan = Number.isNaN(values[row]);
    hits[row] = Number(is === 'lte' || (is === 'eq' || is === 'gte' ? nan : is === 'gt' ? false : !nan));
  }
};

const compareNumbers = (is: Comparison, values: Numbers, value: number, hits: Uint8Array): void => {
  const rows = hits.length;
  if (Number.isNaN(value)) compareNaN(is, values, hits);
  else if (is === 'eq') for (let i = 0; i < rows; i++) hits[i] = values[i] === value ? 1 : 0;
  else if (is === 'neq') for (let i = 0; i < rows; i++) hits[i] = values[i] === value ? 0 : 1;
  else if (is === 'lt') for (let i = 0; i < rows; i++) hits[i] = values[i] < value ? 1 : 0;
  else if (is === 'lte') for (let i = 0; i < rows; i++) hits[i] = values[i] <= value ? 1 : 0;
  else if (is === 'gt') for (let i = 0; i < rows; i++) hits[i] = values[i] <= value ? 0 : 1;
  else for (let i = 0; i < rows; i++) hits[i] = values[i] < value ? 0 : 1;
};

const compareBigints = (is: Comparison, values: BigInt64Array, value: bigint, hits: Uint8Array): void => {
  const rows = hits.length;
  const [below, same, above] = {
    eq: [0, 1, 0],
    neq: [1, 0, 1],
    lt: [1, 0, 0],
    lte: [1, 1, 0],
    gt: [0, 0, 1],
    gte: [0, 1, 1],
  }[is];
  for (let i = 0; i < rows; i++) hits[i] = values[i] < value ? below : values[i] > value ? above : same;
};

const TEXT_TESTS: Record<Comparison, (order: number) => boolean> = {
  eq: (order) => order === 0,
  neq: (order) => order !== 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
};

/** Of a string of a dictionary; those of pages are compared as bytes and never become strings. */
const textTest = (test: Test, negated: boolean): ((dictionary: Dictionary, code: number) => boolean) => {
  if (test.is === 'in') {
    const wanted = new Set(test.values as string[]);
    return (dictionary, code) => wanted.has(dictionary.get(code)) !== negated;
  }
  if (test.is === 'like' || test.is === 'ilike') {
    const matches = likeMatcher(test.pattern, test.is === 'ilike');
    return (dictionary, code) => matches(dictionary.get(code)) !== negated;
  }
  if (test.is === 'match') {
    const { matches } = test.expression;
    return (dictionary, code) => matches(dictionary.get(code)) !== negated;
  }
  if (!('value' in test)) throw new TypeError(`${test.is} is no test of texts`);
  const is = test.is === 'distinct' ? 'neq' : test.is;
  const holds = TEXT_TESTS[negated ? NEGATED[is] : is];
  const value = test.value as string;
  const utf8 = new DataView(new TextEncoder().encode(value).buffer);
  return (dictionary, code) =>
    holds(
      dictionary instanceof PageDictionary ? dictionary.compare(code, utf8) : compareTexts(dictionary.get(code), value),
    );
};

const ofTexts = (test: Test, negated: boolean): RowTest => {
  const holds = textTest(test, negated);
  return (column, rows) => {
    const hits = new Uint8Array(rows);
    if (column.type !== 'string') throw new TypeError(`${column.type} is no text`);
    const { codes, dictionary } = column;
    // 2: not looked at yet. A dictionary may have strings that no row has.
    const verdicts = new Uint8Array(dictionary.length).fill(2);
    for (let row = 0; row < rows; row++) {
      if (column.valid?.[row] === 0) continue;
      const code = codes[row];
      if (verdicts[code] === 2) verdicts[code] = holds(dictionary, code) ? 1 : 0;
      hits[row] = verdicts[code];
    }
    return hits;
  };
};

const ofNumbers = (test: Test, negated: boolean): RowTest => {
  if (test.is === 'in') {
    const wanted = new Set<unknown>(test.values.map((value) => (typeof value === 'boolean' ? Number(value) : value)));
    return (column, rows) => {
      const values = (column as Exclude<Column, { type: 'string' }>).values;
      const hits = new Uint8Array(rows);
      for (let row = 0; row < rows; row++) hits[row] = wanted.has(values[row]) !== negated ? 1 : 0;
      return hits;
    };
  }
  const plain = !('value' in test) ? 'eq' : test.is === 'distinct' ? 'neq' : test.is;
  const is = negated ? NEGATED[plain] : plain;
  const value = 'value' in test ? test.value : test.is === 'true';
  return (column, rows) => {
    const hits = new Uint8Array(rows);
    if (column.type === 'int64') compareBigints(is, column.values, value as bigint, hits);
    else if (column.type !== 'string') compareNumbers(is, column.values, Number(value), hits);
    return hits;
  };
};

/** Prepares a test, or its negation, for the columns of many row groups. */
export const rowTest = (test: Test, negated: boolean, isText: boolean): RowTest => {
  const ofNull = holdsOfNull(test, negated) ? 1 : 0;
  const ofValues =
    test.is === 'null'
      ? (_: Column, rows: number) => new Uint8Array(rows).fill(negated ? 1 : 0)
      : (isText ? ofTexts : ofNumbers)(test, negated);
  return (column, rows) => {
    const hits = ofValues(column, rows);
    const { valid } = column;
    if (valid) for (let row = 0; row < rows; row++) if (valid[row] === 0) hits[row] = ofNull;
    return hits;
  };
};
