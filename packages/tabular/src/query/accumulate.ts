/** Aggregates by group: counts, exact sums, averages, least and greatest values. */
import type { Column, ColumnType, Field } from '../table.ts';
import { compareTexts } from '../text-order.ts';
import { textColumn } from './column-ops.ts';
import type { Aggregate } from './query.ts';

export type Accumulator = {
  /**
   * Adds rows: `numbers` has the group of each, `groups` says how many there are by now. Without a column every row
   * counts.
   */
  add(column: Column | null, numbers: Int32Array, rows: number, groups: number): void;
  /** A row for each group. */
  column(groups: number): Column;
};

const grown = (values: Float64Array, size: number): Float64Array => {
  if (size <= values.length) return values;
  const larger = new Float64Array(Math.max(size, values.length * 2));
  larger.set(values);
  return larger;
};

const counter = (): Accumulator => {
  let counts: Float64Array = new Float64Array(16);
  return {
    add(column, numbers, rows, groups) {
      counts = grown(counts, groups);
      const valid = column?.valid;
      if (valid) for (let row = 0; row < rows; row++) counts[numbers[row]] += valid[row];
      else for (let row = 0; row < rows; row++) counts[numbers[row]]++;
    },
    column: (groups) => ({
      type: 'int64',
      values: BigInt64Array.from({ length: groups }, (_, i) => BigInt(counts[i] ?? 0)),
    }),
  };
};

/** So many values of 32 bits add up exactly in a double. */
const EXACT_ROWS = 1 << 20;

/**
 * Sums of whole numbers without loss: halves of 32 bits in doubles, carried over into bigints before they are too
 * large.
 */
class ExactSums {
  #low: Float64Array = new Float64Array(16);
  #high: Float64Array = new Float64Array(16);
  #carried: bigint[] = [];
  #rows = 0;

  add(column: Column, numbers: Int32Array, rows: number, groups: number): void {
    if (this.#rows + rows > EXACT_ROWS) this.#carry();
    this.#rows += rows;
    this.#low = grown(this.#low, groups);
    this.#high = grown(this.#high, groups);
    const [low, high, { valid }] = [this.#low, this.#high, column];
    if (column.type === 'int64') {
      const halves = new Int32Array(column.values.slice(0, rows).buffer);
      for (let row = 0; row < rows; row++) {
        if (valid?.[row] === 0) continue;
        low[numbers[row]] += halves[2 * row] >>> 0;
        high[numbers[row]] += halves[2 * row + 1];
      }
    } else if (column.type !== 'string') {
      const values = column.values as Int32Array;
      if (valid) for (let row = 0; row < rows; row++) low[numbers[row]] += valid[row] === 0 ? 0 : values[row];
      else for (let row = 0; row < rows; row++) low[numbers[row]] += values[row];
    }
  }

  #carry(): void {
    for (let i = 0; i < this.#low.length; i++)
      if (this.#low[i] !== 0 || this.#high[i] !== 0) this.#carried[i] = this.of(i);
    this.#low.fill(0);
    this.#high.fill(0);
    this.#rows = 0;
  }

  of(group: number): bigint {
    const now = BigInt(this.#low[group] ?? 0) + (BigInt(this.#high[group] ?? 0) << 32n);
    return (this.#carried[group] ?? 0n) + now;
  }
}

const doubles = (values: ArrayLike<number>, valid: Uint8Array, type: 'double' | 'timestamp' = 'double'): Column => ({
  type,
  values: Float64Array.from(values),
  valid,
});

const summer = (type: ColumnType, average: boolean): Accumulator => {
  const whole = type !== 'double';
  const exact = new ExactSums();
  let sums: Float64Array = new Float64Array(16);
  const counts = counter();
  return {
    add(column, numbers, rows, groups) {
      if (!column || column.type === 'string') throw new TypeError('there is no sum of texts');
      counts.add(column, numbers, rows, groups);
      if (whole) return exact.add(column, numbers, rows, groups);
      sums = grown(sums, groups);
      const values = column.values as Float64Array;
      for (let row = 0; row < rows; row++) if (column.valid?.[row] !== 0) sums[numbers[row]] += values[row];
    },
    column(groups) {
      const counted = (counts.column(groups) as Column & { type: 'int64' }).values;
      const valid = Uint8Array.from(counted, (count) => (count > 0n ? 1 : 0));
      if (average)
        return doubles(
          Array.from(counted, (count, i) =>
            count === 0n ? 0 : (whole ? Number(exact.of(i)) : sums[i]) / Number(count),
          ),
          valid,
        );
      if (!whole)
        return doubles(
          Array.from({ length: groups }, (_, i) => sums[i]),
          valid,
        );
      if (type === 'int64')
        return textColumn(Array.from(counted, (count, i) => (count === 0n ? null : String(exact.of(i)))));
      return { type: 'int64', values: BigInt64Array.from({ length: groups }, (_, i) => exact.of(i)), valid };
    },
  };
};

/** NaN is above all numbers. */
const isBelow = (a: number | bigint, b: number | bigint): boolean =>
  a < b || (Number.isNaN(b as number) && !Number.isNaN(a as number));

const extreme = (type: ColumnType, greatest: boolean): Accumulator => {
  const best: (string | number | bigint | undefined)[] = [];
  const addTexts = (column: Column & { type: 'string' }, numbers: Int32Array, rows: number): void => {
    const { codes, dictionary, valid } = column;
    /** Codes that won before, so that the same text is not compared again and again. */
    const winners = new Map<number, number>();
    for (let row = 0; row < rows; row++) {
      if (valid?.[row] === 0) continue;
      const group = numbers[row];
      if (winners.get(group) === codes[row]) continue;
      const text = dictionary.get(codes[row]);
      const before = best[group] as string | undefined;
      const order = before === undefined ? -1 : compareTexts(text, before) * (greatest ? -1 : 1);
      if (order > 0) continue;
      best[group] = text;
      winners.set(group, codes[row]);
    }
  };
  return {
    add(column, numbers, rows, groups) {
      while (best.length < groups) best.push(undefined);
      if (!column) throw new TypeError('there is no extreme of nothing');
      if (column.type === 'string') return addTexts(column, numbers, rows);
      const { values, valid } = column;
      for (let row = 0; row < rows; row++) {
        if (valid?.[row] === 0) continue;
        const before = best[numbers[row]] as number | bigint | undefined;
        const value = values[row];
        if (before === undefined || (greatest ? isBelow(before, value) : isBelow(value, before)))
          best[numbers[row]] = value;
      }
    },
    column(groups) {
      const found = Array.from({ length: groups }, (_, i) => best[i]);
      if (type === 'string') return textColumn(found.map((text) => (text === undefined ? null : (text as string))));
      const valid = Uint8Array.from(found, (value) => (value === undefined ? 0 : 1));
      if (type === 'int64')
        return { type, values: BigInt64Array.from(found, (value) => (value ?? 0n) as bigint), valid };
      const numbers = found.map((value) => Number(value ?? 0));
      if (type === 'double' || type === 'timestamp') return doubles(numbers, valid, type);
      return { type: type as 'int32' | 'date', values: Int32Array.from(numbers), valid };
    },
  };
};

/**
 * An aggregate of a column of that type. Averages are doubles; sums of int32 are int64, those of int64 texts of any
 * length.
 */
export const createAccumulator = (aggregate: Aggregate, field: Pick<Field, 'type'>): Accumulator => {
  if (aggregate === 'count') return counter();
  if (aggregate === 'sum' || aggregate === 'avg') return summer(field.type, aggregate === 'avg');
  return extreme(field.type, aggregate === 'max');
};
