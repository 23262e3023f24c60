/** One column of one row group as the bytes of its pages, before compression, with the statistics readers prune by. */
import { compareBytes } from '../byte-order.ts';
import { ByteDictionary } from '../dictionary.ts';
import type { Column, Dictionary } from '../table.ts';
import { ENCODING } from './format.ts';
import { bitWidth, packBits, packedSize, packRun } from './levels.ts';

/** Smallest and largest value in PLAIN encoding; absent where there is none, or where it would be of no use. */
export type Bounds = { min: Uint8Array; max: Uint8Array };

export type ColumnPages = {
  /** Page of the dictionary, for columns that have one. */
  dictionary?: { bytes: Uint8Array; values: number };
  /** Levels and values; valid until the next column is encoded. */
  data: Uint8Array;
  encoding: number;
  nulls: number;
  bounds?: Bounds;
};

/** Distinct strings above this share of the rows are written as they are. */
const DICTIONARY_SHARE = 0.6;
/** Longer strings are no use for pruning and would bloat the footer. */
const LONGEST_BOUND = 256;

let scratch: Buffer = Buffer.alloc(1 << 20);
/**
 * Room for `size` bytes, of which the first `kept` hold what was written there before: the memory is replaced when it
 * grows.
 */
const reserve = (size: number, kept: number): Buffer => {
  if (size > scratch.length) {
    const larger = Buffer.alloc(Math.max(size, scratch.length * 2));
    scratch.copy(larger, 0, 0, kept);
    scratch = larger;
  }
  return scratch;
};

const bytesOf = (values: Uint8Array | Int32Array | Float64Array | BigInt64Array, rows: number): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, rows * values.BYTES_PER_ELEMENT);

/** Without the values under nulls. */
const present = <T extends Uint8Array | Int32Array | Float64Array | BigInt64Array>(
  values: T,
  rows: number,
  valid: Uint8Array | undefined,
): T => {
  if (!valid) return values;
  const kept = values.slice(0, rows) as T;
  let to = 0;
  for (let row = 0; row < rows; row++) if (valid[row] !== 0) kept[to++] = values[row];
  return kept.subarray(0, to) as T;
};

const int64OfDoubles = (values: Float64Array, count: number): Uint8Array => {
  const halves = new Uint32Array(count * 2);
  for (let i = 0; i < count; i++) {
    const high = Math.floor(values[i] / 4_294_967_296);
    halves[2 * i] = values[i] - high * 4_294_967_296;
    halves[2 * i + 1] = high;
  }
  return new Uint8Array(halves.buffer);
};

const bound = Buffer.alloc(8);
/** In memory of its own: thousands of bounds are kept until the footer, and a view of a pool would keep all of it. */
const encodeBound = (type: Column['type'], value: number | bigint): Uint8Array => {
  if (type === 'boolean') return Uint8Array.of(Number(value));
  if (type === 'double') bound.writeDoubleLE(value as number);
  else if (type === 'int32' || type === 'date') bound.writeInt32LE(value as number);
  else bound.writeBigInt64LE(BigInt(value));
  return Uint8Array.from(bound.subarray(0, type === 'int32' || type === 'date' ? 4 : 8));
};

type Range<T> = { min: T; max: T };

/** Smallest and largest of the first `count` values, at least one; null where one is NaN, which has no place there. */
const rangeOf = {
  int32(values: Int32Array, count: number): Range<number> {
    let [min, max] = [values[0], values[0]];
    for (let i = 1; i < count; i++) {
      const value = values[i];
      if (value < min) min = value;
      else if (value > max) max = value;
    }
    return { min, max };
  },
  // Alike on purpose: a loop that meets several kinds of arrays is three times as slow.
  double(values: Float64Array, count: number): Range<number> | null {
    let [min, max] = [values[0], values[0]];
    for (let i = 0; i < count; i++) {
      const value = values[i];
      if (Number.isNaN(value)) return null;
      if (value < min) min = value;
      else if (value > max) max = value;
    }
    return { min, max };
  },
  other(values: ArrayLike<number> | ArrayLike<bigint>, count: number): Range<number | bigint> {
    let [min, max] = [values[0], values[0]];
    for (let i = 0; i < count; i++) {
      const value = values[i];
      if (value < min) min = value;
      else if (value > max) max = value;
    }
    return { min, max };
  },
};

const numericBounds = (
  type: Column['type'],
  values: Uint8Array | Int32Array | Float64Array | BigInt64Array,
  count: number,
): Bounds | undefined => {
  if (count === 0) return undefined;
  let range: Range<number | bigint> | null;
  if (values instanceof Int32Array) range = rangeOf.int32(values, count);
  else if (values instanceof Float64Array) range = rangeOf.double(values, count);
  else range = rangeOf.other(values, count);
  if (!range) return undefined;
  let { min, max } = range;
  // Zeros of both signs are equal to us and not to every reader.
  if (type === 'double' && min === 0) min = -0;
  if (type === 'double' && max === 0) max = 0;
  return { min: encodeBound(type, min), max: encodeBound(type, max) };
};

