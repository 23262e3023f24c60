/** Batches put together into one table in memory, from which rows can be taken in any order. */
import { StringDictionary } from './dictionary.ts';
import type { Batch, Column, ColumnType, Schema } from './table.ts';

type Values = Uint8Array | Int32Array | BigInt64Array | Float64Array;
type Stored = { type: ColumnType; values: Values; valid: Uint8Array; nulls: number; dictionary: StringDictionary };

const valuesOf = (type: ColumnType, capacity: number): Values => {
  if (type === 'boolean') return new Uint8Array(capacity);
  if (type === 'int64') return new BigInt64Array(capacity);
  return type === 'double' || type === 'timestamp' ? new Float64Array(capacity) : new Int32Array(capacity);
};

const grown = <T extends Values>(values: T, capacity: number): T => {
  const larger = new (values.constructor as new (length: number) => T)(capacity);
  (larger as Uint8Array).set(values as Uint8Array);
  return larger;
};

export type RowStore = {
  readonly rows: number;
  append(batch: Batch): void;
  /** The column as it is kept; string codes share one dictionary. Valid until the next `append`. */
  column(index: number): Column;
  /** The rows at `from` to `to` of `order` as a batch of its own, with compact dictionaries. */
  take(order: Uint32Array, from: number, to: number): Batch;
  clear(): void;
};

export const createRowStore = (schema: Schema): RowStore => {
  const create = (): Stored[] =>
    schema.fields.map(({ type }) => ({
      type,
      values: valuesOf(type, 1024),
      valid: new Uint8Array(1024),
      nulls: 0,
      dictionary: new StringDictionary(),
    }));
  let stored = create();
  let rows = 0;
  let capacity = 1024;

  const appendColumn = (target: Stored, column: Column, count: number): void => {
    const { valid } = column;
    if (valid) {
      target.valid.set(valid.subarray(0, count), rows);
      for (let i = 0; i < count; i++) if (valid[i] === 0) target.nulls++;
    } else target.valid.fill(1, rows, rows + count);
    if (column.type !== 'string') {
      (target.values as Uint8Array).set((column.values as Uint8Array).subarray(0, count), rows);
      return;
    }
    const codes = new Int32Array(column.dictionary.length).fill(-1);
    const values = target.values as Int32Array;
    for (let i = 0; i < count; i++) {
      if (valid && valid[i] === 0) continue;
      const code = column.codes[i];
      if (codes[code] === -1) codes[code] = target.dictionary.add(column.dictionary.get(code));
      values[rows + i] = codes[code];
    }
  };

  const asColumn = ({ type, values, valid, nulls, dictionary }: Stored): Column => {
    const mask = nulls > 0 ? valid : undefined;
    if (type === 'string') return { type, codes: values as Int32Array, dictionary, valid: mask };
    return { type, values, valid: mask } as Column;
  };

  const takeColumn = (
    { type, values, valid, nulls, dictionary }: Stored,
    order: Uint32Array,
    from: number,
    to: number,
  ): Column => {
    const count = to - from;
    const taken = valuesOf(type, count);
    const mask = nulls > 0 ? new Uint8Array(count) : undefined;
    if (mask) for (let i = 0; i < count; i++) mask[i] = valid[order[from + i]];
    if (type !== 'string') {
      for (let i = 0; i < count; i++) taken[i] = values[order[from + i]];
      return { type, values: taken, valid: mask } as Column;
    }
    const compact = new StringDictionary();
    for (let i = 0; i < count; i++)
      if (mask?.[i] !== 0) taken[i] = compact.add(dictionary.get(values[order[from + i]] as number));
    return { type, codes: taken as Int32Array, dictionary: compact, valid: mask };
  };

  return {
    get rows() {
      return rows;
    },
    append(batch) {
      if (rows + batch.rows > capacity) {
        capacity = Math.max(capacity * 2, rows + batch.rows);
        for (const column of stored) {
          column.values = grown(column.values, capacity);
          column.valid = grown(column.valid, capacity);
        }
      }
      for (const [index, column] of stored.entries()) appendColumn(column, batch.columns[index], batch.rows);
      rows += batch.rows;
    },
    column: (index) => asColumn(stored[index]),
    take: (order, from, to) => ({
      rows: to - from,
      columns: stored.map((column) => takeColumn(column, order, from, to)),
    }),
    clear() {
      stored = create();
      rows = 0;
      capacity = 1024;
    },
  };
};
