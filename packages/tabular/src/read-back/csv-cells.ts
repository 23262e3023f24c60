/**
 * Cells of the CSV that is published (RFC 4180 as {@link ../csv/csv-encoder.ts} writes it, and nothing wider) as the
 * words of their values.
 */
import { daysFromCivil, isCivil, parseDate, parseTimestamp } from '../dates.ts';
import type { ColumnType } from '../table.ts';
import { addDouble, otherWord, type RunningSum, textWord } from './table-sums.ts';

const MINUS = 45;
const POINT = 46;
const POWERS = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);
const DAY = 86_400_000;

const text = (bytes: Buffer, from: number, to: number): string => bytes.toString('latin1', from, to);

/** Digits as a number; NaN where there is anything else. Up to fifteen. */
const digits = (bytes: Uint8Array, from: number, to: number): number => {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at] - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return to > from && to - from < 16 ? value : Number.NaN;
};

const double = (bytes: Buffer, from: number, to: number): number => {
  const start = bytes[from] === MINUS ? from + 1 : from;
  let value = 0;
  let point = 0;
  let at = start;
  for (; at < to; at++) {
    const digit = bytes[at] - 48;
    if (digit >= 0 && digit < 10) value = value * 10 + digit;
    else if (bytes[at] === POINT && point === 0 && at > start) point = at + 1;
    else break;
  }
  // Up to fifteen digits both numbers are exact, and so the quotient is the nearest double.
  const isExact = at === to && to > start && point !== to && to - start < 16;
  if (!isExact) return /^-?\d/.test(text(bytes, from, from + 2)) ? Number(text(bytes, from, to)) : Number.NaN;
  const size = point > 0 ? value / POWERS[to - point] : value;
  return start > from ? -size : size;
};

/** Days since 1970 of `YYYY-MM-DD`; NaN where it is none. */
const days = (bytes: Buffer, from: number): number => {
  const year = digits(bytes, from, from + 4);
  const month = digits(bytes, from + 5, from + 7);
  const day = digits(bytes, from + 8, from + 10);
  const isDate = bytes[from + 4] === MINUS && bytes[from + 7] === MINUS && isCivil(year, month, day);
  return isDate ? daysFromCivil(year, month, day) : Number.NaN;
};

const timestamp = (bytes: Buffer, from: number, to: number): number => {
  if (to - from !== 24) return parseTimestamp(text(bytes, from, to)) ?? Number.NaN;
  const hours = digits(bytes, from + 11, from + 13);
  const minutes = digits(bytes, from + 14, from + 16);
  const seconds = digits(bytes, from + 17, from + 19);
  const rest = digits(bytes, from + 20, from + 23);
  return days(bytes, from) * DAY + hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + rest;
};

/** Adds the value of a cell that is not in quotes and not empty; false when it is none of its type. */
export const addCell = (sum: RunningSum, type: ColumnType, bytes: Buffer, from: number, to: number): boolean => {
  switch (type) {
    case 'string':
      sum.add(textWord(bytes, from, to), otherWord());
      return true;
    case 'boolean': {
      const word = text(bytes, from, to);
      if (word !== 'true' && word !== 'false') return false;
      sum.add(word === 'true' ? 1 : 0, 0);
      return true;
    }
    case 'int32': {
      const size = bytes[from] === MINUS ? -digits(bytes, from + 1, to) : digits(bytes, from, to);
      if (Number.isNaN(size) || (size | 0) !== size + 0) return false;
      sum.add(size | 0, 0);
      return true;
    }
    case 'int64': {
      const word = text(bytes, from, to);
      if (!/^-?\d{1,19}$/.test(word)) return false;
      const value = BigInt(word);
      sum.add(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
      return true;
    }
    case 'date': {
      const value = to - from === 10 ? days(bytes, from) : (parseDate(text(bytes, from, to)) ?? Number.NaN);
      if (Number.isNaN(value)) return false;
      sum.add(value, 0);
      return true;
    }
    default: {
      const value = type === 'double' ? double(bytes, from, to) : timestamp(bytes, from, to);
      if (Number.isNaN(value)) return false;
      addDouble(sum, value);
      return true;
    }
  }
};
