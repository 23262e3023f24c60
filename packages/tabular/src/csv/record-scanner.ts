/**
 * Finds the cells of records in UTF-8 bytes, without making a string of any. Reads quotes and line ends exactly as the tokenizer
 * does ({@link ./tokenizer.ts}), which is its oracle.
 */
import type { Dialect } from '../table.ts';
import { UnreadableText } from './tokenizer.ts';

const LF = 10;
const CR = 13;
const MAX_ROWS = 1024;
const LONGEST_QUOTED = 1 << 20;
const LONGEST_RECORD = 8 << 20;

/** Whole records of the right width. Valid until the callback returns. */
export type RecordBlock = {
  bytes: Buffer;
  rows: number;
  /** Cells of a record. The cell of a row and a column is at `row * width + column` of `starts` and `ends`. */
  width: number;
  starts: Int32Array;
  /** Where cells end; bit-inverted (negative) when the cell has doubled quotes in it. */
  ends: Int32Array;
  lines: Int32Array;
  recordStarts: Int32Array;
  recordEnds: Int32Array;
};

export type RaggedRecord = { line: number; cells: number; raw: string };

export type RecordScanner = {
  push(chunk: Uint8Array): void;
  end(): void;
};

type ScannerOptions = {
  layout: Pick<Dialect, 'delimiter' | 'quote'>;
  width: number;
  /** Records that begin up to this line are passed over. */
  skipLines: number;
  /** Rows that the consumer takes at most in the next block. */
  room(): number;
  onBlock(block: RecordBlock): void;
  onRagged(record: RaggedRecord): void;
};

/** The text of a cell, doubled quotes undone. */
export const cellText = ({ bytes, starts, ends }: RecordBlock, index: number): string => {
  const end = ends[index];
  if (end >= 0) return bytes.toString('utf8', starts[index], end);
  return bytes.toString('utf8', starts[index], ~end).replaceAll('""', '"');
};

/** Whether a cell of no bytes was written as `""`. */
export const isQuotedEmpty = ({ bytes, starts }: RecordBlock, index: number): boolean =>
  starts[index] > 0 && bytes[starts[index] - 1] === 34 && bytes[starts[index]] === 34;

export const recordText = ({ bytes, recordStarts, recordEnds }: RecordBlock, row: number): string =>
  bytes.toString('utf8', recordStarts[row], recordEnds[row]);

/**
 * Blocks and ragged records come in the order of the file, whatever the chunks. `push` throws UnreadableText for a record
 * beyond 8 MiB.
 */
export const createRecordScanner = (options: ScannerOptions): RecordScanner => {
  const { layout, width, skipLines, room, onBlock, onRagged } = options;
  const delimiter = layout.delimiter.charCodeAt(0);
  const quote = layout.quote === null ? -1 : 34;
  const block: RecordBlock = {
    bytes: Buffer.allocUnsafe((1 << 20) + (1 << 16)),
    rows: 0,
    width,
    starts: new Int32Array(MAX_ROWS * width),
    ends: new Int32Array(MAX_ROWS * width),
    lines: new Int32Array(MAX_ROWS),
    recordStarts: new Int32Array(MAX_ROWS),
    recordEnds: new Int32Array(MAX_ROWS),
  };
  let filled = 0;
  let line = 1;

  const emit = (): void => {
    if (block.rows > 0) onBlock(block);
    block.rows = 0;
  };

  /** A record of one cell with nothing in it is a blank line. */
  const isBlank = (start: number, end: number): boolean => {
    if (start === end) return true;
    if (delimiter === 9 || (block.bytes[start] > 32 && block.bytes[start] < 128)) return false;
    return block.bytes.toString('utf8', start, end).trim() === '';
  };

  /** Scans the records in `bytes`; gives where the first one begins whose end is not there yet. */
  const scan = (last: boolean): number => {
    const { bytes, starts, ends, lines, recordStarts, recordEnds } = block;
    const size = filled;
    // So that the search for the end of a cell needs no bounds check.
    bytes[size] = LF;
    let limit = Math.min(MAX_ROWS, room());
    let rows = 0;
    let at = 0;
    while (at < size) {
      const recordStart = at;
      const recordLine = line;
      const base = rows * width;
      let cells = 0;
      let recordEnd = 0;
      for (;;) {
        let from = at;
        let to = -1;
        let escaped = false;
        if (bytes[at] === quote && at < size) {
          let close = at + 1;
          let lineEnds = 0;
          for (;;) {
            let byte = bytes[close];
            while (byte !== quote && close < size) {
              if (byte === LF) lineEnds++;
              byte = bytes[++close];
            }
            if (close < size && close + 1 < size && bytes[close + 1] === quote) {
              escaped = true;
              close += 2;
            } else break;
          }
          if (!last && (close >= size ? size - recordStart < LONGEST_QUOTED : close + 2 >= size)) {
            line = recordLine;
            block.rows = rows;
            return recordStart;
          }
          const next = close + 1;
          const closed =
            close < size &&
            (next >= size ||
              bytes[next] === delimiter ||
              bytes[next] === LF ||
              (bytes[next] === CR && next + 1 < size && bytes[next + 1] === LF));
          if (closed) {
            from = at + 1;
            to = close;
            at = next;
            line += lineEnds;
            recordEnd = at;
          } else escaped = false;
        }
        if (to === -1) {
          let byte = bytes[at];
          while (byte !== delimiter && byte !== LF) byte = bytes[++at];
          if (at >= size && !last) {
            line = recordLine;
            block.rows = rows;
            return recordStart;
          }
          to = at;
          if (at < size && byte === LF && to > from && bytes[to - 1] === CR) to--;
          recordEnd = to;
        }
        if (cells < width) {
          starts[base + cells] = from;
          ends[base + cells] = escaped ? ~to : to;
        }
        cells++;
        if (at < size && bytes[at] === delimiter) {
          at++;
          continue;
        }
        if (at < size) {
          if (bytes[at] === CR) at++;
          at++;
        }
        line++;
        break;
      }
      const blank = cells === 1 && starts[base] === recordStart && isBlank(recordStart, recordEnd);
      if (recordLine <= skipLines || blank) continue;
      if (cells !== width) {
        block.rows = rows;
        emit();
        rows = 0;
        onRagged({ line: recordLine, cells, raw: bytes.toString('utf8', recordStart, recordEnd) });
        limit = Math.min(MAX_ROWS, room());
        continue;
      }
      lines[rows] = recordLine;
      recordStarts[rows] = recordStart;
      recordEnds[rows] = recordEnd;
      rows++;
      if (rows === limit) {
        block.rows = rows;
        emit();
        rows = 0;
        limit = Math.min(MAX_ROWS, room());
      }
    }
    block.rows = rows;
    return size;
  };

  const drain = (last: boolean): void => {
    const done = scan(last);
    emit();
    block.bytes.copyWithin(0, done, filled);
    filled -= done;
  };

  return {
    push(chunk) {
      if (filled + chunk.length + 1 > block.bytes.length) {
        if (filled > LONGEST_RECORD)
          throw new UnreadableText(`the record on line ${line} is longer than ${LONGEST_RECORD} bytes`);
        const larger = Buffer.allocUnsafe(Math.max(block.bytes.length * 2, filled + chunk.length + 1));
        block.bytes.copy(larger, 0, 0, filled);
        block.bytes = larger;
      }
      block.bytes.set(chunk, filled);
      filled += chunk.length;
      drain(false);
    },
    end: () => drain(true),
  };
};
