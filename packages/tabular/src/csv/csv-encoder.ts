/** Columnar batches to CSV bytes by RFC 4180: UTF-8, CR LF, a null is nothing and the empty string is `""`. */
import { cellAt } from '../cells.ts';
import { ByteDictionary } from '../dictionary.ts';
import type { Batch, Column, Dictionary, Schema } from '../table.ts';

const COMMA = 44;
const QUOTE = 34;
const MINUS = 45;
const ZERO = 48;
/** Room that any cell but a text leaves unused of what it may take. */
const CELL = 40;

/** A buffer that grows; `reserve` before the `put`s that it is for. */
class Output {
  bytes: Buffer;
  words: DataView;
  at = 0;
  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
    this.words = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }

  reserve(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + size));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
    this.words = new DataView(larger.buffer, larger.byteOffset, larger.byteLength);
  }

  /** A text as a cell: in quotes where it has to be, and when it is empty. */
  text(source: Uint8Array, from: number, to: number): void {
    this.reserve((to - from) * 2 + 2);
    const { bytes, at } = this;
    let i = from;
    let j = at;
    for (; i < to; i++, j++) {
      const byte = source[i];
      if (byte === COMMA || byte === QUOTE || byte === 10 || byte === 13) break;
      bytes[j] = byte;
    }
    if (i === to && to > from) {
      this.at = j;
      return;
    }
    j = at;
    bytes[j++] = QUOTE;
    for (i = from; i < to; i++) {
      if (source[i] === QUOTE) bytes[j++] = QUOTE;
      bytes[j++] = source[i];
    }
    bytes[j++] = QUOTE;
    this.at = j;
  }

  /** Copies four bytes at a time, and up to three too many, which the next cell writes over. */
  copy(source: DataView, from: number, to: number): void {
    this.reserve(to - from + 4);
    const { words } = this;
    let at = this.at;
    for (let i = from; i < to; i += 4, at += 4) words.setInt32(at, source.getInt32(i));
    this.at += to - from;
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

  /** Two digits. */
  two(value: number): void {
    const tens = (value / 10) | 0;
    this.bytes[this.at] = ZERO + tens;
    this.bytes[this.at + 1] = ZERO + (value - tens * 10);
    this.at += 2;
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
    const fraction = millionths - whole * 1e6;
    const first = (fraction / 10_000) | 0;
    const rest = fraction - first * 10_000;
    const second = (rest / 100) | 0;
    this.two(first);
    this.two(second);
    this.two(rest - second * 100);
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
    const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    const century = (year / 100) | 0;
    this.two(century);
    this.two(year - century * 100);
    this.bytes[this.at++] = MINUS;
    this.two(month);
    this.bytes[this.at++] = MINUS;
    this.two(dayOfYear - (((153 * shifted + 2) / 5) | 0) + 1);
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
    this.two(hours);
    this.bytes[this.at++] = 58;
    this.two(minutes);
    this.bytes[this.at++] = 58;
    this.two(seconds);
    this.bytes[this.at++] = 46;
    rest -= seconds * 1000;
    const tenths = (rest / 100) | 0;
    this.bytes[this.at++] = ZERO + tenths;
    this.two(rest - tenths * 100);
    this.bytes[this.at++] = 90;
    return true;
  }
}

/** The strings of a dictionary as cells, so that each is looked at once, however many rows have it. */
type EncodedTexts = { words: DataView; ends: Int32Array };

const encodeTexts = (dictionary: Dictionary): EncodedTexts => {
  const { length } = dictionary;
  const ends = new Int32Array(length + 1);
  const output = new Output(
    Math.max(1024, dictionary instanceof ByteDictionary ? dictionary.end + length + 64 : length * 16),
  );
  for (let code = 0; code < length; code++) {
    if (dictionary instanceof ByteDictionary) {
      const end = code + 1 < length ? dictionary.offsets[code + 1] - 4 : dictionary.end;
      output.text(dictionary.bytes, dictionary.offsets[code], end);
    } else {
      const text = Buffer.from(dictionary.get(code));
      output.text(text, 0, text.length);
    }
    ends[code + 1] = output.at;
  }
  output.reserve(4);
  return { words: output.words, ends };
};

const putCell = (output: Output, column: Column, texts: EncodedTexts | undefined, row: number): void => {
  switch (column.type) {
    case 'string': {
      const { words, ends } = texts!;
      const code = column.codes[row];
      output.copy(words, ends[code], ends[code + 1]);
      return;
    }
    case 'boolean':
      output.ascii(column.values[row] !== 0 ? 'true' : 'false');
      return;
    case 'int32':
      output.whole(column.values[row]);
      return;
    case 'int64':
      output.ascii(String(column.values[row]));
      return;
    case 'double':
      output.double(column.values[row]);
      return;
    case 'date':
      if (!output.date(column.values[row])) output.ascii(String(cellAt(column, row)));
      return;
    case 'timestamp':
      if (!output.timestamp(column.values[row])) output.ascii(String(cellAt(column, row)));
      return;
  }
};

/** The header line of a schema. */
export const csvHeader = (schema: Schema): Uint8Array => {
  const output = new Output(1024);
  for (const [index, field] of schema.fields.entries()) {
    const name = Buffer.from(field.name);
    output.reserve(CELL);
    if (index > 0) output.bytes[output.at++] = COMMA;
    output.text(name, 0, name.length);
  }
  output.reserve(CELL);
  output.ascii('\r\n');
  return output.bytes.subarray(0, output.at);
};

export type CsvEncoder = {
  /** The rows of a batch as CSV. Valid until the next call, which uses the memory again. */
  encode(batch: Batch): Uint8Array;
};

export const createCsvEncoder = (): CsvEncoder => {
  const output = new Output(1 << 18);
  return {
    encode({ rows, columns }) {
      output.at = 0;
      const texts = columns.map((column) => (column.type === 'string' ? encodeTexts(column.dictionary) : undefined));
      for (let row = 0; row < rows; row++) {
        for (let index = 0; index < columns.length; index++) {
          output.reserve(CELL);
          if (index > 0) output.bytes[output.at++] = COMMA;
          const column = columns[index];
          if (column.valid === undefined || column.valid[row] !== 0) putCell(output, column, texts[index], row);
        }
        output.reserve(CELL);
        output.bytes[output.at++] = 13;
        output.bytes[output.at++] = 10;
      }
      return output.bytes.subarray(0, output.at);
    },
  };
};
