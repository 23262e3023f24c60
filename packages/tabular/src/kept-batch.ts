/** Batches that stay valid after whoever made them goes on, and rows picked from several of them as one batch. */
import { ByteDictionary } from './dictionary.ts';
import { PageDictionary } from './parquet/read-column.ts';
import type { Batch, Column, ColumnType, Dictionary, Schema } from './table.ts';

type Values = Uint8Array | Int32Array | BigInt64Array | Float64Array;
export type TextColumn = {
  type: 'string';
  codes: Int32Array;
  dictionary: PageDictionary;
  valid: Uint8Array | undefined;
};
export type KeptColumn = Exclude<Column, { type: 'string' }> | TextColumn;
export type KeptBatch = { rows: number; columns: readonly KeptColumn[]; bytes: number };

export const valuesOf = (type: ColumnType, capacity: number): Values => {
  if (type === 'boolean') return new Uint8Array(capacity);
  if (type === 'int64') return new BigInt64Array(capacity);
  return type === 'double' || type === 'timestamp' ? new Float64Array(capacity) : new Int32Array(capacity);
};

const keepTexts = (dictionary: Dictionary): PageDictionary => {
  if (dictionary instanceof PageDictionary) return dictionary;
  if (dictionary instanceof ByteDictionary)
    return new PageDictionary(Uint8Array.from(dictionary.plain()), 0, dictionary.length);
  const bytes = new ByteDictionary();
  for (let code = 0; code < dictionary.length; code++) {
    const text = Buffer.from(dictionary.get(code));
    bytes.append(text, 0, text.length);
  }
  return new PageDictionary(bytes.plain(), 0, bytes.length);
};

const copied = <T extends Values>(values: T, count: number, rows: Uint32Array | null): T => {
  if (!rows) return values.slice(0, count) as T;
  const kept = new (values.constructor as new (length: number) => T)(count);
  for (let i = 0; i < count; i++) kept[i] = values[rows[i]];
  return kept;
};

/** A copy of a batch, or of some of its rows. */
export const keepBatch = (batch: Batch, some: Uint32Array | null = null): KeptBatch => {
  const rows = some ? some.length : batch.rows;
  let bytes = 0;
  const columns = batch.columns.map((column): KeptColumn => {
    const valid = column.valid && copied(column.valid, rows, some);
    bytes += valid ? rows : 0;
    if (column.type !== 'string') {
      const values = copied(column.values as Values, rows, some);
      bytes += values.byteLength;
      return { type: column.type, values, valid } as KeptColumn;
    }
    const dictionary = keepTexts(column.dictionary);
    bytes += rows * 4 + dictionary.bytes.length + dictionary.length * 4;
    return { type: 'string', codes: copied(column.codes, rows, some), dictionary, valid };
  });
  return { rows, columns, bytes };
};

export type Gatherer = {
  /** Row `rows[i]` of `batches[i]`, for each `i` up to `count`, as one batch. Valid until the next call. */
  gather(batches: readonly KeptBatch[], rows: Int32Array, count: number): Batch;
};

/** `capacity`: the most rows that are gathered at once. */
export const createGatherer = ({ fields }: Schema, capacity: number): Gatherer => {
  const targets = fields.map(({ type }) => ({
    type,
    values: valuesOf(type, capacity),
    valid: new Uint8Array(capacity),
    dictionary: new ByteDictionary(),
  }));
  return {
    gather(batches, rows, count) {
      const columns = targets.map(({ type, values, valid, dictionary }, index): Column => {
        let nulls = false;
        dictionary.clear();
        for (let i = 0; i < count; i++) {
          const column = batches[i].columns[index];
          const row = rows[i];
          if (column.valid !== undefined && column.valid[row] === 0) {
            if (!nulls) valid.fill(1, 0, i);
            nulls = true;
            valid[i] = 0;
            continue;
          }
          if (nulls) valid[i] = 1;
          if (column.type !== 'string') values[i] = column.values[row];
          else {
            const texts = column.dictionary;
            const code = column.codes[row];
            values[i] = dictionary.addOf(texts.bytes, texts.words, texts.start(code), texts.end(code));
          }
        }
        const mask = nulls ? valid.subarray(0, count) : undefined;
        if (type === 'string') return { type, codes: values.subarray(0, count) as Int32Array, dictionary, valid: mask };
        return { type, values: values.subarray(0, count), valid: mask } as Column;
      });
      return { rows: count, columns };
    },
  };
};
