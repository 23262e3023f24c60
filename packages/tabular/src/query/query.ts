/** What a query asks for, once its text is read and checked against the columns there are. */
import type { ColumnType, Field } from '../table.ts';
import type { Expression } from './regular-expression.ts';

/**
 * A value to compare with, in the representation of {@link ../table.ts} columns: days, milliseconds, bigint; dates may
 * be infinite.
 */
export type Value = number | bigint | string | boolean;

export type Comparison = 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte';

/**
 * One condition on one column. Of a null each is unknown, and so is its negation; only `null`, `unknown`, `true`,
 * `false` (SQL's IS) and `distinct` (IS DISTINCT FROM) are never unknown.
 */
export type Test =
  | { is: Comparison; value: Value }
  | { is: 'distinct'; value: Value }
  | { is: 'in'; values: readonly Value[] }
  /** `pattern` has `%`, `_` and `\` as escape. */
  | { is: 'like' | 'ilike'; pattern: string }
  | { is: 'match'; expression: Expression }
  | { is: 'null' }
  | { is: 'true' | 'false' };

/** Negations stand at the tests only: `not.or=(a,b)` is the `all` of the negated. */
export type Condition =
  | { kind: 'all' | 'any'; of: readonly Condition[] }
  | { kind: 'test'; column: string; test: Test; negated: boolean };

export type Aggregate = 'sum' | 'avg' | 'min' | 'max' | 'count';
export type CastType = ColumnType | 'json';

/** A column of an answer. */
export type ResultField = Field & {
  /**
   * The strings of the column are JSON already (casts to json, exact sums of int64): encoders write them as they are.
   */
  json?: true;
  /**
   * Its strings are whole numbers, as long as they need be (sums of int64): formats that have such a type write them as
   * numbers.
   */
  whole?: true;
};

/** One item of `select`. `column` is null for `count()` only. */
export type Output = {
  column: string | null;
  cast: CastType | null;
  aggregate: Aggregate | null;
  resultCast: CastType | null;
  field: ResultField;
};

export type OrderTerm = {
  /** By a column of the table, or by an item of `select`. */
  by: { column: string } | { output: number };
  descending: boolean;
  nullsFirst: boolean;
};

export type Query = {
  /** Null: every row. */
  where: Condition | null;
  /** Items in the order asked for, `*` written out; names may repeat. */
  select: readonly Output[];
  /** Whether there is an aggregate: then rows are grouped by the items that are none. */
  grouped: boolean;
  order: readonly OrderTerm[];
  /** Null: no limit. */
  limit: number | null;
  offset: number;
};
