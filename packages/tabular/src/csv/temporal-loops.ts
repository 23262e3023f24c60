/** Loops over the cells of a column that hold dates and timestamps. */
import { daysFromCivil, isCivil } from '../dates.ts';
import type { ParseColumn, SlowRead } from './column-plan.ts';

/** Whether a byte of four is not 0 to 9; those whose digits were taken from their characters are. */
const hasOther = (digits: number): boolean => ((digits | (digits + 0x76767676)) & -0x7f7f7f80) !== 0;

/** Days of `YYYY-MM-DD` at `at`, of which four bytes are looked at together; NaN when it is no date. */
const daysAt = (words: DataView, at: number): number => {
  const y = words.getInt32(at, true) ^ 0x30303030;
  const m = words.getInt32(at + 4, true) ^ 0x2d30302d;
  const d = words.getInt16(at + 8, true) ^ 0x3030;
  // Both hyphens have become zeros.
  if ((m & -0xffff01) !== 0 || hasOther(y) || hasOther(m) || hasOther(d)) return Number.NaN;
  const year = (y & 15) * 1000 + ((y >> 8) & 15) * 100 + ((y >> 16) & 15) * 10 + (y >> 24);
  const month = ((m >> 8) & 15) * 10 + ((m >> 16) & 15);
  const day = (d & 15) * 10 + (d >> 8);
  return isCivil(year, month, day) ? daysFromCivil(year, month, day) : Number.NaN;
};

export const dateLoop =
  ({ values, read }: SlowRead<Int32Array>): ParseColumn =>
  (block, column, base) => {
    const { words, starts, ends, width, rows } = block;
    for (let row = 0, index = column; row < rows; row++, index += width) {
      const at = starts[index];
      if (ends[index] - at === 10) {
        const days = daysAt(words, at);
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
const timeAt = (words: DataView, at: number, end: number): number => {
  const zulu = words.getUint8(end - 1) === 90 ? 1 : 0;
  const size = end - at - zulu;
  if (size !== 19 && size !== 23) return Number.NaN;
  // ` hh:`, `mm:s` and `s`.
  const h = words.getInt32(at + 10, true) ^ 0x3a303020;
  const m = words.getInt32(at + 14, true) ^ 0x303a3030;
  const s = words.getUint8(at + 18) ^ 0x30;
  const mark = h & 0xff;
  // A `T` where the blank would be.
  if ((mark !== 0 && mark !== 0x74) || h >>> 24 !== 0 || ((m >> 16) & 0xff) !== 0) return Number.NaN;
  if (hasOther(h >> 8) || hasOther(m) || s > 9) return Number.NaN;
  const hour = ((h >> 8) & 15) * 10 + ((h >> 16) & 15);
  const minute = (m & 15) * 10 + ((m >> 8) & 15);
  const second = (m >> 24) * 10 + s;
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN;
  let fraction = 0;
  if (size === 23) {
    const f = words.getInt32(at + 19, true) ^ 0x3030302e;
    if ((f & 0xff) !== 0 || hasOther(f)) return Number.NaN;
    fraction = ((f >> 8) & 15) * 100 + ((f >> 16) & 15) * 10 + (f >> 24);
  }
  return daysAt(words, at) * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1000 + fraction;
};

export const timestampLoop =
  ({ values, read }: SlowRead<Float64Array>): ParseColumn =>
  (block, column, base) => {
    const { words, starts, ends, width, rows } = block;
    for (let row = 0, index = column; row < rows; row++, index += width) {
      const at = starts[index];
      const end = ends[index];
      if (end - at >= 19) {
        const time = timeAt(words, at, end);
        if (!Number.isNaN(time)) {
          values[base + row] = time;
          continue;
        }
      }
      if (!read(block, index, base + row)) return false;
    }
    return true;
  };
