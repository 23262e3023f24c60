/** The footer of a Parquet file of ours: fields, row groups, where their column chunks are, and their bounds. */
import type { ColumnType, Field } from '../table.ts';
import { CREATED_BY } from './format.ts';
import { ThriftReader, type ThriftStruct } from './thrift-reader.ts';

/** A value of a column's bounds: days, milliseconds, bigint, 0 or 1 for booleans, UTF-8 for strings. */
export type Bound = number | bigint | Uint8Array;

export type ChunkPlace = {
  /** Position in the file of the first page, and after the last. */
  start: number;
  end: number;
  /** Number of nulls; null when it is not known. */
  nulls: number | null;
  /** Null where there are no values, or no bounds are written. */
  bounds: { min: Bound; max: Bound } | null;
};

export type RowGroup = {
  rows: number;
  /** Number of rows before it. */
  from: number;
  /** By the index of the field. */
  chunks: readonly ChunkPlace[];
};

export type Footer = {
  fields: readonly Field[];
  rows: number;
  groups: readonly RowGroup[];
  /**
   * Indexes of the fields that all rows are sorted by, ascending and nulls first; empty when the file does not say so.
   */
  sortedBy: readonly number[];
};

const ZSTD = 6;
const LOGICAL: Readonly<Record<number, ColumnType>> = { 0: 'string', 6: 'date', 9: 'timestamp' };
const PHYSICAL: Readonly<Record<number, ColumnType>> = {
  0: 'boolean',
  1: 'int32',
  2: 'int64',
  5: 'double',
  6: 'string',
};

const text = (value: unknown): string => {
  const bytes = value as Uint8Array;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
};

const fieldOf = (element: ThriftStruct): Field => {
  const type = LOGICAL[element[6] as number] ?? PHYSICAL[element[1] as number];
  if (!type) throw new RangeError(`column ${text(element[4])} of the Parquet file has a type that is not ours`);
  return { name: text(element[4]), type, nullable: element[3] === 1 };
};

const boundOf = (type: ColumnType, bytes: Uint8Array): Bound => {
  // A copy: views would keep the whole footer in memory.
  if (type === 'string') return Uint8Array.from(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === 'boolean') return bytes[0];
  if (type === 'double') return view.getFloat64(0, true);
  if (type === 'int32' || type === 'date') return view.getInt32(0, true);
  const value = view.getBigInt64(0, true);
  return type === 'timestamp' ? Number(value) : value;
};

const chunkOf = (field: Field, physical: unknown, column: ThriftStruct, rows: number): ChunkPlace => {
  const meta = column[3] as ThriftStruct;
  // Other readers go by these, ours goes by position: a file in which the two differ is refused.
  const isItsOwn = (meta[3] as Uint8Array[]).length === 1 && text((meta[3] as Uint8Array[])[0]) === field.name;
  if (meta[1] !== physical || meta[5] !== rows || !isItsOwn)
    throw new RangeError(`column ${field.name} of the Parquet file is described as another one`);
  if (meta[4] !== ZSTD) throw new RangeError(`column ${field.name} of the Parquet file is not compressed by ZSTD`);
  const start = Math.min((meta[11] as number | undefined) ?? Infinity, meta[9] as number);
  const statistics = meta[12] as ThriftStruct | undefined;
  const [min, max] = [statistics?.[6] as Uint8Array | undefined, statistics?.[5] as Uint8Array | undefined];
  return {
    start,
    end: start + (meta[7] as number),
    nulls: (statistics?.[3] as number | undefined) ?? null,
    bounds: min && max ? { min: boundOf(field.type, min), max: boundOf(field.type, max) } : null,
  };
};

/** The columns that a row group says it is sorted by, in our order; those after one of another order do not count. */
const sortedColumns = (group: ThriftStruct): number[] => {
  const columns: number[] = [];
  for (const each of (group[4] as ThriftStruct[] | undefined) ?? []) {
    if (each[2] !== false || each[3] !== true) break;
    columns.push(each[1] as number);
  }
  return columns;
};

/**
 * Reads the bytes of the footer (without its length and the magic number). Throws RangeError for a file that is not as
 * ours are.
 */
export const readFooter = (bytes: Uint8Array): Footer => {
  const file = new ThriftReader(bytes).struct();
  const elements = (file[2] as ThriftStruct[]).slice(1);
  const fields = elements.map(fieldOf);
  let rows = 0;
  const parsed = (file[4] as ThriftStruct[] | undefined) ?? [];
  const groups = parsed.map((group): RowGroup => {
    const chunks = (group[1] as ThriftStruct[]).map((column, index) =>
      chunkOf(fields[index], elements[index][1], column, group[3] as number),
    );
    const from = rows;
    rows += group[3] as number;
    return { rows: group[3] as number, from, chunks };
  });
  // Other readers take the number of rows from here.
  if (file[3] !== rows) throw new RangeError(`the Parquet file says ${file[3]} rows, and its row groups have ${rows}`);
  // Parquet declares the order within a row group, not across row groups. Our writer declares it only for tables that
  // are sorted as a whole, so it is believed of our own files.
  const ours = file[6] !== undefined && text(file[6]) === CREATED_BY;
  const sortedBy = ours && parsed[0] ? sortedColumns(parsed[0]) : [];
  return { fields, rows, groups, sortedBy };
};
