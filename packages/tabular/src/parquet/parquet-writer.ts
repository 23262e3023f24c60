/**
 * Writes Parquet files from columnar batches, a row group per batch: ZSTD pages, dictionaries for strings, bounds and
 * null counts of every column for pruning. Only what flat tables need, and that fast. Format:
 * https://parquet.apache.org/docs/file-format/
 */
import { constants, zstdCompressSync } from 'node:zlib';
import type { Sink } from '../sink.ts';
import type { Batch, ColumnType, Field, Schema } from '../table.ts';
import { type Bounds, encodeColumn } from './column-pages.ts';
import { CREATED_BY, ENCODING } from './format.ts';
import { THRIFT, ThriftWriter } from './thrift.ts';

const ZSTD = 6;
const PAGE = { DATA: 0, DICTIONARY: 2 } as const;
const PHYSICAL: Record<ColumnType, number> = {
  boolean: 0,
  int32: 1,
  date: 1,
  int64: 2,
  timestamp: 2,
  double: 5,
  string: 6,
};

type ColumnChunk = {
  start: number;
  dataPage: number;
  dictionaryPage?: number;
  encodings: number[];
  uncompressed: number;
  compressed: number;
  nulls: number;
  bounds?: Bounds;
};
type RowGroup = { rows: number; start: number; columns: ColumnChunk[] };

export type ParquetWriter = {
  /** Writes a row group; nothing when it has no rows. */
  write(batch: Batch): void;
  /** Writes the footer. */
  end(): void;
};

const writeField = (thrift: ThriftWriter, { name, type, nullable }: Field): void => {
  thrift.struct();
  thrift.i32(1, PHYSICAL[type]);
  thrift.i32(3, nullable ? 1 : 0);
  thrift.binary(4, name);
  if (type === 'string' || type === 'date' || type === 'timestamp') {
    thrift.i32(6, type === 'string' ? 0 : type === 'date' ? 6 : 9);
    thrift.struct(10);
    if (type === 'timestamp') {
      thrift.struct(8);
      thrift.bool(1, true);
      thrift.struct(2);
      thrift.struct(1);
      thrift.end();
      thrift.end();
      thrift.end();
    } else {
      thrift.struct(type === 'string' ? 1 : 6);
      thrift.end();
    }
    thrift.end();
  }
  thrift.end();
};

const writeColumnChunk = (thrift: ThriftWriter, field: Field, rows: number, chunk: ColumnChunk): void => {
  thrift.struct();
  thrift.i64(2, 0);
  thrift.struct(3);
  thrift.i32(1, PHYSICAL[field.type]);
  thrift.list(2, THRIFT.I32, chunk.encodings.length);
  for (const encoding of chunk.encodings) thrift.i32Element(encoding);
  thrift.list(3, THRIFT.BINARY, 1);
  thrift.binaryElement(field.name);
  thrift.i32(4, ZSTD);
  thrift.i64(5, rows);
  thrift.i64(6, chunk.uncompressed);
  thrift.i64(7, chunk.compressed);
  thrift.i64(9, chunk.dataPage);
  if (chunk.dictionaryPage !== undefined) thrift.i64(11, chunk.dictionaryPage);
  thrift.struct(12);
  thrift.i64(3, chunk.nulls);
  if (chunk.bounds) {
    thrift.binary(5, chunk.bounds.max);
    thrift.binary(6, chunk.bounds.min);
  }
  thrift.end();
  thrift.end();
  thrift.end();
};

const writeRowGroup = (
  thrift: ThriftWriter,
  schema: Schema,
  group: RowGroup,
  ordinal: number,
  sortedBy: readonly number[],
): void => {
  const sum = (of: (chunk: ColumnChunk) => number): number =>
    group.columns.reduce((total, chunk) => total + of(chunk), 0);
  thrift.struct();
  thrift.list(1, THRIFT.STRUCT, group.columns.length);
  for (const [index, chunk] of group.columns.entries())
    writeColumnChunk(thrift, schema.fields[index], group.rows, chunk);
  thrift.i64(
    2,
    sum((chunk) => chunk.uncompressed),
  );
  thrift.i64(3, group.rows);
  if (sortedBy.length > 0) {
    thrift.list(4, THRIFT.STRUCT, sortedBy.length);
    for (const column of sortedBy) {
      thrift.struct();
      thrift.i32(1, column);
      thrift.bool(2, false);
      thrift.bool(3, true);
      thrift.end();
    }
  }
  thrift.i64(5, group.start);
  thrift.i64(
    6,
    sum((chunk) => chunk.compressed),
  );
  if (ordinal < 32_768) thrift.i16(7, ordinal);
  thrift.end();
};

