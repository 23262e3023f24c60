/** The cells of one column, straight from bytes into the arrays of a batch. */
import { daysFromCivil, isCivil, parseDate, parseTimestamp } from '../dates.ts';
import { ByteDictionary } from '../dictionary.ts';
import type { Cell, Column, ColumnType } from '../table.ts';
import { type CellRules, KIND, typedValue } from '../typing.ts';
import { cellText, isQuotedEmpty, type RecordBlock } from './record-scanner.ts';

export type ColumnParser = {
  /** Parses the column of a block into the rows from `base` on. False when a misfit stopped it. */
  parse(block: RecordBlock, column: number, base: number): boolean;
  /** Forgets rows of the last block: of those from `base` on only `kept` (ascending, relative to it) stay. */
  keep(base: number, kept: Int32Array): void;
  /** The first `rows` rows as a column, in memory that the next `parse` uses again. */
  take(rows: number): Column;
  /** Begins a new batch. */
  reset(): void;
  /** Kinds of cells seen so far, as far as the type tells. */
  kinds(): number;
};

/** Told of a cell that does not fit (`text`) or is missing where it must not be (null); whether to go on. */
export type OnMisfit = (row: number, text: string | null) => boolean;

export type ColumnPlan = {
  /** `unknown`: only blank cells so far. */
  type: ColumnType | 'unknown';
  nullable: boolean;
  declared: boolean;
  rules: CellRules;
  capacity: number;
  onMisfit: OnMisfit;
};

type Values = Uint8Array | Int32Array | Float64Array | BigInt64Array;

const POWERS = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);
const KINDS_OF: Record<ColumnType | 'unknown', number> = {
  unknown: 0,
  boolean: KIND.BOOLEAN,
  int32: KIND.INT32,
  int64: KIND.INT32 | KIND.INT53,
  double: KIND.DOUBLE,
  date: KIND.DATE,
  timestamp: KIND.TIMESTAMP,
  string: KIND.STRING,
};

/** Everything around the values that columns of all types but text have in common. */
const typedParser = <T extends Values>(
  plan: ColumnPlan,
  create: () => T,
  store: (values: T, row: number, value: NonNullable<Cell>) => void,
  readColumn: (read: SlowRead<T>) => ColumnParser['parse'],
): ColumnParser => {
  const { type, capacity, rules, declared, nullable, onMisfit } = plan;
  const values = create();
  const valid = new Uint8Array(capacity).fill(1);
  let nulls = false;
  let kinds = KINDS_OF[type];
  const slow: SlowRead<T> = {
    values,
    read(block, index, row) {
      const blank = block.starts[index] === block.ends[index];
      const text = blank ? '' : cellText(block, index);
      const value = typedValue(text, type as ColumnType, rules, declared);
      if (value === null) {
        nulls = true;
        valid[row] = 0;
        return nullable || onMisfit(row, null);
      }
      if (value === undefined) return onMisfit(row, text);
      if (typeof value === 'bigint' && (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER))
        kinds |= KIND.INT64;
      store(values, row, value);
      return true;
    },
  };
  return {
    parse: readColumn(slow),
    keep(base, kept) {
      for (let i = 0; i < kept.length; i++) {
        values[base + i] = values[base + kept[i]];
        valid[base + i] = valid[base + kept[i]];
      }
      valid.fill(1, base + kept.length);
    },
    take: (rows) =>
      ({ type, values: values.subarray(0, rows), valid: nulls ? valid.subarray(0, rows) : undefined }) as Column,
    reset() {
      if (nulls) valid.fill(1);
      nulls = false;
    },
    kinds: () => kinds,
  };
};

type SlowRead<T extends Values> = { values: T; read(block: RecordBlock, index: number, row: number): boolean };

// The loops below are alike on purpose: a loop of its own for each type is what lets the engine keep it in registers.

const int32Loop =
  ({ values, read }: SlowRead<Int32Array>): ColumnParser['parse'] =>
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

