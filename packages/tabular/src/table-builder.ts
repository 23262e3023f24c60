/** Rows of typed cells to columnar batches. */
import { parseDate, parseTimestamp } from './dates.ts';
import { StringDictionary } from './dictionary.ts';
import type { Batch, Cell, Column, ColumnType, Field, Schema } from './table.ts';

export type TableBuilder = {
  /**
   * Adds a row: one cell per field of the schema, in its order. Throws TypeError, naming field and value, when a cell
   * is not of its field's type; a null is taken anywhere (whether the field may be null is the writer's business).
   */
  append(cells: readonly Cell[]): void;
  /** Emits what is left. */
  end(): void;
};

type ColumnBuilder = {
  set(row: number, cell: NonNullable<Cell>): void;
  take(rows: number, valid: Uint8Array | undefined): Column;
};

const wrong = (field: Field, cell: Cell): TypeError =>
  new TypeError(
    `${typeof cell} ${JSON.stringify(typeof cell === 'bigint' ? String(cell) : cell)} in field ${field.name} of type ${field.type}`,
  );

const isInt32 = (cell: Cell): cell is number => typeof cell === 'number' && (cell | 0) === cell;

const numeric: Record<Exclude<ColumnType, 'string' | 'int64'>, (cell: NonNullable<Cell>) => number | undefined> = {
  boolean: (cell) => (typeof cell === 'boolean' ? Number(cell) : undefined),
  int32: (cell) => (isInt32(cell) ? cell : undefined),
  double: (cell) => (typeof cell === 'number' && Number.isFinite(cell) ? cell + 0 : undefined),
  date: (cell) => (typeof cell === 'string' ? parseDate(cell) : undefined),
  timestamp: (cell) => (typeof cell === 'string' ? parseTimestamp(cell) : undefined),
};

const int64Of = (cell: NonNullable<Cell>): bigint | undefined => {
  if (typeof cell === 'bigint') return BigInt.asIntN(64, cell) === cell ? cell : undefined;
  return Number.isSafeInteger(cell) ? BigInt(cell as number) : undefined;
};

/** Whether a column of the type can hold a cell: what a builder asks of each. */
export const isOfType = (type: ColumnType, cell: NonNullable<Cell>): boolean => {
  if (type === 'string') return typeof cell === 'string';
  return (type === 'int64' ? int64Of(cell) : numeric[type](cell)) !== undefined;
};

const columnBuilder = (field: Field, capacity: number): ColumnBuilder => {
  const { type } = field;
  if (type === 'string') {
    let codes = new Int32Array(capacity);
    let dictionary = new StringDictionary();
    return {
      set(row, cell) {
        if (typeof cell !== 'string') throw wrong(field, cell);
        codes[row] = dictionary.add(cell);
      },
      take(rows, valid) {
        const column = { type, codes: codes.subarray(0, rows), dictionary, valid } as const;
        codes = new Int32Array(capacity);
        dictionary = new StringDictionary();
        return column;
      },
    };
  }
  const create = (): Uint8Array | Int32Array | Float64Array | BigInt64Array => {
    if (type === 'boolean') return new Uint8Array(capacity);
    if (type === 'int64') return new BigInt64Array(capacity);
    return type === 'int32' || type === 'date' ? new Int32Array(capacity) : new Float64Array(capacity);
  };
  let values = create();
  const convert = type === 'int64' ? int64Of : numeric[type];
  return {
    set(row, cell) {
      const value = convert(cell);
      if (value === undefined) throw wrong(field, cell);
      values[row] = value;
    },
    take(rows, valid) {
      const column = { type, values: values.subarray(0, rows), valid } as Column;
      values = create();
      return column;
    },
  };
};

/**
 * Collects rows into batches of `batchRows` rows (10,000 when not said) and gives them to `emit`, which owns them then.
 */
export const createTableBuilder = (
  schema: Schema,
  options: { batchRows?: number; emit(batch: Batch): void },
): TableBuilder => {
  const { batchRows = 10_000, emit } = options;
  const builders = schema.fields.map((field) => columnBuilder(field, batchRows));
  let valid: (Uint8Array | undefined)[] = schema.fields.map(() => undefined);
  let rows = 0;
  const flush = (): void => {
    if (rows === 0) return;
    const count = rows;
    const columns = builders.map((builder, index) => builder.take(count, valid[index]?.subarray(0, count)));
    valid = schema.fields.map(() => undefined);
    rows = 0;
    emit({ rows: count, columns });
  };
  return {
    append(cells) {
      if (cells.length !== builders.length) throw new TypeError(`${cells.length} cells for ${builders.length} fields`);
      for (const [index, cell] of cells.entries()) {
        if (cell !== null) builders[index].set(rows, cell);
        else {
          valid[index] ??= new Uint8Array(batchRows).fill(1);
          valid[index][rows] = 0;
        }
      }
      rows++;
      if (rows === batchRows) flush();
    },
    end: flush,
  };
};
