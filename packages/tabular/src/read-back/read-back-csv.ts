/** Reads a gzipped CSV of ours from its first byte to its last, and says what it holds. */
import { createGunzip } from 'node:zlib';
import { csvHeader } from '../csv/csv-encoder.ts';
import { filePieces } from '../file-pieces.ts';
import type { Field, Schema } from '../table.ts';
import { addCell } from './csv-cells.ts';
import { otherWord, RunningSum, type TableSums, textWord } from './table-sums.ts';

const COMMA = 44;
const QUOTE = 34;
const CHUNK = 256 * 1024;

/** Reads whole records; gives where the first one begins whose end is not there yet. */
const createRecordReader = (fields: readonly Field[]) => {
  const running = fields.map(() => new RunningSum());
  let rows = 0;
  let unquoted = Buffer.allocUnsafe(1024);
  // Ends and starts of the cells of a record; a start that is bit-inverted is of a cell in quotes.
  const starts = new Int32Array(fields.length);
  const ends = new Int32Array(fields.length);

  const wrong = (what: string): RangeError => new RangeError(`record ${rows + 1} of the CSV file ${what}`);

  /**
   * Where the cell in quotes ends, after its last quote; -1 when that is not there yet. The byte after it must be there
   * too.
   */
  const closing = (bytes: Uint8Array, from: number, size: number): number => {
    for (let at = from; at < size; at++) {
      if (bytes[at] !== QUOTE) continue;
      if (at + 1 >= size) return -1;
      if (bytes[at + 1] !== QUOTE) return at + 1;
      at++;
    }
    return -1;
  };

  /** The text of a cell in quotes, which may be nothing. */
  const addQuoted = (sum: RunningSum, bytes: Buffer, from: number, to: number): void => {
    const quote = bytes.indexOf(QUOTE, from);
    if (quote === -1 || quote >= to) {
      sum.add(textWord(bytes, from, to), otherWord());
      return;
    }
    if (to - from > unquoted.length) unquoted = Buffer.allocUnsafe((to - from) * 2);
    let size = 0;
    for (let at = from; at < to; at++) {
      unquoted[size++] = bytes[at];
      if (bytes[at] === QUOTE) at++;
    }
    sum.add(textWord(unquoted, 0, size), otherWord());
  };

  const take = (bytes: Buffer): void => {
    for (let index = 0; index < fields.length; index++) {
      const { type, name } = fields[index];
      const [from, to] = [starts[index], ends[index]];
      if (from < 0) {
        if (type !== 'string') throw wrong(`has quotes around ${name}`);
        addQuoted(running[index], bytes, ~from, to);
      } else if (from === to) running[index].addNull();
      else if (!addCell(running[index], type, bytes, from, to)) throw wrong(`has no ${type} in ${name}`);
    }
    rows++;
  };

  const read = (bytes: Buffer): number => {
    const size = bytes.length;
    let done = 0;
    for (;;) {
      let at = done;
      for (let cell = 0; ; cell++) {
        if (at >= size) return done;
        if (cell === fields.length) throw wrong('has too many cells');
        const start = at;
        if (bytes[at] === QUOTE) {
          at = closing(bytes, at + 1, size);
          if (at === -1) return done;
          starts[cell] = ~(start + 1);
          ends[cell] = at - 1;
        } else {
          while (at < size && bytes[at] !== COMMA && bytes[at] !== 13) at++;
          if (at >= size) return done;
          starts[cell] = start;
          ends[cell] = at;
        }
        if (bytes[at] === COMMA) {
          at++;
          continue;
        }
        if (at + 1 >= size) return done;
        if (bytes[at] !== 13 || bytes[at + 1] !== 10) throw wrong('does not end as records do');
        if (cell + 1 < fields.length) throw wrong('has too few cells');
        break;
      }
      take(bytes);
      done = at + 2;
    }
  };

  return {
    read,
    sums: (): TableSums => ({ rows, columns: running.map((sum) => sum.sum()) }),
  };
};

/**
 * Throws RangeError, which says what is wrong, for a file that is no gzip, is cut off, or has another header or another
 * form than what is published. Memory is bounded by the longest record.
 */
export const readBackCsv = async (path: string, schema: Schema): Promise<TableSums> => {
  const header = Buffer.from(csvHeader(schema));
  const reader = createRecordReader(schema.fields);
  const file = filePieces(path, CHUNK);
  const plain = file.pipe(createGunzip({ chunkSize: Math.min(CHUNK, 4 * file.readableHighWaterMark) }));
  file.on('error', (error) => plain.destroy(error));
  let held: Buffer = Buffer.alloc(0);
  let begun = false;
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      if (!begun) {
        if (held.length < header.length) continue;
        if (!held.subarray(0, header.length).equals(header)) throw new RangeError('the CSV file has another header');
        held = held.subarray(header.length);
        begun = true;
      }
      held = held.subarray(reader.read(held));
    }
  } catch (error) {
    if (error instanceof RangeError || 'syscall' in (error as Error)) throw error;
    throw new RangeError(`the CSV file cannot be decompressed: ${(error as Error).message}`);
  } finally {
    file.destroy();
  }
  if (!begun) throw new RangeError('the CSV file has no header');
  if (held.length > 0) throw new RangeError('the CSV file ends in the middle of a record');
  return reader.sums();
};
