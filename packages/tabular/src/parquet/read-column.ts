/** Column chunks of our Parquet files to columns: typed arrays, and strings as codes into the bytes of their page. */
import { zstdDecompressSync } from 'node:zlib';
import { compareBytes } from '../byte-order.ts';
import type { Column, ColumnType, Dictionary, Field } from '../table.ts';
import { ENCODING } from './format.ts';
import { readHybrid } from './read-levels.ts';
import { ThriftReader, type ThriftStruct } from './thrift-reader.ts';

/** Strings in the layout of a page with PLAIN encoding; a string is made when it is asked for, and once. */
export class PageDictionary implements Dictionary {
  readonly length: number;
  readonly bytes: Buffer;
  /** The same bytes. */
  readonly words: DataView;
  /** Where each string begins, and one more as if another came after the last. */
  readonly #starts: Int32Array;
  readonly #strings: string[] = [];

  /** `count` strings from `at` on. Throws RangeError where the bytes end too soon. */
  constructor(bytes: Uint8Array, at: number, count: number) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#starts = new Int32Array(count + 1);
    this.length = count;
    let from = at;
    for (let code = 0; code < count; code++) {
      this.#starts[code] = from + 4;
      if (from + 4 > bytes.length) throw new RangeError('a page of the Parquet file is cut off');
      from += 4 + (bytes[from] | (bytes[from + 1] << 8) | (bytes[from + 2] << 16) | (bytes[from + 3] << 24));
    }
    if (from > bytes.length) throw new RangeError('a page of the Parquet file is cut off');
    this.#starts[count] = from + 4;
  }

  get(code: number): string {
    this.#strings[code] ??= this.bytes.toString('utf8', this.#starts[code], this.#starts[code + 1] - 4);
    return this.#strings[code];
  }

  /** Where a string begins in `bytes`. */
  start(code: number): number {
    return this.#starts[code];
  }

  /** Where it ends. */
  end(code: number): number {
    return this.#starts[code + 1] - 4;
  }

  /** Compares the UTF-8 of a string with that of a text. */
  compare(code: number, text: DataView): number {
    return compareBytes(this.words, this.start(code), this.end(code), text, 0, text.byteLength);
  }
}

type Page = { header: ThriftStruct; plain: Uint8Array };

const PAGE = { DATA: 0, DICTIONARY: 2 } as const;

const pagesOf = (chunk: Uint8Array): { dictionary: Page | null; data: Page } => {
  const reader = new ThriftReader(chunk);
  let dictionary: Page | null = null;
  while (reader.at < chunk.length) {
    const header = reader.struct();
    const packed = chunk.subarray(reader.at, reader.at + (header[3] as number));
    reader.at += header[3] as number;
    // In one piece: by default zlib puts together many of 16 KiB. It makes a second one when the first is full.
    const size = Math.max(64, header[2] as number);
    const plain = zstdDecompressSync(packed, { maxOutputLength: size, chunkSize: size + 1 });
    // Others believe it.
    if (plain.length !== header[2]) throw new RangeError('a page of the Parquet file is of another size than it says');
    if (header[1] === PAGE.DICTIONARY) dictionary = { header: header[7] as ThriftStruct, plain };
    else if (header[1] === PAGE.DATA) {
      if (reader.at < chunk.length) break;
      return { dictionary, data: { header: header[5] as ThriftStruct, plain } };
    }
  }
  throw new RangeError('a column of the Parquet file is not laid out as ours are');
};

type Values = Uint8Array | Int32Array | Float64Array | BigInt64Array;

/** Values of rows that are not null to where their rows are. */
const spread = <T extends Values>(present: T, rows: number, valid: Uint8Array): T => {
  const values = new (present.constructor as new (length: number) => T)(rows);
  let from = 0;
  for (let row = 0; row < rows; row++) if (valid[row] !== 0) values[row] = present[from++];
  return values;
};

const copied = (bytes: Uint8Array, at: number, count: number, size: number): ArrayBuffer => {
  if (at + count * size > bytes.length) throw new RangeError('a page of the Parquet file is cut off');
  return bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + count * size) as ArrayBuffer;
};

const timestamps = (bytes: Uint8Array, at: number, count: number): Float64Array => {
  const halves = new Int32Array(copied(bytes, at, count, 8));
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = (halves[2 * i] >>> 0) + halves[2 * i + 1] * 4_294_967_296;
  return values;
};

const booleans = (bytes: Uint8Array, at: number, count: number): Uint8Array => {
  const values = new Uint8Array(count);
  for (let i = 0; i < count; i++) values[i] = (bytes[at + (i >> 3)] >> (i & 7)) & 1;
  return values;
};

const plainValues = (type: Exclude<ColumnType, 'string'>, bytes: Uint8Array, at: number, count: number): Values => {
  switch (type) {
    case 'boolean':
      return booleans(bytes, at, count);
    case 'int64':
      return new BigInt64Array(copied(bytes, at, count, 8));
    case 'timestamp':
      return timestamps(bytes, at, count);
    case 'double':
      return new Float64Array(copied(bytes, at, count, 8));
    default:
      return new Int32Array(copied(bytes, at, count, 4));
  }
};

/** A column chunk (all its pages) as a column. Throws RangeError for bytes that are not as ours are. */
export const readColumn = (chunk: Uint8Array, field: Field, rows: number): Column => {
  const { dictionary, data } = pagesOf(chunk);
  const { header, plain } = data;
  if (header[1] !== rows)
    throw new RangeError(`column ${field.name} of the Parquet file has other rows than its row group`);
  const isCoded = field.type === 'string' && dictionary !== null && header[2] === ENCODING.RLE_DICTIONARY;
  if ((header[2] !== ENCODING.PLAIN && !isCoded) || header[3] !== ENCODING.RLE)
    throw new RangeError(`column ${field.name} of the Parquet file is not encoded as ours are`);
  let at = 0;
  let valid: Uint8Array | undefined;
  let count = rows;
  if (field.nullable) {
    const size = plain[0] | (plain[1] << 8) | (plain[2] << 16) | (plain[3] << 24);
    at = 4 + size;
    valid = new Uint8Array(rows);
    readHybrid(plain, 4, at, 1, rows, valid);
    count = 0;
    for (let row = 0; row < rows; row++) count += valid[row];
    if (count === rows) valid = undefined;
  }
  if (field.type !== 'string') {
    const values = plainValues(field.type, plain, at, count);
    return { type: field.type, values: valid ? spread(values, rows, valid) : values, valid } as Column;
  }
  const codes = new Int32Array(count);
  let strings: PageDictionary;
  if (isCoded) {
    strings = new PageDictionary(dictionary.plain, 0, dictionary.header[1] as number);
    if (count > 0) readHybrid(plain, at + 1, plain.length, plain[at], count, codes);
  } else {
    strings = new PageDictionary(plain, at, count);
    for (let i = 0; i < count; i++) codes[i] = i;
  }
  return { type: 'string', codes: valid ? spread(codes, rows, valid) : codes, dictionary: strings, valid };
};
