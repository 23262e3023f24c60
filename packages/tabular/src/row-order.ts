/** The order of rows of one batch. */
import type { Column } from './table.ts';
import { textOrder } from './text-order.ts';

type Compare = (a: number, b: number) => number;

/** Rank of each code when its strings are sorted by code point, so that comparing strings is comparing numbers. */
const ranksOf = (column: Column & { type: 'string' }): Int32Array => {
  const { length } = column.dictionary;
  const strings = Array.from({ length }, (_, code) => column.dictionary.get(code));
  const compare = textOrder(strings);
  const codes = Array.from({ length }, (_, code) => code).sort((a, b) => compare(strings[a], strings[b]));
  const ranks = new Int32Array(length);
  for (const [rank, code] of codes.entries()) ranks[code] = rank;
  return ranks;
};

const compareValues = (column: Column): Compare => {
  if (column.type === 'string') {
    const ranks = ranksOf(column);
    const { codes } = column;
    return (a, b) => ranks[codes[a]] - ranks[codes[b]];
  }
  const { values } = column;
  return (a, b) => (values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : 0);
};

/** Compares rows by a column, nulls first. */
export const compareBy = (column: Column): Compare => {
  const { valid } = column;
  const compare = compareValues(column);
  if (!valid) return compare;
  return (a, b) => {
    if (valid[a] !== 0 && valid[b] !== 0) return compare(a, b);
    return valid[a] - valid[b];
  };
};
