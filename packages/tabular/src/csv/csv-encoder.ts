/** Columnar batches to CSV bytes by RFC 4180: UTF-8, CR LF, a null is nothing and the empty string is `""`. */
import { cellAt } from '../cells.ts';
import { ByteDictionary } from '../dictionary.ts';
import type { Batch, Column, Dictionary, Schema } from '../table.ts';

const COMMA = 44;
const QUOTE = 34;
const MINUS = 45;
const ZERO = 48;

const needsQuotes = (bytes: Uint8Array, from: number, to: number): boolean => {
  if (from === to) return true;
  for (let i = from; i < to; i++) {
    const byte = bytes[i];
    if (byte === COMMA || byte === QUOTE || byte === 10 || byte === 13) return true;
  }
  return false;
};

/** A buffer that grows; `reserve` before the `put`s that it is for. */
class Output {
  bytes: Buffer;
  at = 0;
  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  reserve(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + size));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }

  text(source: Uint8Array, from: number, to: number): void {
    this.reserve((to - from) * 2 + 2);
    const bytes = this.bytes;
    let at = this.at;
    if (!needsQuotes(source, from, to)) {
      if (to - from > 48) bytes.set(source.subarray(from, to), at);
      else for (let i = from, j = at; i < to; i++, j++) bytes[j] = source[i];
      this.at = at + to - from;
      return;
    }
    bytes[at++] = QUOTE;
    for (let i = from; i < to; i++) {
      if (source[i] === QUOTE) bytes[at++] = QUOTE;
      bytes[at++] = source[i];
    }
    bytes[at++] = QUOTE;
    this.at = at;
  }

  ascii(text: string): void {
    for (let i = 0; i < text.length; i++) this.bytes[this.at++] = text.charCodeAt(i);
  }

  /** A whole number up to 2^53. */
  whole(value: number): void {
    let rest = value;
    if (rest < 0) {
      this.bytes[this.at++] = MINUS;
      rest = -rest;
    }
    let digits = 1;
    for (let bound = 10; rest >= bound; bound *= 10) digits++;
    let at = this.at + digits;
    this.at = at;
    for (; rest > 0x3fffffff; digits--) {
      const tens = Math.floor(rest / 10);
      this.bytes[--at] = ZERO + (rest - tens * 10);
      rest = tens;
    }
    let small = rest | 0;
    for (; digits > 0; digits--) {
      const tens = (small / 10) | 0;
      this.bytes[--at] = ZERO + (small - tens * 10);
      small = tens;
    }
  }

  padded(value: number, width: number): void {
    let rest = value;
    for (let i = width - 1; i >= 0; i--) {
      this.bytes[this.at + i] = ZERO + (rest % 10);
      rest = (rest / 10) | 0;
    }
    this.at += width;
  }

  double(value: number): void {
    const size = Math.abs(value);
    if (size < 1e15 && Number.isInteger(value) && !Object.is(value, -0)) {
      this.whole(value);
      return;
    }
    // Up to six decimals and fifteen digits, the nearest double of a decimal is written as that decimal: it is the shortest.
    const millionths = Math.round(size * 1e6);
    if (millionths >= 1e15 || millionths / 1e6 !== size || size < 1e-6) {
      this.ascii(Object.is(value, -0) ? '-0' : String(value));
      return;
    }
    if (value < 0) this.bytes[this.at++] = MINUS;
    const whole = Math.floor(millionths / 1e6);
    this.whole(whole);
    this.bytes[this.at++] = 46;
    this.padded(millionths - whole * 1e6, 6);
    while (this.bytes[this.at - 1] === ZERO) this.at--;
  }

  /** `YYYY-MM-DD`, for years 0 to 9999. */
  date(days: number): boolean {
    if (days < -719_528 || days > 2_932_896) return false;
    const z = days + 719_468;
    const era = Math.floor(z / 146_097);
    const dayOfEra = z - era * 146_097;
    const yearOfEra =
      ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0;
    const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0));
    const shifted = ((5 * dayOfYear + 2) / 153) | 0;
    const month = shifted < 10 ? shifted + 3 : shifted - 9;
    this.padded(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4);
    this.bytes[this.at++] = MINUS;
    this.padded(month, 2);
    this.bytes[this.at++] = MINUS;
    this.padded(dayOfYear - (((153 * shifted + 2) / 5) | 0) + 1, 2);
    return true;
  }

  timestamp(milliseconds: number): boolean {
    const days = Math.floor(milliseconds / 86_400_000);
    if (!this.date(days)) return false;
    let rest = milliseconds - days * 86_400_000;
    const hours = (rest / 3_600_000) | 0;
    rest -= hours * 3_600_000;
    const minutes = (rest / 60_000) | 0;
    rest -= minutes * 60_000;
    const seconds = (rest / 1000) | 0;
    this.bytes[this.at++] = 84;
    this.padded(hours, 2);
    this.bytes[this.at++] = 58;
    this.padded(minutes, 2);
    this.bytes[this.at++] = 58;
    this.padded(seconds, 2);
    this.bytes[this.at++] = 46;
    this.padded(rest - seconds * 1000, 3);
    this.bytes[this.at++] = 90;
    return true;
  }
}

