/** Loops over the cells of a column that hold numbers and booleans. */
import type { ColumnPlan, ParseColumn, SlowRead } from './column-plan.ts';

const POWERS = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);
export const int32Loop =
  ({ values, read }: SlowRead<Int32Array>): ParseColumn =>
  (block, column, base) => {
    const { bytes, starts, ends, width, rows } = block;
    for (let row = 0, index = column; row < rows; row++, index += width) {
      let at = starts[index];
      const end = ends[index];
      const size = end - at;
      if (size > 0 && size < 10) {
        const negative = bytes[at] === 45 && size > 1;
        if (negative) at++;
        const first = bytes[at] - 48;
        if ((first > 0 && first < 10) || (first === 0 && at + 1 === end && !negative)) {
          let value = first;
          for (at++; at < end; at++) {
            const digit = bytes[at] - 48;
            if (digit < 0 || digit > 9) break;
            value = value * 10 + digit;
          }
          if (at === end) {
            values[base + row] = negative ? -value : value;
            continue;
          }
        }
      }
      if (!read(block, index, base + row)) return false;
    }
    return true;
  };

export const doubleLoop =
  ({ values, read }: SlowRead<Float64Array>, { rules }: ColumnPlan): ParseColumn =>
  (block, column, base) => {
    const { bytes, starts, ends, width, rows } = block;
    const mark = rules.decimal.charCodeAt(0);
    // How many digits behind the mark leave it open what the mark means; no figure has -1.
    const undecided = rules.lone.includes(rules.decimal) ? -1 : 3;
    for (let row = 0, index = column; row < rows; row++, index += width) {
      let at = starts[index];
      const end = ends[index];
      const size = end - at;
      if (size > 0 && size < 17) {
        const negative = bytes[at] === 45 && size > 1;
        if (negative) at++;
        const first = bytes[at] - 48;
        // `0` may only stand before the decimal mark.
        if (first >= 0 && first < 10 && (first > 0 || bytes[at + 1] === mark || at + 1 === end) && end - at < 17) {
          let value = first;
          let point = 0;
          for (at++; at < end; at++) {
            const digit = bytes[at] - 48;
            if (digit >= 0 && digit < 10) value = value * 10 + digit;
            else if (bytes[at] === mark && point === 0) point = at + 1;
            else break;
          }
          // Up to fifteen digits both numbers are exact, and so the quotient is the nearest double.
          if (at === end && point !== end && value < 1e15 && end - point !== undecided) {
            if (point > 0) value /= POWERS[end - point];
            values[base + row] = negative ? 0 - value : value;
            continue;
          }
        }
      }
      if (!read(block, index, base + row)) return false;
    }
    return true;
  };

export const booleanLoop =
  ({ values, read }: SlowRead<Uint8Array>): ParseColumn =>
  (block, column, base) => {
    const { bytes, starts, ends, width, rows } = block;
    for (let row = 0, index = column; row < rows; row++, index += width) {
      const at = starts[index];
      const size = ends[index] - at;
      if (size === 4 && bytes[at] === 116 && bytes[at + 1] === 114 && bytes[at + 2] === 117 && bytes[at + 3] === 101)
        values[base + row] = 1;
      else if (
        size === 5 &&
        bytes[at] === 102 &&
        bytes[at + 1] === 97 &&
        bytes[at + 2] === 108 &&
        bytes[at + 3] === 115 &&
        bytes[at + 4] === 101
      )
        values[base + row] = 0;
      else if (!read(block, index, base + row)) return false;
    }
    return true;
  };

export const int64Loop =
  ({ values, read }: SlowRead<BigInt64Array>): ParseColumn =>
  (block, column, base) => {
    const { bytes, starts, ends, width, rows } = block;
    for (let row = 0, index = column; row < rows; row++, index += width) {
      let at = starts[index];
      const end = ends[index];
      if (end > at && end - at < 16 && bytes[at] > 48) {
        let value = 0;
        for (; at < end; at++) {
          const digit = bytes[at] - 48;
          if (digit < 0 || digit > 9) break;
          value = value * 10 + digit;
        }
        if (at === end) {
          values[base + row] = BigInt(value);
          continue;
        }
      }
      if (!read(block, index, base + row)) return false;
    }
    return true;
  };