const footer = (
  schema: Schema,
  groups: readonly RowGroup[],
  metadata: Readonly<Record<string, string>>,
  sortedBy: readonly number[],
): Uint8Array => {
  const thrift = new ThriftWriter();
  const pairs = Object.entries(metadata);
  thrift.struct();
  thrift.i32(1, 1);
  thrift.list(2, THRIFT.STRUCT, schema.fields.length + 1);
  thrift.struct();
  thrift.binary(4, 'schema');
  thrift.i32(5, schema.fields.length);
  thrift.end();
  for (const field of schema.fields) writeField(thrift, field);
  thrift.i64(
    3,
    groups.reduce((sum, group) => sum + group.rows, 0),
  );
  thrift.list(4, THRIFT.STRUCT, groups.length);
  for (const [ordinal, group] of groups.entries()) writeRowGroup(thrift, schema, group, ordinal, sortedBy);
  if (pairs.length > 0) {
    thrift.list(5, THRIFT.STRUCT, pairs.length);
    for (const [key, value] of pairs) {
      thrift.struct();
      thrift.binary(1, key);
      thrift.binary(2, value);
      thrift.end();
    }
  }
  thrift.binary(6, CREATED_BY);
  // Without column orders readers must not trust the bounds.
  thrift.list(7, THRIFT.STRUCT, schema.fields.length);
  for (let i = 0; i < schema.fields.length; i++) {
    thrift.struct();
    thrift.struct(1);
    thrift.end();
    thrift.end();
  }
  thrift.end();
  return thrift.take();
};

/**
 * `metadata` becomes the key-value metadata of the file. Rows of a batch are one row group: 10,000 or so prune well.
 * Null values in fields that may not be null make an unreadable file; {@link ../table-writer.ts} keeps them out.
 */
export const createParquetWriter = (options: {
  schema: Schema;
  sink: Sink;
  metadata?: Readonly<Record<string, string>>;
  /** Names of the columns that all rows of all batches are sorted by, ascending and nulls first; readers rely on it. */
  sortedBy?: readonly string[];
  /** ZSTD level. */
  level?: number;
}): ParquetWriter => {
  const { schema, sink, metadata = {}, level = 1 } = options;
  const sortedBy = (options.sortedBy ?? []).map((name) => schema.fields.findIndex((field) => field.name === name));
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  const header = new ThriftWriter();
  const groups: RowGroup[] = [];
  let offset = 0;
  const put = (bytes: Uint8Array): void => {
    sink.write(bytes);
    offset += bytes.length;
  };
  const putPage = (chunk: ColumnChunk, type: number, raw: Uint8Array, values: number, encoding: number): void => {
    const packed = zstdCompressSync(raw, { params, chunkSize: Math.max(4096, raw.length + 512) });
    header.struct();
    header.i32(1, type);
    header.i32(2, raw.length);
    header.i32(3, packed.length);
    header.struct(type === PAGE.DATA ? 5 : 7);
    header.i32(1, values);
    header.i32(2, encoding);
    if (type === PAGE.DATA) {
      header.i32(3, ENCODING.RLE);
      header.i32(4, ENCODING.RLE);
    }
    header.end();
    header.end();
    const head = header.take();
    chunk.uncompressed += head.length + raw.length;
    chunk.compressed += head.length + packed.length;
    put(head);
    put(packed);
  };
  put(Buffer.from('PAR1'));
  return {
    write({ rows, columns }) {
      if (rows === 0) return;
      const start = offset;
      const chunks = schema.fields.map((field, index): ColumnChunk => {
        const pages = encodeColumn(columns[index], rows, field.nullable);
        const encodings = pages.dictionary
          ? [ENCODING.PLAIN, ENCODING.RLE, ENCODING.RLE_DICTIONARY]
          : [ENCODING.PLAIN, ENCODING.RLE];
        const { nulls, bounds } = pages;
        const chunk: ColumnChunk = {
          start: offset,
          dataPage: offset,
          encodings,
          uncompressed: 0,
          compressed: 0,
          nulls,
          bounds,
        };
        if (pages.dictionary) {
          chunk.dictionaryPage = offset;
          putPage(chunk, PAGE.DICTIONARY, pages.dictionary.bytes, pages.dictionary.values, ENCODING.PLAIN);
          chunk.dataPage = offset;
        }
        putPage(chunk, PAGE.DATA, pages.data, rows, pages.encoding);
        return chunk;
      });
      groups.push({ rows, start, columns: chunks });
    },
    end() {
      const bytes = footer(schema, groups, metadata, sortedBy);
      put(bytes);
      const tail = Buffer.alloc(8);
      tail.writeUInt32LE(bytes.length, 0);
      tail.write('PAR1', 4, 'latin1');
      put(tail);
    },
  };
};
