/** The order of rows by the terms of `order`; equal rows stay in the order of the table. */
import { compareBy } from '../row-order.ts';
import type { Column } from '../table.ts';

export type Direction = { descending: boolean; nullsFirst: boolean };
type Compare = (a: number, b: number) => number;

/**
 * NaN is equal to itself and above all numbers, as PostgreSQL has it; texts cast to float8 may give it. Sorting calls
 * this millions of times: whatever it allocated (a pair to destructure, once) would be a gigabyte to collect.
 */
const byNumber =
  (values: Float64Array): Compare =>
  (a, b) => {
    const left = values[a];
    const right = values[b];
    if (left < right) return -1;
    if (left > right) return 1;
    return left === right ? 0 : Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  };

const ofTerm = (column: Column, { descending, nullsFirst }: Direction): Compare => {
  const { valid } = column;
  const ascending = column.type === 'double' ? byNumber(column.values) : compareBy({ ...column, valid: undefined });
  const compare: Compare = descending ? (a, b) => ascending(b, a) : ascending;
  if (!valid) return compare;
  const ofNull = nullsFirst ? 1 : -1;
  return (a, b) => {
    if (valid[a] !== 0 && valid[b] !== 0) return compare(a, b);
    return (valid[a] - valid[b]) * ofNull;
  };
};

/** Numbers of the rows in their order. */
export const orderOf = (columns: readonly Column[], directions: readonly Direction[], rows: number): Uint32Array => {
  const compares = columns.map((column, index) => ofTerm(column, directions[index]));
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  return order.sort((a, b) => {
    for (let term = 0; term < compares.length; term++) {
      const difference = compares[term](a, b);
      if (difference !== 0) return difference;
    }
    return a - b;
  });
};