const doubleLoop =
  ({ values, read }: SlowRead<Float64Array>, { rules }: ColumnPlan): ColumnParser['parse'] =>
  (block, column, base) => {
    const { bytes, starts, ends, width, rows } = block;
    const mark = rules.decimal.charCodeAt(0);
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
          if (at === end && point !== end && value < 1e15) {
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

const dateLoop =
  ({ values, read }: SlowRead<Int32Array>): ColumnParser['parse'] =>
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

const timestampLoop =
  ({ values, read }: SlowRead<Float64Array>): ColumnParser['parse'] =>
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

const booleanLoop =
  ({ values, read }: SlowRead<Uint8Array>): ColumnParser['parse'] =>
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

const int64Loop =
  ({ values, read }: SlowRead<BigInt64Array>): ColumnParser['parse'] =>
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

/** Distinct strings above this share of a batch are not worth looking up. */
const DISTINCT_SHARE = 0.6;
/** Batches after which a column of distinct strings is looked at again. */
const LOOK_AGAIN = 16;

const stringParser = ({ capacity, nullable, onMisfit }: ColumnPlan): ColumnParser => {
  const codes = new Int32Array(capacity);
  const valid = new Uint8Array(capacity).fill(1);
  const dictionary = new ByteDictionary();
  let nulls = false;
  let cells = 0;
  let distinct = false;
  let batches = 0;
  let unescaped = Buffer.allocUnsafe(1024);
  const undouble = (block: RecordBlock, index: number): number => {
    const from = block.starts[index];
    const to = ~block.ends[index];
    if (to - from > unescaped.length) unescaped = Buffer.allocUnsafe((to - from) * 2);
    let size = 0;
    for (let at = from; at < to; at++) {
      unescaped[size++] = block.bytes[at];
      if (block.bytes[at] === 34) at++;
    }
    return size;
  };
  return {
    parse(block, column, base) {
      const { bytes, starts, ends, width, rows } = block;
      for (let row = 0, index = column; row < rows; row++, index += width) {
        const from = starts[index];
        const end = ends[index];
        if (end > from)
          codes[base + row] = distinct ? dictionary.append(bytes, from, end) : dictionary.add(bytes, from, end);
        else if (end < 0) {
          const size = undouble(block, index);
          codes[base + row] = distinct ? dictionary.append(unescaped, 0, size) : dictionary.add(unescaped, 0, size);
        } else if (isQuotedEmpty(block, index)) codes[base + row] = dictionary.add(bytes, from, from);
        else {
          nulls = true;
          valid[base + row] = 0;
          if (!nullable && !onMisfit(base + row, null)) return false;
        }
      }
      cells += rows;
      if (!distinct && cells >= 2048 && dictionary.length > cells * DISTINCT_SHARE) distinct = true;
      return true;
    },
    keep(base, kept) {
      for (let i = 0; i < kept.length; i++) {
        codes[base + i] = codes[base + kept[i]];
        valid[base + i] = valid[base + kept[i]];
      }
      valid.fill(1, base + kept.length);
    },
    take: (rows) => ({
      type: 'string',
      codes: codes.subarray(0, rows),
      dictionary,
      valid: nulls ? valid.subarray(0, rows) : undefined,
    }),
    reset() {
      if (++batches % LOOK_AGAIN === 0) distinct = false;
      dictionary.clear();
      cells = 0;
      if (nulls) valid.fill(1);
      nulls = false;
    },
    kinds: () => KIND.STRING,
  };
};

/** Nothing but blank cells; the first other one is a misfit. */
const unknownParser = ({ capacity, onMisfit }: ColumnPlan): ColumnParser => {
  const codes = new Int32Array(capacity);
  const valid = new Uint8Array(capacity);
  return {
    parse(block, column, base) {
      for (let row = 0, index = column; row < block.rows; row++, index += block.width) {
        const blank = block.starts[index] === block.ends[index] && !isQuotedEmpty(block, index);
        if (!blank && !onMisfit(base + row, cellText(block, index))) return false;
      }
      return true;
    },
    keep() {},
    take: (rows) => ({
      type: 'string',
      codes: codes.subarray(0, rows),
      dictionary: new ByteDictionary(),
      valid: valid.subarray(0, rows),
    }),
    reset() {},
    kinds: () => 0,
  };
};

export const createColumnParser = (plan: ColumnPlan): ColumnParser => {
  const { capacity } = plan;
  const number = (values: Int32Array | Float64Array, row: number, value: NonNullable<Cell>): void => {
    values[row] = value as number;
  };
  const doubles = (): Float64Array => new Float64Array(capacity);
  const ints = (): Int32Array => new Int32Array(capacity);
  switch (plan.type) {
    case 'unknown':
      return unknownParser(plan);
    case 'string':
      return stringParser(plan);
    case 'int32':
      return typedParser(plan, ints, number, int32Loop);
    case 'double':
      return typedParser(plan, doubles, number, (slow) => doubleLoop(slow, plan));
    case 'date':
      return typedParser(
        plan,
        ints,
        (values, row, value) => {
          values[row] = parseDate(value as string)!;
        },
        dateLoop,
      );
    case 'timestamp':
      return typedParser(
        plan,
        doubles,
        (values, row, value) => {
          values[row] = parseTimestamp(value as string)!;
        },
        timestampLoop,
      );
    case 'boolean':
      return typedParser(
        plan,
        () => new Uint8Array(capacity),
        (values, row, value) => {
          values[row] = Number(value);
        },
        booleanLoop,
      );
    case 'int64':
      return typedParser(
        plan,
        () => new BigInt64Array(capacity),
        (values, row, value) => {
          values[row] = value as bigint;
        },
        int64Loop,
      );
  }
};
