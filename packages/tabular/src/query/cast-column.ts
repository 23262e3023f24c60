/** Casts of whole columns, as PostgreSQL casts values. */
import { cellAt } from '../cells.ts';
import type { Column } from '../table.ts';
import { textColumn } from './column-ops.ts';
import { parseValue, SQL_NAME } from './parse-value.ts';
import type { CastType, Value } from './query.ts';
import { QueryError, shortened } from './query-error.ts';

type Plain = Exclude<Column, { type: 'string' }>;

/** The text of a value, as JSON and CSV have it too. */
export const textOf = (column: Column, row: number): string | null => {
  const cell = cellAt(column, row);
  return cell === null ? null : String(cell);
};

const jsonText = (column: Column, row: number): string | null => {
  const text = textOf(column, row);
  if (text === null) return null;
  if (column.type === 'date' || column.type === 'timestamp') return JSON.stringify(text);
  if (column.type === 'double') return Number.isFinite(Number(text)) ? text : JSON.stringify(text);
  if (column.type !== 'string') return text;
  try {
    JSON.parse(text);
  } catch {
    throw new QueryError('22P02', 'invalid input syntax for type json', { details: `The value is ${shortened(text)}` });
  }
  // Lines would break the answers that have one row a line.
  return text.replace(/[\r\n]+/g, ' ');
};

const emptyValues = (type: Plain['type'], rows: number): Plain['values'] => {
  if (type === 'boolean') return new Uint8Array(rows);
  if (type === 'int64') return new BigInt64Array(rows);
  return type === 'int32' || type === 'date' ? new Int32Array(rows) : new Float64Array(rows);
};

/** Half to even, as PostgreSQL rounds doubles. */
const rounded = (value: number): number => {
  const down = Math.floor(value);
  const rest = value - down;
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
};

const whole = (value: Value, to: 'int32' | 'int64'): number | bigint => {
  const bits = to === 'int32' ? 32 : 64;
  const tooBig = (): QueryError => new QueryError('22003', `${SQL_NAME[to]} out of range`);
  if (typeof value === 'number' && !Number.isFinite(value)) throw tooBig();
  const exact = typeof value === 'bigint' ? value : BigInt(rounded(Number(value)));
  if (BigInt.asIntN(bits, exact) !== exact) throw tooBig();
  return to === 'int32' ? Number(exact) : exact;
};

const DAY = 86_400_000;
/** Later than that JavaScript writes no date. */
const LAST_TIME = 8.64e15;

const converted = (value: Value, from: Column['type'], to: Plain['type']): Value => {
  if (from === 'string') {
    const parsed = parseValue(value as string, to);
    const time = to === 'date' ? Number(parsed) * DAY : to === 'timestamp' ? Number(parsed) : 0;
    if (Math.abs(time) > LAST_TIME) throw new QueryError('22008', `${to} out of range: "${shortened(String(value))}"`);
    return parsed;
  }
  if (to === 'int32' || to === 'int64') return whole(value, to);
  if (to === 'boolean') return Number(value) !== 0;
  if (to === 'double') return Number(value);
  if (from === to) return value;
  return to === 'date' ? Math.floor(Number(value) / DAY) : Number(value) * DAY;
};

/** Casts the first `rows` values. Throws QueryError (22P02, 22003, …) for a value that cannot be cast. */
export const castColumn = (column: Column, rows: number, to: CastType): Column => {
  if (column.type === to) return column;
  if (to === 'json') return textColumn(Array.from({ length: rows }, (_, row) => jsonText(column, row)));
  if (to === 'string') return textColumn(Array.from({ length: rows }, (_, row) => textOf(column, row)));
  const { valid } = column;
  const values = emptyValues(to, rows);
  const known = new Map<number, Value>();
  for (let row = 0; row < rows; row++) {
    if (valid?.[row] === 0) continue;
    if (column.type === 'string') {
      const code = column.codes[row];
      let value = known.get(code);
      if (value === undefined) {
        value = converted(column.dictionary.get(code), 'string', to);
        known.set(code, value);
      }
      values[row] = to === 'boolean' ? Number(value) : (value as never);
    } else {
      const value = converted(column.values[row], column.type, to);
      values[row] = to === 'boolean' ? Number(value) : (value as never);
    }
  }
  return { type: to, values, valid } as Column;
};
