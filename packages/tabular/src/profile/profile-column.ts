/** What one column holds, gathered batch by batch. */
import type { Cell, Column, ColumnType, Field } from '../table.ts';
import {
  cellOf,
  eachNumber,
  type NumberType,
  numberCounts,
  placeOf,
  timesOf,
  valueAt,
  type Where,
} from './column-values.ts';
import { NumberTally, type TallyLimits, TextTally } from './tally.ts';
import { TextCounts } from './value-counts.ts';
import { createFormatCheck, formatOfNumbers, type ValueFormat } from './value-formats.ts';

/** Dates are `YYYY-MM-DD`, timestamps ISO 8601 in UTC. */
export type ValueCount = { value: Cell; count: number };

export type ColumnProfile = {
  name: string;
  type: ColumnType;
  nulls: number;
  /** How many different values there are, nulls aside. */
  distinct: number;
  /** Estimated ones are typically within 0.8 %. */
  distinct_is: 'exact' | 'estimated';
  /** Texts by code point. Null where there is no value, or where it is withheld. */
  min: Cell;
  max: Cell;
  /** Of numbers; null of other types. */
  mean: number | null;
  /** The commonest values, nulls aside; those that occur as often by value. */
  most_frequent: readonly ValueCount[];
  /**
   * `estimated`: each count may be too low by `missed` at most. `not_counted`: nearly all values differ. `withheld`:
   * the column is about persons, and says nothing of single values.
   */
  most_frequent_is: 'exact' | 'estimated' | 'not_counted' | 'withheld';
  missed?: number;
  /** What all values are by their form; null where none fits all of them. */
  format: ValueFormat | null;
  /** A text of more than 256 characters is shown as its first 256 and `…`. */
  cut?: true;
};

export type ColumnProfiler = { add(column: Column, rows: number): void; profile(): ColumnProfile };

/** Characters of a text that are shown. */
const LONGEST_TEXT = 256;

/** Texts differ soon: a call out of the engine would cost more. */
const compareBytes = ({ bytes, from, to }: Where, other: Buffer): number => {
  const size = Math.min(to - from, other.length);
  for (let i = 0; i < size; i++) {
    const difference = bytes[from + i] - other[i];
    if (difference !== 0) return difference;
  }
  return to - from - other.length;
};

const copyOf = ({ bytes, from, to }: Where): Buffer => Buffer.from(bytes.subarray(from, to));

/** The smallest and the largest text, by their bytes. */
class TextRange {
  min: Buffer | null = null;
  max: Buffer | null = null;

  see(where: Where): void {
    if (this.min === null || compareBytes(where, this.min) < 0) this.min = copyOf(where);
    if (this.max === null || compareBytes(where, this.max) > 0) this.max = copyOf(where);
  }
}

const profileTexts = ({ name, type }: Field, limits: TallyLimits): ColumnProfiler => {
  const tally = new TextTally(new TextCounts(), limits);
  const formats = createFormatCheck();
  const range = new TextRange();
  let present = 0;
  let nulls = 0;
  return {
    add(column, rows) {
      if (column.type !== 'string') throw new TypeError(`${column.type} is no text`);
      const { dictionary } = column;
      const { times, nulls: missing } = timesOf(column, null, rows);
      nulls += missing;
      const place = placeOf(dictionary);
      for (let code = 0; code < times.length; code++) {
        if (times[code] === 0) continue;
        present += times[code];
        const where = place(code);
        if (!tally.add(where.bytes, where.from, where.to, times[code])) continue;
        range.see(where);
        if (formats.open) formats.see(dictionary.get(code));
      }
    },
    profile() {
      const { distinct, distinct_is, entries, counts_are, missed } = tally.tallied();
      let cut = false;
      const shown = (text: string): string => {
        if (text.length <= LONGEST_TEXT) return text;
        // A character may be two units long.
        const characters = [...text.slice(0, 2 * LONGEST_TEXT + 2)];
        if (characters.length <= LONGEST_TEXT) return text;
        cut = true;
        return `${characters.slice(0, LONGEST_TEXT).join('')}…`;
      };
      const known = Math.min(distinct, present);
      return {
        ...{ name, type, nulls, distinct: known, distinct_is },
        min: range.min && shown(range.min.toString()),
        max: range.max && shown(range.max.toString()),
        mean: null,
        most_frequent: entries.map((entry) => ({
          value: shown(tally.counts!.text(entry)),
          count: tally.counts!.counts[entry],
        })),
        most_frequent_is: counts_are,
        ...(counts_are === 'estimated' && { missed }),
        format: formats.format(name, known),
        ...(cut ? { cut } : {}),
      };
    },
  };
};

