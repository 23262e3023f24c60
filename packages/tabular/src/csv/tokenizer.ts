/** Text or bytes to records: RFC 4180 with any delimiter, quotes read leniently, fed in chunks of any size. */
import type { Dialect } from '../table.ts';
import { createTextDecoding } from './encoding.ts';
import { swallowsLines } from './swallowed-lines.ts';

/**
 * `line`: physical line on which the record begins, from 1. `raw`: the record as it stands, without its line end.
 * `comment`: the line is one, in the only field.
 */
export type CsvRow = { line: number; fields: string[]; raw: string; comment?: true };

export type TextTokenizer = { push(text: string): void; end(): void };
export type Tokenizer = {
  push(chunk: Uint8Array): void;
  end(): void;
  /** Lines so far that were in another encoding than the file's. */
  odd_lines(): number;
};

/** A quoted field that does not end within so many characters is a stray quote, which stands for itself. */
const LONGEST_QUOTED = 1 << 20;
/** Characters of a line beyond which the text is no table. */
const LONGEST_LINE = 8 << 20;

/** The text cannot be read as a table at all; the message says why. */
export class UnreadableText extends Error {
  override name = 'UnreadableText';
}

const countLineFeeds = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
};

type Layout = Pick<Dialect, 'delimiter' | 'quote' | 'newline' | 'skip_initial_space' | 'sure_quotes' | 'comment'>;

const withoutInitialSpace = (cell: string): string => cell.replace(/^ +/, '');

/**
 * Tokenizes text. Lines end with LF or CR LF, or with CR alone when the dialect says so (CR inside quotes is then read
 * as LF). Empty lines are skipped but counted. A quoted field that goes on after its closing quote (`"a"b`) is taken as
 * it stands, quotes included; so is one whose closing quote is missing, or that would swallow whole records: it ends at
 * the next delimiter. `push` throws {@link UnreadableText} for a line beyond 8 Mi characters.
 */
export const createTextTokenizer = (layout: Layout, onRow: (row: CsvRow) => void): TextTokenizer => {
  const { delimiter, quote, skip_initial_space: skip = false, sure_quotes, comment } = layout;
  const doubled = `${quote}${quote}`;
  let width = 0;
  let text = '';
  let line = 1;
  let heldCr = false;

  /**
   * Splits the record at `from` that has quotes in it; gives where the next one begins, or -1 when its end is not there
   * yet.
   */
  const quotedRecord = (from: number, last: boolean): number => {
    const fields: string[] = [];
    let at = from;
    for (;;) {
      let end = -1;
      if (skip) while (text[at] === ' ') at++;
      if (text[at] === quote) {
        let escaped = false;
        let close = text.indexOf(quote, at + 1);
        while (close !== -1 && text[close + 1] === quote) {
          escaped = true;
          close = text.indexOf(quote, close + 2);
        }
        const undecided = close === -1 ? text.length - from < LONGEST_QUOTED : close + 2 >= text.length;
        if (undecided && !last) return -1;
        let next = close + 1;
        if (skip && close !== -1) while (text[next] === ' ') next++;
        if (skip && next + 1 >= text.length && !last) return -1;
        const closed =
          close !== -1 &&
          (next >= text.length ||
            text[next] === delimiter ||
            text[next] === '\n' ||
            (text[next] === '\r' && text[next + 1] === '\n'));
        if (closed) {
          const inside = text.slice(at + 1, close);
          const lineEnd = inside.includes('\n') ? text.indexOf('\n', next) : 0;
          if (lineEnd === -1 && !last) return -1;
          const behind = lineEnd === 0 ? '' : text.slice(next, lineEnd === -1 ? text.length : lineEnd);
          const swallows =
            lineEnd !== 0 &&
            !sure_quotes &&
            swallowsLines({ before: text.slice(from, at), inside, behind }, { delimiter, quote: quote!, width });
          if (!swallows) {
            fields.push(escaped ? inside.replaceAll(doubled, quote!) : inside);
            end = next;
          }
        }
      }
      if (end === -1) {
        const lineEnd = text.indexOf('\n', at);
        if (lineEnd === -1 && !last) return -1;
        const stop = lineEnd === -1 ? text.length : lineEnd;
        const delimiterAt = text.indexOf(delimiter, at);
        end = delimiterAt !== -1 && delimiterAt < stop ? delimiterAt : stop;
        if (end === stop && end > at && lineEnd !== -1 && text[end - 1] === '\r') end--;
        fields.push(text.slice(at, end));
      }
      if (text[end] === delimiter) {
        at = end + 1;
        continue;
      }
      const raw = text.slice(from, end);
      onRow({ line, fields, raw });
      width = fields.length;
      line += countLineFeeds(raw) + 1;
      return end >= text.length ? text.length : end + (text[end] === '\r' ? 2 : 1);
    }
  };

  const drain = (last: boolean): void => {
    let at = 0;
    while (at < text.length) {
      const lineEnd = text.indexOf('\n', at);
      if (lineEnd === -1 && !last) break;
      const stop = lineEnd === -1 ? text.length : lineEnd;
      const raw = text.slice(at, lineEnd !== -1 && stop > at && text[stop - 1] === '\r' ? stop - 1 : stop);
      if (comment !== undefined && raw.startsWith(comment)) {
        onRow({ line, fields: [raw], raw, comment: true });
        line++;
        at = stop + 1;
        continue;
      }
      if (quote !== null && raw.includes(quote)) {
        const next = quotedRecord(at, last);
        if (next === -1) break;
        at = next;
        continue;
      }
      if (raw !== '' && (delimiter !== '\t' ? raw.trim() : raw) !== '') {
        const fields = raw.split(delimiter);
        width = fields.length;
        onRow({ line, fields: skip ? fields.map(withoutInitialSpace) : fields, raw });
      }
      line++;
      at = stop + 1;
    }
    text = text.slice(at);
    if (text.length > LONGEST_LINE) throw new UnreadableText(`line ${line} is longer than ${LONGEST_LINE} characters`);
  };

  return {
    push(piece) {
      if (layout.newline === '\r') {
        const whole = (heldCr ? '\r' : '') + piece;
        heldCr = whole.endsWith('\r');
        text += (heldCr ? whole.slice(0, -1) : whole).replace(/\r\n?/g, '\n');
      } else text += piece;
      drain(false);
    },
    end() {
      if (heldCr) text += '\n';
      heldCr = false;
      drain(true);
    },
  };
};

/**
 * Tokenizes the bytes of a file: decodes, repairs mojibake, and gives each record to `onRow` in order. The header is a
 * record like any other. Chunks may be cut anywhere, inside characters, line ends and quotes too.
 */
export const createTokenizer = (dialect: Dialect, onRow: (row: CsvRow) => void): Tokenizer => {
  const decoding = createTextDecoding(dialect);
  const tokenizer = createTextTokenizer(dialect, onRow);
  return {
    push: (chunk) => tokenizer.push(decoding.push(chunk)),
    end() {
      tokenizer.push(decoding.end());
      tokenizer.end();
    },
    odd_lines: decoding.odd_lines,
  };
};
