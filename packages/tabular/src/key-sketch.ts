/** Which keys a table has, in little room: enough to say later what share of them another table has too. */
import { textWord } from './read-back/table-sums.ts';
import type { Batch, Column, Field } from './table.ts';

/**
 * How many distinct keys there are, and the smallest of their hashes: a sample that is the same for the same keys, so
 * that the share of it which another table has is about the share of all. `form` says how they were hashed; those of
 * another form cannot be compared.
 */
export type KeySample = { form: 1; count: number; sample: readonly number[] };

export type KeySketch = {
  add(batch: Batch): void;
  /** Null where there are more distinct keys than are kept count of. */
  sample(): KeySample | null;
  /** What share of the keys of another table are keys of this one, 0 to 1; null where that cannot be told. */
  shareOf(other: KeySample): number | null;
};

/** Of this many the share is known to a few hundredths; with as many keys or fewer it is exact. */
const SAMPLE = 256;
/** A set of as many takes some ten megabytes. */
const MOST_KEYS = 200_000;
const NULL = 0x6e756c6c;

// Samples are stored with versions: whoever changes how a key is hashed raises `form`.
const mixed = (hash: number, word: number): number => {
  const next = Math.imul(hash ^ word, 0x9e3779b1);
  return next ^ (next >>> 16);
};

/** A hash of each value of a column. */
const wordsOf = (column: Column, rows: number): ((row: number) => number) => {
  const { valid } = column;
  const orNull =
    (word: (row: number) => number) =>
    (row: number): number =>
      valid !== undefined && valid[row] === 0 ? NULL : word(row);
  if (column.type === 'string') {
    const { codes, dictionary } = column;
    const words = Int32Array.from({ length: dictionary.length }, (_, code) => {
      const bytes = Buffer.from(dictionary.get(code));
      return textWord(bytes, 0, bytes.length);
    });
    return orNull((row) => words[codes[row]]);
  }
  if (column.type === 'double' || column.type === 'timestamp' || column.type === 'int64') {
    const { values } = column;
    const halves = new Int32Array(values.buffer, values.byteOffset, rows * 2);
    return orNull((row) => mixed(halves[row * 2], halves[row * 2 + 1]));
  }
  const { values } = column;
  return orNull((row) => values[row]);
};

/** Of the columns of these names; those that are no fields count for nothing. */
export const createKeySketch = (fields: readonly Field[], names: readonly string[]): KeySketch => {
  const places = names.flatMap((name) => {
    const place = fields.findIndex((field) => field.name === name);
    return place === -1 ? [] : [place];
  });
  const keys = new Set<number>();
  let tooMany = places.length === 0;
  return {
    add({ rows, columns }) {
      if (tooMany) return;
      const words = places.map((place) => wordsOf(columns[place], rows));
      for (let row = 0; row < rows; row++) {
        let hash = 0x243f6a88;
        for (const word of words) hash = mixed(hash, word(row));
        keys.add(hash >>> 0);
      }
      if (keys.size <= MOST_KEYS) return;
      tooMany = true;
      keys.clear();
    },
    sample: () =>
      tooMany ? null : { form: 1, count: keys.size, sample: [...Uint32Array.from(keys).sort().subarray(0, SAMPLE)] },
    shareOf({ form, sample }) {
      if (tooMany || form !== 1 || sample.length === 0) return null;
      return sample.filter((hash) => keys.has(hash)).length / sample.length;
    },
  };
};
