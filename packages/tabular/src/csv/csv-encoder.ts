/** Columnar batches to CSV bytes by RFC 4180: UTF-8, CR LF, a null is nothing and the empty string is `""`. */
import { cellAt } from '../cells.ts';
import { ByteDictionary } from '../dictionary.ts';
import type { Batch, Column, Dictionary, Schema } from '../table.ts';
import { LONGEST_CELL, putAscii, putDate, putDouble, putTimestamp, putWhole } from './put-cells.ts';

const COMMA = 44;
const QUOTE = 34;

/**
 * Writes a text as a cell, in quotes where it has to be and when it is empty; gives the end. Twice its size and two
 * must fit.
 */
const putText = (target: Uint8Array, at: number, source: Uint8Array, from: number, to: number): number => {
  let i = from;
  let end = at;
  for (; i < to; i++, end++) {
    const byte = source[i];
    if (byte === COMMA || byte === QUOTE || byte === 10 || byte === 13) break;
    target[end] = byte;
  }
  if (i === to && to > from) return end;
  end = at;
  target[end++] = QUOTE;
  for (i = from; i < to; i++) {
    if (source[i] === QUOTE) target[end++] = QUOTE;
    target[end++] = source[i];
  }
  target[end++] = QUOTE;
  return end;
};

/** Memory that is used again and grows; views of it are taken anew after `reserve`. */
class Memory {
  bytes: Buffer;
  words: DataView;
  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.words = new DataView(this.bytes.buffer);
  }

  /** Makes room for `size` bytes after the first `used` ones, which are kept. */
  reserve(used: number, size: number): void {
    if (used + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, used + size));
    this.bytes.copy(larger, 0, 0, used);
    this.bytes = larger;
    this.words = new DataView(larger.buffer);
  }
}

/** The strings of a dictionary as cells, so that each is looked at once, however many rows have it. */
type EncodedTexts = { memory: Memory; ends: Int32Array; longest: number };

const encodeTexts = (dictionary: Dictionary, memory: Memory): EncodedTexts => {
  const { length } = dictionary;
  const ends = new Int32Array(length + 1);
  let end = 0;
  let longest = 0;
  for (let code = 0; code < length; code++) {
    if (dictionary instanceof ByteDictionary) {
      const to = code + 1 < length ? dictionary.offsets[code + 1] - 4 : dictionary.end;
      const from = dictionary.offsets[code];
      memory.reserve(end, (to - from) * 2 + 8);
      end = putText(memory.bytes, end, dictionary.bytes, from, to);
    } else {
      const text = Buffer.from(dictionary.get(code));
      memory.reserve(end, text.length * 2 + 8);
      end = putText(memory.bytes, end, text, 0, text.length);
    }
    ends[code + 1] = end;
    longest = Math.max(longest, end - ends[code]);
  }
  return { memory, ends, longest };
};

/** Copies four bytes at a time, and up to three too many, which the next cell writes over. */
const copyWords = (target: DataView, at: number, source: DataView, from: number, to: number): number => {
  for (let i = from, j = at; i < to; i += 4, j += 4) target.setInt32(j, source.getInt32(i));
  return at + to - from;
};

const putCell = (memory: Memory, at: number, column: Column, texts: EncodedTexts | undefined, row: number): number => {
  const { bytes } = memory;
  switch (column.type) {
    case 'string': {
      const { ends } = texts!;
      const code = column.codes[row];
      return copyWords(memory.words, at, texts!.memory.words, ends[code], ends[code + 1]);
    }
    case 'boolean':
      return putAscii(bytes, at, column.values[row] !== 0 ? 'true' : 'false');
    case 'int32':
      return putWhole(bytes, at, column.values[row]);
    case 'int64':
      return putAscii(bytes, at, String(column.values[row]));
    case 'double':
      return putDouble(bytes, at, column.values[row]);
    default: {
      const value = column.values[row];
      const end = column.type === 'date' ? putDate(bytes, at, value) : putTimestamp(bytes, at, value);
      return end === -1 ? putAscii(bytes, at, String(cellAt(column, row))) : end;
    }
  }
};

/** The header line of a schema. */
export const csvHeader = (schema: Schema): Uint8Array => {
  const names = schema.fields.map((field) => Buffer.from(field.name));
  const bytes = Buffer.alloc(names.reduce((sum, name) => sum + name.length * 2 + 3, 2));
  let at = 0;
  for (const [index, name] of names.entries()) {
    if (index > 0) bytes[at++] = COMMA;
    at = putText(bytes, at, name, 0, name.length);
  }
  return bytes.subarray(0, putAscii(bytes, at, '\r\n'));
};

export type CsvEncoder = {
  /** The rows of a batch as CSV. Valid until the next call, which uses the memory again. */
  encode(batch: Batch): Uint8Array;
};

export const createCsvEncoder = (): CsvEncoder => {
  const memory = new Memory(1 << 14);
  const textMemories: Memory[] = [];
  return {
    encode({ rows, columns }) {
      const texts = columns.map((column, index) => {
        if (column.type !== 'string') return undefined;
        textMemories[index] ??= new Memory(1 << 14);
        return encodeTexts(column.dictionary, textMemories[index]);
      });
      const longestRow = texts.reduce((sum, text) => sum + 8 + (text ? text.longest : LONGEST_CELL), 8);
      let at = 0;
      for (let row = 0; row < rows; row++) {
        memory.reserve(at, longestRow);
        for (let index = 0; index < columns.length; index++) {
          if (index > 0) memory.bytes[at++] = COMMA;
          const column = columns[index];
          if (column.valid === undefined || column.valid[row] !== 0)
            at = putCell(memory, at, column, texts[index], row);
        }
        memory.bytes[at] = 13;
        memory.bytes[at + 1] = 10;
        at += 2;
      }
      return memory.bytes.subarray(0, at);
    },
  };
};
