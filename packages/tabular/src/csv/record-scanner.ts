/**
 * Finds the cells of records in UTF-8 bytes, without making a string of any. Reads quotes and line ends exactly as the
 * tokenizer does ({@link ./tokenizer.ts}), which is its oracle.
 */
import type { Dialect } from '../table.ts';
import { cellEnd, fourOf, SPARE } from './cell-end.ts';
import type { RecordBlock } from './record-block.ts';
import { swallowsLines } from './swallowed-lines.ts';
import { UnreadableText } from './tokenizer.ts';

const LF = 10;
const CR = 13;
const MAX_ROWS = 1024;
const LONGEST_QUOTED = 1 << 20;
const LONGEST_RECORD = 8 << 20;

/**
 * A record that is no row of the table. `stray`: one of its cells begins with a quote that does not end it. `comment`:
 * the line is one.
 */
export type OddRecord = { line: number; cells: number; raw: string; stray: boolean; comment?: true };

export type RecordScanner = {
  push(chunk: Uint8Array): void;
  end(): void;
};

type ScannerOptions = {
  layout: Pick<Dialect, 'delimiter' | 'quote' | 'skip_initial_space' | 'sure_quotes' | 'comment'>;
  width: number;
  /** Records that begin up to this line are passed over. */
  skipLines: number;
  /** Records that begin behind this line are passed over. */
  lastLine?: number;
  /**
   * Reads a table and not just records: one of empty cells is a blank line, empty cells behind the last column are
   * nothing if `spare`, a record with a stray quote is odd, and `onLone` is asked whether one with nothing but its
   * first cell is a row.
   */
  table?: { spare: boolean; onLone(block: RecordBlock, row: number): boolean };
  /** Rows that the consumer takes at most in the next block. */
  room(): number;
  onBlock(block: RecordBlock): void;
  onOdd(record: OddRecord): void;
};

/**
 * Blocks and ragged records come in the order of the file, whatever the chunks. `push` throws UnreadableText for a
 * record beyond 8 MiB.
 */