type PutCell = (output: Output, row: number) => void;

const putString = (codes: Int32Array, dictionary: Dictionary): PutCell => {
  if (!(dictionary instanceof ByteDictionary)) {
    const bytes = new ByteDictionary();
    for (let code = 0; code < dictionary.length; code++) {
      const text = Buffer.from(dictionary.get(code));
      bytes.append(text, 0, text.length);
    }
    return putString(codes, bytes);
  }
  const { bytes, offsets, length, end } = dictionary;
  return (output, row) => {
    const code = codes[row];
    output.text(bytes, offsets[code], code + 1 < length ? offsets[code + 1] - 4 : end);
  };
};

const putCell = (column: Column): PutCell => {
  switch (column.type) {
    case 'string':
      return putString(column.codes, column.dictionary);
    case 'boolean':
      return (output, row) => output.ascii(column.values[row] !== 0 ? 'true' : 'false');
    case 'int32':
      return (output, row) => output.whole(column.values[row]);
    case 'int64':
      return (output, row) => output.ascii(String(column.values[row]));
    case 'double':
      return (output, row) => output.double(column.values[row]);
    case 'date':
      return (output, row) => {
        if (!output.date(column.values[row])) output.ascii(String(cellAt(column, row)));
      };
    case 'timestamp':
      return (output, row) => {
        if (!output.timestamp(column.values[row])) output.ascii(String(cellAt(column, row)));
      };
  }
};

/** The header line of a schema. */
export const csvHeader = (schema: Schema): Uint8Array => {
  const output = new Output(1024);
  for (const [index, field] of schema.fields.entries()) {
    const name = Buffer.from(field.name);
    if (index > 0) output.bytes[output.at++] = COMMA;
    output.text(name, 0, name.length);
    output.reserve(2);
  }
  output.ascii('\r\n');
  return output.bytes.subarray(0, output.at);
};

/** The rows of a batch as CSV, in memory of its own. `expectedSize` is a hint. */
export const encodeCsv = (batch: Batch, expectedSize = 1 << 16): Uint8Array => {
  const output = new Output(expectedSize);
  const columns = batch.columns.map((column) => ({ put: putCell(column), valid: column.valid }));
  for (let row = 0; row < batch.rows; row++) {
    for (let index = 0; index < columns.length; index++) {
      output.reserve(40);
      if (index > 0) output.bytes[output.at++] = COMMA;
      const { put, valid } = columns[index];
      if (valid === undefined || valid[row] !== 0) put(output, row);
    }
    output.reserve(2);
    output.bytes[output.at++] = 13;
    output.bytes[output.at++] = 10;
  }
  return output.bytes.subarray(0, output.at);
};