/** A sum without what rounding would lose (Neumaier). */
class ExactSum {
  #sum = 0;
  #lost = 0;

  add(value: number): void {
    const sum = this.#sum + value;
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
  }

  get value(): number {
    return this.#sum + this.#lost;
  }
}

const profileNumbers = ({ name, type }: Field & { type: NumberType }, limits: TallyLimits): ColumnProfiler => {
  const tally = new NumberTally(numberCounts(type), limits);
  const count = (low: number, high: number): void => tally.add(low, high);
  const isFigure = type === 'int32' || type === 'int64' || type === 'double';
  const sum = new ExactSum();
  let whole = 0n;
  let present = 0;
  let nulls = 0;
  let min: number | bigint | null = null;
  let max: number | bigint | null = null;
  const widen = (smallest: number | bigint, largest: number | bigint): void => {
    if (min === null || smallest < min) min = smallest;
    if (max === null || largest > max) max = largest;
  };

  const rangeOfDoubles = (values: Float64Array, rows: number, valid: Uint8Array | undefined): void => {
    let [smallest, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let row = 0; row < rows; row++) {
      if (valid !== undefined && valid[row] === 0) continue;
      const value = values[row];
      if (value < smallest) smallest = value;
      if (value > largest) largest = value;
      sum.add(value);
    }
    if (smallest <= largest) widen(smallest + 0, largest + 0);
  };
  const rangeOfWords = (values: Int32Array | Uint8Array, rows: number, valid: Uint8Array | undefined): void => {
    let [smallest, largest, total] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    for (let row = 0; row < rows; row++) {
      if (valid !== undefined && valid[row] === 0) continue;
      const value = values[row];
      if (value < smallest) smallest = value;
      if (value > largest) largest = value;
      // Exact: a batch has less than 2^21 rows of 32 bits.
      total += value;
    }
    sum.add(total);
    if (smallest <= largest) widen(smallest, largest);
  };
  const rangeOfBigs = (values: BigInt64Array, rows: number, valid: Uint8Array | undefined): void => {
    for (let row = 0; row < rows; row++) {
      if (valid !== undefined && valid[row] === 0) continue;
      const value = values[row];
      widen(value, value);
      whole += value;
    }
  };

  return {
    add(column, rows) {
      if (column.type === 'string') throw new TypeError('a text is no number');
      const { values, valid } = column;
      let missing = 0;
      if (valid !== undefined) for (let row = 0; row < rows; row++) if (valid[row] === 0) missing++;
      nulls += missing;
      present += rows - missing;
      if (values instanceof Float64Array) rangeOfDoubles(values, rows, valid);
      else if (values instanceof BigInt64Array) rangeOfBigs(values, rows, valid);
      else rangeOfWords(values, rows, valid);
      eachNumber(column, null, rows, count);
    },
    profile() {
      const { distinct, distinct_is, entries, counts_are, missed } = tally.tallied();
      const cell = (value: number | bigint | null): Cell => (value === null ? null : cellOf(type, value));
      const mean = type === 'int64' ? Number(whole) / present : sum.value / present;
      return {
        ...{ name, type, nulls, distinct: Math.min(distinct, present), distinct_is },
        ...{ min: cell(min), max: cell(max), mean: isFigure && Number.isFinite(mean) ? mean : null },
        most_frequent: entries.map((entry) => ({
          value: cell(valueAt(tally.counts!, type, entry)),
          count: tally.counts!.counts[entry],
        })),
        most_frequent_is: counts_are,
        ...(counts_are === 'estimated' && { missed }),
        format: isFigure && min !== null ? formatOfNumbers(name, Number(min), Number(max), type !== 'double') : null,
      };
    },
  };
};

export const createColumnProfiler = (field: Field, limits: TallyLimits): ColumnProfiler =>
  field.type === 'string' ? profileTexts(field, limits) : profileNumbers({ ...field, type: field.type }, limits);
