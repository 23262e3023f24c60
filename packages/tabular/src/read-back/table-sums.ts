/**
 * What a table holds in a few numbers a column, to compare what was written with what is read back: how many nulls, and a checksum of its
 * values in their order. Worked out from the values themselves, whatever they are encoded as, without a string or an object a row.
 */
import { ByteDictionary } from '../dictionary.ts';
import { PageDictionary } from '../parquet/read-column.ts';
import type { Batch, Column, Dictionary, Field } from '../table.ts';

/** `checksum`: 64 bits in hex. */
export type ColumnSum = { nulls: number; checksum: string };
/** `columns` in the order of the fields. */
export type TableSums = { rows: number; columns: readonly ColumnSum[] };

const NULL = 0x6e756c6c;
const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');

/** Where the words of values stand: at `row * stride`, the second one `offset` behind it; without `high` it is 0. */
type Words = { low: Int32Array; high: Int32Array | null; stride: number; offset: number };

const wordsOf = (low: Int32Array): Words => ({ low, high: null, stride: 1, offset: 0 });
const halvesOf = (halves: Int32Array): Words => ({ low: halves, high: halves, stride: 2, offset: 1 });

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

  /**
   * The first `rows` values, of which `valid` says whether they are there: {@link add} and {@link addNull} in one loop.
   * With `codes` the words of a row are those at its code. Throws RangeError for a code that has no words.
   */
  addAll(rows: number, valid: Uint8Array | undefined, words: Words, codes: Int32Array | null = null): void {
    const { low, high, stride, offset } = words;
    let a = this.#a;
    let b = this.#b;
    for (let row = 0; row < rows; row++) {
      let first = NULL;
      let second = NULL;
      if (valid === undefined || valid[row] !== 0) {
        const at = (codes === null ? row : codes[row]) * stride;
        // A code beyond the dictionary is no value: it must not be taken for the first.
        if (at < 0 || at >= low.length)
          throw new RangeError(`row ${row + 1} of a row group has a text that is not there`);
        first = low[at];
        second = high === null ? 0 : high[at + offset];
      } else this.nulls++;
      const nextA = Math.imul(a ^ first, 0x9e3779b1) + second;
      const nextB = Math.imul(b ^ second ^ ((first << 16) | (first >>> 16)), 0x85ebca6b) + first;
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

/** Words of the UTF-8 in `bytes`, four bytes at a time. Give both to {@link RunningSum.add}: `add(textWord(…), otherWord())`. */
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
  sum.addAll(rows, valid, { low, high, stride: 1, offset: 0 }, codes);
};

/** Halves of doubles, both zeros alike. */
const halvesOfDoubles = (values: Float64Array, rows: number): Int32Array => {
  const same = new Int32Array(values.buffer, values.byteOffset, rows * 2);
  for (let row = 0; row < rows; row++)
    if (values[row] === 0 && same[2 * row + 1] !== 0)
      return new Int32Array(values.slice(0, rows).map((value) => value + 0).buffer);
  return same;
};

/** Adds the first `rows` values of a column. */
export const addColumn = (sum: RunningSum, column: Column, rows: number): void => {
  const { valid } = column;
  switch (column.type) {
    case 'string':
      addTexts(sum, column.codes, column.dictionary, rows, valid);
      return;
    case 'int64':
      sum.addAll(rows, valid, halvesOf(new Int32Array(column.values.buffer, column.values.byteOffset, rows * 2)));
      return;
    case 'double':
    case 'timestamp':
      sum.addAll(rows, valid, halvesOf(halvesOfDoubles(column.values, rows)));
      return;
    case 'boolean':
      sum.addAll(rows, valid, wordsOf(Int32Array.from({ length: rows }, (_, row) => Number(column.values[row] !== 0))));
      return;
    default:
      sum.addAll(rows, valid, wordsOf(column.values));
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
