/** The cells of one column, straight from bytes into the arrays of a batch. */
import { parseDate, parseTimestamp } from '../dates.ts';
import type { Cell, Column, ColumnType } from '../table.ts';
import { KIND, orderBit, typedValue } from '../typing.ts';
import type { ColumnParser, ColumnPlan, SlowRead, Values } from './column-plan.ts';
import { booleanLoop, doubleLoop, int32Loop, int64Loop } from './number-loops.ts';
import { cellText } from './record-block.ts';
import { stringParser, unknownParser } from './string-parser.ts';
import { dateLoop, timestampLoop } from './temporal-loops.ts';

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

/** Without shortcuts. */
const eachCell =
  ({ read }: SlowRead<Values>): ColumnParser['parse'] =>
  (block, column, base) => {
    for (let row = 0, index = column; row < block.rows; row++, index += block.width)
      if (!read(block, index, base + row)) return false;
    return true;
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
  let kinds = KINDS_OF[type] | orderBit(rules.order);
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
    parse: rules.unit === undefined ? readColumn(slow) : eachCell(slow),
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
    bytes: () => 0,
    kinds: () => kinds,
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
