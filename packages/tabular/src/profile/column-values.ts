/** Values of columns as what they are counted by: bytes of texts, two words of anything else. */
import { formatDate, formatTimestamp } from '../dates.ts';
import { ByteDictionary } from '../dictionary.ts';
import { PageDictionary } from '../parquet/read-column.ts';
import type { Cell, Column, ColumnType, Dictionary } from '../table.ts';
import { NumberCounts } from './value-counts.ts';

export type Where = { bytes: Uint8Array; from: number; to: number };

/** Where the text of a code is. */
export const placeOf = (dictionary: Dictionary): ((code: number) => Where) => {
  if (dictionary instanceof ByteDictionary)
    return (code) => {
      const from = dictionary.offsets[code];
      return { bytes: dictionary.bytes, from, to: from + dictionary.size(code) };
    };
  if (dictionary instanceof PageDictionary)
    return (code) => ({ bytes: dictionary.bytes, from: dictionary.start(code), to: dictionary.end(code) });
  return (code) => {
    const bytes = Buffer.from(dictionary.get(code));
    return { bytes, from: 0, to: bytes.length };
  };
};

/** How often each code of a dictionary occurs in these rows (null: in the first `count`), and how many are null. */
export const timesOf = (
  { codes, dictionary, valid }: Column & { type: 'string' },
  rows: Uint32Array | null,
  count: number,
): { times: Int32Array; nulls: number } => {
  const times = new Int32Array(dictionary.length);
  let nulls = 0;
  for (let i = 0; i < count; i++) {
    const row = rows === null ? i : rows[i];
    if (valid !== undefined && valid[row] === 0) nulls++;
    else times[codes[row]]++;
  }
  return { times, nulls };
};

/** The upper half of -0. */
const MINUS_ZERO = -0x80000000;
export type NumberColumn = Exclude<Column, { type: 'string' }>;
export type NumberType = Exclude<ColumnType, 'string'>;

const eight = new DataView(new ArrayBuffer(8));

/** The value of two words: days, milliseconds, bigint. */
const numberOf = (type: NumberType, low: number, high: number): number | bigint => {
  if (type === 'int32' || type === 'date' || type === 'boolean') return low;
  eight.setInt32(0, low, true);
  eight.setInt32(4, high, true);
  return type === 'int64' ? eight.getBigInt64(0, true) : eight.getFloat64(0, true);
};

export const cellOf = (type: NumberType, value: number | bigint): Cell => {
  if (type === 'boolean') return value !== 0;
  if (type === 'date') return formatDate(value as number);
  return type === 'timestamp' ? formatTimestamp(value as number) : value;
};

/** Gives each value that is not null as two words; both zeros are one. */
export const eachNumber = (
  column: NumberColumn,
  rows: Uint32Array | null,
  count: number,
  visit: (low: number, high: number) => void,
): void => {
  const { values, valid } = column;
  if (values instanceof Float64Array || values instanceof BigInt64Array) {
    const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    const isDouble = values instanceof Float64Array;
    for (let i = 0; i < count; i++) {
      const row = rows === null ? i : rows[i];
      if (valid !== undefined && valid[row] === 0) continue;
      const low = halves[2 * row];
      const high = halves[2 * row + 1];
      visit(low, isDouble && low === 0 && high === MINUS_ZERO ? 0 : high);
    }
    return;
  }
  for (let i = 0; i < count; i++) {
    const row = rows === null ? i : rows[i];
    if (valid === undefined || valid[row] !== 0) visit(values[row], 0);
  }
};

/** The value of an entry. */
export const valueAt = (counts: NumberCounts, type: NumberType, entry: number): number | bigint =>
  numberOf(type, counts.low[entry], counts.high[entry]);

/** Counts of numbers, in their order. */
export const numberCounts = (type: NumberType): NumberCounts =>
  new NumberCounts((counts, a, b) => {
    const [left, right] = [valueAt(counts, type, a), valueAt(counts, type, b)];
    return left < right ? -1 : left > right ? 1 : 0;
  });
