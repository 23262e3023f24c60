/** CSV in a form that the byte-level engine does not speak, read by the stream of `csv-parse`. */
import type { WrittenForm } from '../table.ts';
import { UnreadableText } from './tokenizer.ts';

/**
 * A record: its cells, the line on which it begins, and its text. `open`: one of its quotes is never closed; it is all
 * that is left of the text.
 */
export type ForeignRecord = { cells: string[]; line: number; raw: string; open?: true };

export type Parse = typeof import('csv-parse').parse;
/** It is loaded by those only who need it. */
export const loadCsvParse = async (): Promise<Parse> => (await import('csv-parse')).parse;

/** Bytes of a record beyond which the text is no table. */
const LONGEST_RECORD = 8 << 20;

const countLineFeeds = (text: string): number => text.split('\n').length - 1;

/**
 * The records of UTF-8 text whose lines end with LF or CR LF. The stream works while it is written to: what it has read
 * by then is taken before the next chunk.
 * Throws UnreadableText for a record beyond 8 MiB.
 */
export function* foreignRecords(
  parse: Parse,
  chunks: Iterable<Uint8Array>,
  form: WrittenForm,
): Generator<ForeignRecord> {
  const parser = parse({
    delimiter: form.delimiter,
    quote: form.quote,
    escape: form.escape === 'backslash' ? '\\' : form.quote,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD,
    info: true,
  });
  parser.on('error', () => {});
  let line = 1;
  /** What was written and is of no record yet, and where it begins. */
  let pending = Buffer.alloc(0);
  let from = 0;
  const taken = function* (refuses = true): Generator<ForeignRecord> {
    for (;;) {
      const one = parser.read() as { record: string[]; info: { bytes: number } } | null;
      if (parser.errored && refuses)
        throw new UnreadableText(`its quotes cannot be read near line ${line} (${parser.errored.message})`);
      if (one === null) return;
      // Its own `raw` leaves out parts of delimiters of several characters.
      const text = pending.toString('utf8', 0, one.info.bytes - from);
      pending = pending.subarray(one.info.bytes - from);
      from = one.info.bytes;
      // Lines that hold nothing stand before the record in its text.
      const blank = /^[\r\n]*/.exec(text)![0];
      yield {
        cells: one.record,
        line: line + countLineFeeds(blank),
        raw: text.slice(blank.length).replace(/\r?\n$/, ''),
      };
      line += countLineFeeds(text);
    }
  };
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk);
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    parser.write(bytes);
    yield* taken();
  }
  parser.end();
  yield* taken(false);
  if (!parser.errored) return;
  const raw = pending.toString('utf8').replace(/^\n*/, (blank) => {
    line += blank.length;
    return '';
  });
  yield { cells: [], line, raw: raw.replace(/\n$/, ''), open: true };
}
