/** The order of rows that stand in different batches. */
import type { KeptBatch, KeptColumn } from '../kept-batch.ts';
import type { PageDictionary } from '../parquet/read-column.ts';
import type { ColumnType } from '../table.ts';

/** Compares row `i` of `a` with row `j` of `b`. */
export type CompareRows = (a: KeptBatch, i: number, b: KeptBatch, j: number) => number;

type CompareCells = (a: KeptColumn, i: number, b: KeptColumn, j: number) => number;

const compareTexts = (a: PageDictionary, code: number, b: PageDictionary, other: number): number => {
  const [x, y] = [a.bytes, b.bytes];
  const [from, to] = [a.start(code), b.start(other)];
  const [length, size] = [a.end(code) - from, b.end(other) - to];
  const common = Math.min(length, size);
  for (let i = 0; i < common; i++) {
    const difference = x[from + i] - y[to + i];
    if (difference !== 0) return difference;
  }
  return length - size;
};

const compareStrings: CompareCells = (a, i, b, j) =>
  a.type === 'string' && b.type === 'string' ? compareTexts(a.dictionary, a.codes[i], b.dictionary, b.codes[j]) : 0;

const compareNumbers: CompareCells = (a, i, b, j) => {
  if (a.type === 'string' || b.type === 'string') return 0;
  const [x, y] = [a.values[i], b.values[j]];
  return x < y ? -1 : x > y ? 1 : 0;
};

/** Compares by one column: numbers by size, strings by code point (the order of their UTF-8), nulls first. */
export const compareRowsBy = (type: ColumnType, index: number): CompareRows => {
  const compare = type === 'string' ? compareStrings : compareNumbers;
  return (a, i, b, j) => {
    const [x, y] = [a.columns[index], b.columns[index]];
    const isNull = x.valid !== undefined && x.valid[i] === 0;
    const isOtherNull = y.valid !== undefined && y.valid[j] === 0;
    if (isNull || isOtherNull) return Number(isOtherNull) - Number(isNull);
    return compare(x, i, y, j);
  };
};

/** Compares by several columns, the first one first. */
export const inOrder =
  (compares: readonly CompareRows[]): CompareRows =>
  (a, i, b, j) => {
    for (const compare of compares) {
      const difference = compare(a, i, b, j);
      if (difference !== 0) return difference;
    }
    return 0;
  };
