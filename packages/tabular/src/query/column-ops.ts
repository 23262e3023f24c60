/** Rows of columns picked out, without looking at strings: codes move, dictionaries stay. */
import type { Batch, Column } from '../table.ts';

type Values = Uint8Array | Int32Array | Float64Array | BigInt64Array;

const picked = <T extends Values>(values: T, rows: Uint32Array): T => {
  const taken = new (values.constructor as new (length: number) => T)(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]];
  return taken;
};

/** The rows of a column, in that order. */
export const pickRows = (column: Column, rows: Uint32Array): Column => {
  const valid = column.valid && picked(column.valid, rows);
  if (column.type === 'string')
    return { type: 'string', codes: picked(column.codes, rows), dictionary: column.dictionary, valid };
  return { type: column.type, values: picked<Values>(column.values, rows), valid } as Column;
};

/** Rows `from` to `to` of a batch, as views. */
export const sliceBatch = ({ rows, columns }: Batch, from: number, to: number): Batch => {
  if (from === 0 && to === rows) return { rows, columns };
  return {
    rows: to - from,
    columns: columns.map((column): Column => {
      const valid = column.valid?.subarray(from, to);
      if (column.type === 'string') return { ...column, codes: column.codes.subarray(from, to), valid };
      return { ...column, values: column.values.subarray(from, to), valid } as Column;
    }),
  };
};

/** A column of strings of its own, nulls included. */
export const textColumn = (texts: readonly (string | null)[]): Column => {
  const codes = new Int32Array(texts.length);
  const strings: string[] = [];
  const known = new Map<string, number>();
  const valid = texts.includes(null) ? new Uint8Array(texts.length) : undefined;
  for (const [row, text] of texts.entries()) {
    if (text === null) continue;
    if (valid) valid[row] = 1;
    let code = known.get(text);
    if (code === undefined) {
      code = strings.push(text) - 1;
      known.set(text, code);
    }
    codes[row] = code;
  }
  return { type: 'string', codes, dictionary: { length: strings.length, get: (code) => strings[code] }, valid };
};
