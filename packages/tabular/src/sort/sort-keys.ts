/** Columns of rows that lie in several batches as numbers that are ordered as the values are: what sorting compares. */
import { ByteDictionary } from '../dictionary.ts';
import type { KeptBatch, KeptColumn, TextColumn } from '../kept-batch.ts';
import type { ColumnType } from '../table.ts';

/** Before every value; none is infinite. */
const NULL = Number.NEGATIVE_INFINITY;

/** The first six bytes of a text as one number: most texts differ there. */
const prefixOf = ({ bytes, offsets }: ByteDictionary, code: number, size: number): number => {
  let prefix = 0;
  for (let i = 0; i < 6; i++) prefix = prefix * 256 + (i < size ? bytes[offsets[code] + i] : 0);
  return prefix;
};

/** The place of each text among all of them, by code point. */
const ranksOf = (texts: ByteDictionary): Float64Array => {
  const { length, bytes, offsets } = texts;
  const sizes = Int32Array.from({ length }, (_, code) => texts.size(code));
  const prefixes = Float64Array.from({ length }, (_, code) => prefixOf(texts, code, sizes[code]));
  const order = Uint32Array.from({ length }, (_, code) => code).sort(
    (a, b) =>
      prefixes[a] - prefixes[b] ||
      bytes.compare(bytes, offsets[b], offsets[b] + sizes[b], offsets[a], offsets[a] + sizes[a]),
  );
  const ranks = new Float64Array(length);
  for (const [rank, code] of order.entries()) ranks[code] = rank;
  return ranks;
};

const textKeys = (columns: readonly TextColumn[], rowsOf: readonly number[], rows: number): Float64Array => {
  const texts = new ByteDictionary();
  const codesOf = columns.map(({ dictionary }) =>
    Int32Array.from({ length: dictionary.length }, (_, code) =>
      texts.add(dictionary.bytes, dictionary.start(code), dictionary.end(code)),
    ),
  );
  const ranks = ranksOf(texts);
  const keys = new Float64Array(rows);
  let to = 0;
  for (const [number, { codes, valid }] of columns.entries()) {
    const known = codesOf[number];
    for (let row = 0; row < rowsOf[number]; row++, to++)
      keys[to] = valid !== undefined && valid[row] === 0 ? NULL : ranks[known[codes[row]]];
  }
  return keys;
};

const numberKeys = (
  columns: readonly KeptColumn[],
  rowsOf: readonly number[],
  rows: number,
  keyOf: (value: number | bigint) => number,
): Float64Array => {
  const keys = new Float64Array(rows);
  let to = 0;
  for (const [number, column] of columns.entries()) {
    if (column.type === 'string') continue;
    const { values, valid } = column;
    for (let row = 0; row < rowsOf[number]; row++, to++)
      keys[to] = valid !== undefined && valid[row] === 0 ? NULL : keyOf(values[row]);
  }
  return keys;
};

/** The keys of a column, row by row through all batches; two arrays where one number cannot hold a value. */
const sortKeys = (batches: readonly KeptBatch[], index: number, type: ColumnType, rows: number): Float64Array[] => {
  const columns = batches.map((batch) => batch.columns[index]);
  const rowsOf = batches.map((batch) => batch.rows);
  if (type === 'string') return [textKeys(columns as TextColumn[], rowsOf, rows)];
  if (type !== 'int64') return [numberKeys(columns, rowsOf, rows, Number)];
  return [
    numberKeys(columns, rowsOf, rows, (value) => Number((value as bigint) >> 32n)),
    numberKeys(columns, rowsOf, rows, (value) => Number((value as bigint) & 0xffffffffn)),
  ];
};

/** Numbers of the rows of all batches, counted through, in the order of these columns; equal rows stay as they came. */
export const sortedOrder = (
  batches: readonly KeptBatch[],
  columns: readonly { index: number; type: ColumnType }[],
): Uint32Array => {
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  const keys = columns.flatMap(({ index, type }) => sortKeys(batches, index, type, rows));
  const compare = (a: number, b: number): number => {
    for (const key of keys) {
      if (key[a] < key[b]) return -1;
      if (key[a] > key[b]) return 1;
    }
    return 0;
  };
  const order = new Uint32Array(rows);
  let isSorted = true;
  for (let row = 0; row < rows; row++) {
    order[row] = row;
    isSorted &&= row === 0 || compare(row - 1, row) <= 0;
  }
  // Many files come in the order of their key.
  return isSorted ? order : order.sort(compare);
};
