/** Loops over the cells of a column that hold dates and timestamps. */
import { daysFromCivil, isCivil } from '../dates.ts';
import type { ParseColumn, SlowRead } from './column-plan.ts';

/** Days of `YYYY-MM-DD` at `at`; NaN when it is no date. */
const daysAt = (bytes: Uint8Array, at: number): number => {
  if (bytes[at + 4] !== 45 || bytes[at + 7] !== 45) return Number.NaN;
  let odd = 0;
  const two = (from: number): number => {
    const tens = bytes[from] - 48;
    const ones = bytes[from + 1] - 48;
    if (tens < 0 || tens > 9 || ones < 0 || ones > 9) odd = 1;
    return tens * 10 + ones;
  };
  const year = two(at) * 100 + two(at + 2);
  const month = two(at + 5);
  const day = two(at + 8);
  return odd === 0 && isCivil(year, month, day) ? daysFromCivil(year, month, day) : Number.NaN;
};

export const dateLoop =
  ({ values, read }: SlowRead<Int32Array>): ParseColumn =>
  (block, column, base) => {
    const { bytes, starts, ends, width, rows } = block;
    for (let row = 0, index = column; row < rows; row++, index += width) {
      const at = starts[index];
      if (ends[index] - at === 10) {
        const days = daysAt(bytes, at);
        if (!Number.isNaN(days)) {
          values[base + row] = days;
          continue;
        }
      }
      if (!read(block, index, base + row)) return false;
    }
    return true;
  };

/** Milliseconds of `YYYY-MM-DD hh:mm:ss`, with or without `.sss` and `Z`; NaN when it is written otherwise. */
const timeAt = (bytes: Uint8Array, at: number, end: number): number => {
  const zulu = bytes[end - 1] === 90 ? 1 : 0;
  const size = end - at - zulu;
  if (size !== 19 && size !== 23) return Number.NaN;
  if ((bytes[at + 10] !== 84 && bytes[at + 10] !== 32) || bytes[at + 13] !== 58 || bytes[at + 16] !== 58)
    return Number.NaN;
  let odd = 0;
  const digit = (from: number): number => {
    const value = bytes[from] - 48;
    if (value < 0 || value > 9) odd = 1;
    return value;
  };
  const hour = digit(at + 11) * 10 + digit(at + 12);
  const minute = digit(at + 14) * 10 + digit(at + 15);
  const second = digit(at + 17) * 10 + digit(at + 18);
  let fraction = 0;
  if (size === 23) {
    if (bytes[at + 19] !== 46) return Number.NaN;
    fraction = digit(at + 20) * 100 + digit(at + 21) * 10 + digit(at + 22);
  }
  if (odd === 1 || hour > 23 || minute > 59 || second > 59) return Number.NaN;
  return daysAt(bytes, at) * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1000 + fraction;
};

export const timestampLoop =
  ({ values, read }: SlowRead<Float64Array>): ParseColumn =>
  (block, column, base) => {
    const { bytes, starts, ends, width, rows } = block;
    for (let row = 0, index = column; row < rows; row++, index += width) {
      const at = starts[index];
      const end = ends[index];
      if (end - at >= 19) {
        const time = timeAt(bytes, at, end);
        if (!Number.isNaN(time)) {
          values[base + row] = time;
          continue;
        }
      }
      if (!read(block, index, base + row)) return false;
    }
    return true;
  };
