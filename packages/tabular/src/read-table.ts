/**
 * Reads whole Parquet files that this package writes into columns of JavaScript values, through hyparquet: for small
 * tables and tests. Queries read by ranges (query/open-table.ts).
 */
import { zstdDecompressSync } from 'node:zlib';
import { type Compressors, type ParquetParsers, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { formatDate, formatTimestamp } from './dates.ts';
import type { Cell, ColumnType, Field } from './table.ts';

/** A file that can be read in pieces: `end` is exclusive, absent for the rest. */
export type ByteSource = { byteLength: number; slice(start: number, end?: number): ArrayBuffer | Promise<ArrayBuffer> };

/**
 * Columns in the order of `fields`, each with `rows` cells; dates are `YYYY-MM-DD`, timestamps ISO 8601, int64 bigint.
 */
export type Table = { fields: Field[]; rows: number; columns: Cell[][]; metadata: Record<string, string> };

export const compressors: Compressors = {
  ZSTD: (bytes, length) => {
    const plain = zstdDecompressSync(bytes, { maxOutputLength: Math.max(length, 1) });
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength);
  },
};

/** Cells as this package has them. hyparquet's own text decoder would drop a leading U+FEFF. */
export const parsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (milliseconds) => formatTimestamp(Number(milliseconds)),
  timestampFromMicroseconds: (microseconds) => formatTimestamp(Number(microseconds / 1000n)),
  timestampFromNanoseconds: (nanoseconds) => formatTimestamp(Number(nanoseconds / 1_000_000n)),
  dateFromDays: formatDate,
  stringFromBytes: (bytes) => bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
};

/** A memory buffer as a {@link ByteSource}. */
export const byteSource = (bytes: Uint8Array): ByteSource => ({
  byteLength: bytes.byteLength,
  slice: (start, end) => Uint8Array.from(bytes.subarray(start, end)).buffer,
});

type SchemaElement = {
  name: string;
  type?: string;
  converted_type?: string;
  repetition_type?: string;
  logical_type?: { type: string };
};

const typeOf = (element: SchemaElement): ColumnType => {
  const logical = element.logical_type?.type ?? element.converted_type ?? '';
  if (logical.startsWith('TIMESTAMP')) return 'timestamp';
  if (logical === 'DATE') return 'date';
  switch (element.type) {
    case 'BOOLEAN':
      return 'boolean';
    case 'INT32':
      return 'int32';
    case 'INT64':
      return 'int64';
    case 'FLOAT':
    case 'DOUBLE':
      return 'double';
    default:
      return 'string';
  }
};

/**
 * Reads a table, or some columns of it (in the order asked for; an unknown name throws RangeError). Every cell becomes
 * a JS value: for tables of up to some hundred thousand rows.
 */
export const readTable = async (file: ByteSource, options: { columns?: readonly string[] } = {}): Promise<Table> => {
  const metadata = await parquetMetadataAsync(file, { geoparquet: false });
  const all = (metadata.schema.slice(1) as SchemaElement[]).map(
    (element): Field => ({
      name: element.name,
      type: typeOf(element),
      nullable: element.repetition_type !== 'REQUIRED',
    }),
  );
  const fields = (options.columns ?? all.map((field) => field.name)).map((name) => {
    const field = all.find((candidate) => candidate.name === name);
    if (!field)
      throw new RangeError(`no column ${JSON.stringify(name)}; there are ${all.map((known) => known.name).join(', ')}`);
    return field;
  });
  const rows = Number(metadata.num_rows);
  const columns = fields.map((): Cell[] => new Array(rows).fill(null));
  const byName = new Map(fields.map((field, index) => [field.name, columns[index]]));
  if (rows > 0 && fields.length > 0) {
    await parquetRead({
      file,
      metadata,
      compressors,
      parsers,
      geoparquet: false,
      columns: fields.map((field) => field.name),
      onChunk({ columnName, columnData, rowStart }) {
        const target = byName.get(columnName)!;
        for (let i = 0; i < columnData.length; i++) target[rowStart + i] = columnData[i] ?? null;
      },
    });
  }
  const pairs = (metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ''] as const);
  return { fields, rows, columns, metadata: Object.fromEntries(pairs) };
};

/** Rows as objects, in order. */
export function* rowsOf(table: Pick<Table, 'fields' | 'rows' | 'columns'>): Generator<Record<string, Cell>> {
  for (let row = 0; row < table.rows; row++) {
    const record: Record<string, Cell> = {};
    for (const [index, field] of table.fields.entries()) record[field.name] = table.columns[index][row];
    yield record;
  }
}