export const createRecordScanner = (options: ScannerOptions): RecordScanner => {
  const { layout, width, skipLines, lastLine = Number.POSITIVE_INFINITY, table, room, onBlock, onOdd } = options;
  const delimiter = layout.delimiter.charCodeAt(0);
  const delimiters = fourOf(delimiter);
  const quote = layout.quote === null ? -1 : layout.quote.charCodeAt(0);
  const skip = layout.skip_initial_space === true;
  const comment = layout.comment === undefined ? -1 : layout.comment.charCodeAt(0);
  const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The first chunk says how much is needed.
  const memory = Buffer.alloc(SPARE);
  const mostRows = Math.max(1, Math.min(MAX_ROWS, room()));
  const block: RecordBlock = {
    bytes: memory,
    words: viewOf(memory),
    quote,
    rows: 0,
    width,
    starts: new Int32Array(mostRows * width),
    ends: new Int32Array(mostRows * width),
    lines: new Int32Array(mostRows),
    recordStarts: new Int32Array(mostRows),
    recordEnds: new Int32Array(mostRows),
  };
  let filled = 0;
  let line = 1;
  let widthBefore = 0;

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

  /** Whether nothing stands between two places but delimiters and blanks. */
  const isEmpty = (from: number, to: number): boolean => {
    const { bytes } = block;
    let at = from;
    while (at < to && (bytes[at] === delimiter || bytes[at] === 32)) at++;
    return at >= to;
  };

  /** Where a cell ends in the text, with its closing quote. */
  const endOf = (index: number): number => {
    const end = block.ends[index] < 0 ? ~block.ends[index] : block.ends[index];
    const { bytes, starts } = block;
    return starts[index] > 0 && bytes[starts[index] - 1] === quote && bytes[end] === quote ? end + 1 : end;
  };

  /**
   * Whether a quoted field from `open` to `close` is whole records; undefined when the end of its last line is not
   * there yet.
   */
  const swallows = (start: number, open: number, close: number, last: boolean): boolean | undefined => {
    const { bytes } = block;
    let end = close + 1;
    while (end < filled && bytes[end] !== LF) end++;
    if (end >= filled && !last) return undefined;
    const text = (from: number, to: number): string => bytes.toString('latin1', from, to);
    return swallowsLines(
      { before: text(start, open), inside: text(open + 1, close), behind: text(close + 1, end) },
      { delimiter: layout.delimiter, quote: layout.quote ?? '', width: widthBefore },
    );
  };

  /** Leaves a record whose end is not there yet for the next chunk. */
  const putOff = (recordStart: number, recordLine: number, rows: number): number => {
    line = recordLine;
    block.rows = rows;
    return recordStart;
  };

  /** Where the line at `at` ends; -1 when its end is not there yet. */
  const lineEndFrom = (at: number, last: boolean): number => {
    const end = block.bytes.indexOf(LF, at);
    return end !== -1 && end < filled ? end : last ? filled : -1;
  };

  /** Scans the records in `bytes`; gives where the first one begins whose end is not there yet. */
  const scan = (last: boolean): number => {
    const { bytes, words, starts, ends, lines, recordStarts, recordEnds } = block;
    const size = filled;
    // So that the search for the end of a cell need not look where the bytes end.
    bytes[size] = LF;
    let limit = Math.min(mostRows, room());
    let rows = 0;
    let at = 0;
    while (at < size) {
      const recordStart = at;
      const recordLine = line;
      if (bytes[at] === comment) {
        const end = lineEndFrom(at, last);
        if (end === -1) return putOff(recordStart, recordLine, rows);
        at = Math.min(end + 1, size);
        line++;
        if (recordLine <= skipLines || recordLine > lastLine) continue;
        block.rows = rows;
        emit();
        rows = 0;
        const raw = bytes.toString('utf8', recordStart, bytes[end - 1] === CR ? end - 1 : end);
        onOdd({ line: recordLine, cells: 1, raw, stray: false, comment: true });
        limit = Math.min(mostRows, room());
        continue;
      }
      const base = rows * width;
      let cells = 0;
      let stray = false;
      let recordEnd = 0;
      for (;;) {
        if (skip) while (bytes[at] === 32 && at < size) at++;
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
            return putOff(recordStart, recordLine, rows);
          }
          let next = close + 1;
          if (skip) {
            while (bytes[next] === 32 && next < size) next++;
            if (!last && next + 1 >= size) {
              return putOff(recordStart, recordLine, rows);
            }
          }
          let closed =
            close < size &&
            (next >= size ||
              bytes[next] === delimiter ||
              bytes[next] === LF ||
              (bytes[next] === CR && next + 1 < size && bytes[next + 1] === LF));
          if (closed && lineEnds > 0) {
            const swallowed = layout.sure_quotes ? false : swallows(recordStart, at, close, last);
            if (swallowed === undefined) {
              return putOff(recordStart, recordLine, rows);
            }
            closed = !swallowed;
          }
          if (closed) {
            from = at + 1;
            to = close;
            at = next;
            line += lineEnds;
            recordEnd = at;
          } else {
            escaped = false;
            stray = true;
          }
        }
        if (to === -1) {
          at = cellEnd(words, delimiters, at);
          if (at >= size && !last) {
            return putOff(recordStart, recordLine, rows);
          }
          to = at;
          if (at < size && bytes[at] === LF && to > from && bytes[to - 1] === CR) to--;
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
      const blank = cells === 1 && isBlank(recordStart, recordEnd);
      if (!blank) widthBefore = cells;
      if (recordLine <= skipLines || blank || recordLine > lastLine) continue;
      if (table !== undefined && cells > 1) {
        const first = bytes[recordStart];
        if ((first === delimiter || first === 32) && isEmpty(recordStart, recordEnd)) continue;
        if (cells > width && table.spare && isEmpty(endOf(base + width - 1), recordEnd)) cells = width;
      }
      if (cells !== width || (stray && table !== undefined)) {
        block.rows = rows;
        emit();
        rows = 0;
        onOdd({ line: recordLine, cells, raw: bytes.toString('utf8', recordStart, recordEnd), stray });
        limit = Math.min(mostRows, room());
        continue;
      }
      lines[rows] = recordLine;
      recordStarts[rows] = recordStart;
      recordEnds[rows] = recordEnd;
      // One look at the last byte: a record with an empty last cell is rare, and only then is it worth a second.
      if (table !== undefined && bytes[recordEnd - 1] === delimiter && width > 1 && isEmpty(endOf(base), recordEnd)) {
        if (!table.onLone(block, rows)) continue;
      }
      rows++;
      if (rows === limit) {
        block.rows = rows;
        emit();
        rows = 0;
        limit = Math.min(mostRows, room());
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
      if (filled + chunk.length + SPARE > block.bytes.length) {
        if (filled > LONGEST_RECORD)
          throw new UnreadableText(`the record on line ${line} is longer than ${LONGEST_RECORD} bytes`);
        const larger = Buffer.allocUnsafe(Math.max(block.bytes.length * 2, filled + chunk.length + SPARE));
        block.bytes.copy(larger, 0, 0, filled);
        block.bytes = larger;
        block.words = viewOf(larger);
      }
      block.bytes.set(chunk, filled);
      filled += chunk.length;
      drain(false);
    },
    end: () => drain(true),
  };
};