const stringBounds = ({ length, bytes, words, offsets, end }: ByteDictionary): Bounds | undefined => {
  if (length === 0) return undefined;
  let [min, minEnd] = [offsets[0], length > 1 ? offsets[1] - 4 : end];
  let [max, maxEnd] = [min, minEnd];
  for (let code = 1; code < length; code++) {
    const from = offsets[code];
    const to = code + 1 < length ? offsets[code + 1] - 4 : end;
    if (compareBytes(words, from, to, words, min, minEnd) < 0) {
      min = from;
      minEnd = to;
    } else if (compareBytes(words, from, to, words, max, maxEnd) > 0) {
      max = from;
      maxEnd = to;
    }
  }
  if (minEnd - min > LONGEST_BOUND || maxEnd - max > LONGEST_BOUND) return undefined;
  return { min: Uint8Array.from(bytes.subarray(min, minEnd)), max: Uint8Array.from(bytes.subarray(max, maxEnd)) };
};

const asBytes = (dictionary: Dictionary): ByteDictionary => {
  if (dictionary instanceof ByteDictionary) return dictionary;
  const bytes = new ByteDictionary();
  for (let code = 0; code < dictionary.length; code++) {
    const text = Buffer.from(dictionary.get(code));
    bytes.append(text, 0, text.length);
  }
  return bytes;
};

/** Definition levels with their length in front, as data pages of version 1 have them. */
const putLevels = (valid: Uint8Array | undefined, rows: number, target: Buffer): number => {
  const end = valid ? packBits(valid, rows, 1, target, 4) : packRun(1, rows, target, 4);
  target.writeUInt32LE(end - 4, 0);
  return end;
};

const encodeStrings = (
  column: Column & { type: 'string' },
  rows: number,
  valid: Uint8Array | undefined,
  levels: number,
): ColumnPages => {
  const dictionary = asBytes(column.dictionary);
  const codes = present(column.codes, rows, valid);
  const count = valid ? codes.length : rows;
  const bounds = stringBounds(dictionary);
  const nulls = rows - count;
  if (dictionary.length <= Math.max(1, count * DICTIONARY_SHARE)) {
    const width = bitWidth(dictionary.length);
    const target = reserve(levels + 1 + packedSize(count, width), levels);
    target[levels] = width;
    const end =
      dictionary.length <= 1
        ? packRun(0, count, target, levels + 1)
        : packBits(codes, count, width, target, levels + 1);
    const page = { bytes: dictionary.plain(), values: dictionary.length };
    return { dictionary: page, data: target.subarray(0, end), encoding: ENCODING.RLE_DICTIONARY, nulls, bounds };
  }
  let inOrder = dictionary.length === count;
  for (let i = 0; inOrder && i < count; i++) inOrder = codes[i] === i;
  if (inOrder) {
    const target = reserve(levels + dictionary.end, levels);
    target.set(dictionary.plain(), levels);
    return { data: target.subarray(0, levels + dictionary.end), encoding: ENCODING.PLAIN, nulls, bounds };
  }
  let size = levels;
  for (let i = 0; i < count; i++) size += 4 + dictionary.size(codes[i]);
  const target = reserve(size, levels);
  let at = levels;
  for (let i = 0; i < count; i++) {
    const from = dictionary.offsets[codes[i]] - 4;
    at += dictionary.bytes.copy(target, at, from, from + 4 + dictionary.size(codes[i]));
  }
  return { data: target.subarray(0, at), encoding: ENCODING.PLAIN, nulls, bounds };
};

const encodeBooleans = (values: Uint8Array, count: number, target: Buffer, at: number): number => {
  const end = at + ((count + 7) >> 3);
  target.fill(0, at, end);
  for (let i = 0; i < count; i++) if (values[i] !== 0) target[at + (i >> 3)] |= 1 << (i & 7);
  return end;
};

/**
 * Encodes the first `rows` values of a column. A column that may not be null must not have nulls (the caller sees to
 * it).
 */
export const encodeColumn = (column: Column, rows: number, nullable: boolean): ColumnPages => {
  const valid = column.valid?.subarray(0, rows).includes(0) ? column.valid : undefined;
  const size = column.type === 'string' ? 0 : rows * 8;
  const target = reserve(32 + packedSize(rows, 1) + size, 0);
  const levels = nullable ? putLevels(valid, rows, target) : 0;
  if (column.type === 'string') return encodeStrings(column, rows, valid, levels);
  const values = present(column.values, rows, valid);
  const count = valid ? values.length : rows;
  const bounds = numericBounds(column.type, values, count);
  if (column.type === 'boolean') {
    const end = encodeBooleans(values as Uint8Array, count, target, levels);
    return { data: target.subarray(0, end), encoding: ENCODING.PLAIN, nulls: rows - count, bounds };
  }
  const bytes = column.type === 'timestamp' ? int64OfDoubles(values as Float64Array, count) : bytesOf(values, count);
  target.set(bytes, levels);
  return { data: target.subarray(0, levels + bytes.length), encoding: ENCODING.PLAIN, nulls: rows - count, bounds };
};
