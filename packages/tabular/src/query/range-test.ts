/** What the bounds of a column chunk say about a test: that it holds of no row, of every row, or perhaps of some. */
import type { Bound, ChunkPlace } from '../parquet/read-footer.ts';
import { isPlain, likePrefix } from './like.ts';
import type { Comparison, Test, Value } from './query.ts';

export type Verdict = 'none' | 'some' | 'all';

/** Values as bounds have them: strings as UTF-8, booleans as 0 and 1. */
const asBound = (value: Value): Bound =>
  typeof value === 'string' ? Buffer.from(value) : typeof value === 'boolean' ? Number(value) : value;

const compare = (a: Bound, b: Bound): number => {
  if (typeof a === 'object') return Buffer.compare(a, b as Uint8Array);
  return a < (b as number) ? -1 : a > (b as number) ? 1 : 0;
};

export const NEGATED: Record<Comparison, Comparison> = {
  eq: 'neq',
  neq: 'eq',
  gt: 'lte',
  lte: 'gt',
  lt: 'gte',
  gte: 'lt',
};

const decide = (never: boolean, always: boolean): Verdict => (never ? 'none' : always ? 'all' : 'some');

const comparison = (is: Comparison, min: Bound, max: Bound, value: Bound): Verdict => {
  const low = compare(value, min);
  const high = compare(value, max);
  const only = low === 0 && high === 0;
  switch (is) {
    case 'eq':
      return decide(low < 0 || high > 0, only);
    case 'neq':
      return decide(only, low < 0 || high > 0);
    case 'gt':
      return decide(high >= 0, low < 0);
    case 'gte':
      return decide(high > 0, low <= 0);
    case 'lt':
      return decide(low <= 0, high > 0);
    default:
      return decide(low < 0, high >= 0);
  }
};

/** Of rows that are not null. */
type OfValues = (min: Bound, max: Bound) => Verdict;

const ofValues = (test: Test, negated: boolean): OfValues => {
  switch (test.is) {
    case 'null':
      return () => (negated ? 'all' : 'none');
    case 'true':
    case 'false':
      return (min, max) => comparison(negated ? 'neq' : 'eq', min, max, test.is === 'true' ? 1 : 0);
    case 'in': {
      const bounds = test.values.map(asBound);
      if (bounds.some(Number.isNaN)) return () => 'some';
      return (min, max) => {
        const outside = bounds.every((value) => compare(value, min) < 0 || compare(value, max) > 0);
        if (outside) return negated ? 'all' : 'none';
        if (compare(min, max) !== 0) return 'some';
        return bounds.some((value) => compare(value, min) === 0) === negated ? 'none' : 'all';
      };
    }
    case 'like': {
      const prefix = Buffer.from(likePrefix(test.pattern));
      if (isPlain(test.pattern)) return (min, max) => comparison(negated ? 'neq' : 'eq', min, max, prefix);
      if (negated || prefix.length === 0) return () => 'some';
      return (min, max) => {
        const before = Buffer.compare(max as Uint8Array, prefix) < 0;
        const after = Buffer.compare((min as Uint8Array).subarray(0, prefix.length), prefix) > 0;
        return before || after ? 'none' : 'some';
      };
    }
    case 'ilike':
    case 'match':
      return () => 'some';
    default: {
      const plain = test.is === 'distinct' ? 'neq' : test.is;
      const is = negated ? NEGATED[plain] : plain;
      const value = asBound(test.value);
      return Number.isNaN(value) ? () => 'some' : (min, max) => comparison(is, min, max, value);
    }
  }
};

/** Whether the test, or its negation, holds of a null. */
export const holdsOfNull = (test: Test, negated: boolean): boolean => {
  if (test.is === 'null' || test.is === 'distinct') return !negated;
  return (test.is === 'true' || test.is === 'false') && negated;
};

/** Prepares a test for many chunks. */
export const rangeTest = (test: Test, negated: boolean): ((chunk: ChunkPlace, rows: number) => Verdict) => {
  const values = ofValues(test, negated);
  const nullVerdict = holdsOfNull(test, negated) ? 'all' : 'none';
  return ({ nulls, bounds }, rows) => {
    if (nulls === rows) return nullVerdict;
    const verdict = bounds ? values(bounds.min, bounds.max) : test.is === 'null' ? values(0, 0) : 'some';
    return nulls === 0 || verdict === nullVerdict ? verdict : 'some';
  };
};
