/**
 * What a table holds in a few numbers a column, to compare what was written with what is read back: how many nulls, and
 * a checksum of its values in their order. Worked out from the values themselves, whatever they are encoded as, without
 * a string or an object a row.
 */
import { ByteDictionary } from '../dictionary.ts';
import { PageDictionary } from '../parquet/read-column.ts';
import type { Batch, Column, Dictionary, Field } from '../table.ts';

/** `checksum`: 64 bits in hex. */
export type ColumnSum = { nulls: number; checksum: string };
/** `columns` in the order of the fields. */
export type TableSums = { rows: number; columns: readonly ColumnSum[] };

const NULL = 0x6e756c6c;
/** The upper half of -0. */
const MINUS_ZERO = -0x80000000;
const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');

/** Two words that every value changes, each in its own way, and of which none can be had back from what came later. */
export class RunningSum {
  nulls = 0;
  #a = 0x243f6a88;
  #b = 0x13198a2e;

  /** A value as two words. */
  add(low: number, high: number): void {
    const a = Math.imul(this.#a ^ low, 0x9e3779b1) + high;
    const b = Math.imul(this.#b ^ high ^ ((low << 16) | (low >>> 16)), 0x85ebca6b) + low;
    this.#a = a ^ (a >>> 15);
    this.#b = b ^ (b >>> 13);
  }

  addNull(): void {
    this.nulls++;
    this.add(NULL, NULL);
  }

  // A loop of its own for each way in which values lie, alike on purpose: {@link add} a value at a time is twice as
  // slow.

  /** The first `rows` values of one word each. */
  addWords(values: Int32Array, rows: number, valid: Uint8Array | undefined): void {
    let a = this.#a;
    let b = this.#b;
    for (let row = 0; row < rows; row++) {
      let low = NULL;
      let high = NULL;
      if (valid === undefined || valid[row] !== 0) {
        low = values[row];
        high = 0;
      } else this.nulls++;
      const nextA = Math.imul(a ^ low, 0x9e3779b1) + high;
      const nextB = Math.imul(b ^ high ^ ((low << 16) | (low >>> 16)), 0x85ebca6b) + low;
      a = nextA ^ (nextA >>> 15);
      b = nextB ^ (nextB >>> 13);
    }
    this.#a = a;
    this.#b = b;
  }

  /** The same of two words each, the lower one first; both zeros of doubles are alike. */
  addHalves(halves: Int32Array, rows: number, valid: Uint8Array | undefined, double: boolean): void {
    let a = this.#a;
    let b = this.#b;
    for (let row = 0; row < rows; row++) {
      let low = NULL;
      let high = NULL;
      if (valid === undefined || valid[row] !== 0) {
        low = halves[2 * row];
        high = halves[2 * row + 1];
        if (double && low === 0 && high === MINUS_ZERO) high = 0;
      } else this.nulls++;
      const nextA = Math.imul(a ^ low, 0x9e3779b1) + high;
      const nextB = Math.imul(b ^ high ^ ((low << 16) | (low >>> 16)), 0x85ebca6b) + low;
      a = nextA ^ (nextA >>> 15);
      b = nextB ^ (nextB >>> 13);
    }
    this.#a = a;
    this.#b = b;
  }

  /** The same of codes whose words are `lows` and `highs`. Throws RangeError for a code that has none. */
  addCodes(codes: Int32Array, lows: Int32Array, highs: Int32Array, rows: number, valid: Uint8Array | undefined): void {
    const { length } = lows;
    let a = this.#a;
    let b = this.#b;
    for (let row = 0; row < rows; row++) {
      let low = NULL;
      let high = NULL;
      if (valid === undefined || valid[row] !== 0) {
        const code = codes[row];
        // It must not be taken for the first.
        if (code < 0 || code >= length)
          throw new RangeError(`row ${row + 1} of a row group has a text that is not there`);
        low = lows[code];
        high = highs[code];
      } else this.nulls++;
      const nextA = Math.imul(a ^ low, 0x9e3779b1) + high;
      const nextB = Math.imul(b ^ high ^ ((low << 16) | (low >>> 16)), 0x85ebca6b) + low;
      a = nextA ^ (nextA >>> 15);
      b = nextB ^ (nextB >>> 13);
    }
    this.#a = a;
    this.#b = b;
  }

  sum(): ColumnSum {
    return { nulls: this.nulls, checksum: hex(this.#a) + hex(this.#b) };
  }
}

/** The words of a text: a function gives one, the other is here until the next call. */
let secondWord = 0;

/**
 * Words of the UTF-8 in `bytes`, four bytes at a time. Give both to {@link RunningSum.add}: `add(textWord(…),
 * otherWord())`.
 */
export const textWord = (bytes: Uint8Array, from: number, to: number): number => {
  let a = to - from;
  let b = ~a;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    a = Math.imul(a ^ word, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul(b ^ word, 0xc2b2ae35);
    b ^= b >>> 13;
  }
  for (; at < to; at++) {
    a = Math.imul(a ^ bytes[at], 0x01000193);
    b = Math.imul(b ^ bytes[at], 0x85ebca6b);
    b ^= b >>> 13;
  }
  secondWord = b;
  return a ^ (a >>> 16);
};
export const otherWord = (): number => secondWord;

const eight = new DataView(new ArrayBuffer(8));

/** Words of a double or of milliseconds: those of its bits, both zeros alike. */
export const addDouble = (sum: RunningSum, value: number): void => {
  eight.setFloat64(0, value + 0);
  sum.add(eight.getInt32(4), eight.getInt32(0));
};

const addTexts = (
  sum: RunningSum,
  codes: Int32Array,
  dictionary: Dictionary,
  rows: number,
  valid?: Uint8Array,
): void => {
  const { length } = dictionary;
  const low = new Int32Array(length);
  const high = new Int32Array(length);
  for (let code = 0; code < length; code++) {
    if (dictionary instanceof ByteDictionary) {
      const from = dictionary.offsets[code];
      low[code] = textWord(dictionary.bytes, from, from + dictionary.size(code));
    } else if (dictionary instanceof PageDictionary) {
      low[code] = textWord(dictionary.bytes, dictionary.start(code), dictionary.end(code));
    } else {
      const bytes = Buffer.from(dictionary.get(code));
      low[code] = textWord(bytes, 0, bytes.length);
    }
    high[code] = secondWord;
  }
  sum.addCodes(codes, low, high, rows, valid);
};

const halvesOf = ({ buffer, byteOffset }: BigInt64Array | Float64Array, rows: number): Int32Array =>
  new Int32Array(buffer, byteOffset, rows * 2);

const flags = (values: Uint8Array, rows: number): Int32Array => {
  const words = new Int32Array(rows);
  for (let row = 0; row < rows; row++) words[row] = Number(values[row] !== 0);
  return words;
};

/** Adds the first `rows` values of a column. */
export const addColumn = (sum: RunningSum, column: Column, rows: number): void => {
  const { valid } = column;
  switch (column.type) {
    case 'string':
      addTexts(sum, column.codes, column.dictionary, rows, valid);
      return;
    case 'int64':
    case 'double':
    case 'timestamp':
      sum.addHalves(halvesOf(column.values, rows), rows, valid, column.type !== 'int64');
      return;
    default:
      sum.addWords(column.type === 'boolean' ? flags(column.values, rows) : column.values, rows, valid);
  }
};

export type TableSummer = { add(batch: Batch): void; sums(): TableSums };

/** Sums of batches in the order in which they come. */
export const createTableSums = (fields: readonly Field[]): TableSummer => {
  const running = fields.map(() => new RunningSum());
  let rows = 0;
  return {
    add(batch) {
      rows += batch.rows;
      for (const [index, sum] of running.entries()) addColumn(sum, batch.columns[index], batch.rows);
    },
    sums: () => ({ rows, columns: running.map((sum) => sum.sum()) }),
  };
};
