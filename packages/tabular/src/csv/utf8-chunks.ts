/** The bytes of a file as valid UTF-8 in pieces that end with a line, without a byte order mark. */
import { isUtf8 } from 'node:buffer';
import type { Dialect } from '../table.ts';
import { createTextDecoding } from './encoding.ts';
import { createLineCutter, decodeLines } from './mixed-lines.ts';

/** Bytes that can be read several times, each time from the first on. A chunk may be overwritten by the next one. */
export type CsvInput = { chunks(): Iterable<Uint8Array> };

/** The first bytes of a file, up to `size`. */
export const headOf = (input: CsvInput, size: number): Buffer => {
  const parts: Buffer[] = [];
  let length = 0;
  for (const chunk of input.chunks()) {
    parts.push(Buffer.from(chunk.subarray(0, size - length)));
    length += parts[parts.length - 1].length;
    if (length >= size) break;
  }
  return Buffer.concat(parts);
};

/** Other encodings, text encoded twice and lines that end with CR alone, by way of text. */
function* transcoded(chunks: Iterable<Uint8Array>, dialect: Dialect): Generator<Uint8Array> {
  const decoding = createTextDecoding(dialect);
  let heldCr = '';
  const normal = (piece: string): string => {
    if (dialect.newline !== '\r') return piece;
    const whole = heldCr + piece;
    heldCr = whole.endsWith('\r') ? '\r' : '';
    return (heldCr ? whole.slice(0, -1) : whole).replace(/\r\n?/g, '\n');
  };
  for (const chunk of chunks) yield Buffer.from(normal(decoding.push(chunk)));
  yield Buffer.from(normal(decoding.end()));
  if (heldCr) yield Buffer.from('\n');
}

/** Lines that are UTF-8 already are passed on as they are; those that are not are read as windows-1252. */
function* checked(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  const cutter = createLineCutter();
  let begun = false;
  const valid = (bytes: Buffer): Buffer => {
    const bom = !begun && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    begun = true;
    const body = bom ? bytes.subarray(3) : bytes;
    return isUtf8(body) ? body : Buffer.from(decodeLines(body, 'utf-8', () => {}));
  };
  for (const chunk of chunks) for (const piece of cutter.push(chunk)) yield valid(piece);
  yield valid(cutter.end());
}

/** The file as UTF-8. Chunks may be overwritten by the next one. */
export const utf8Chunks = (chunks: Iterable<Uint8Array>, dialect: Dialect): Iterable<Uint8Array> =>
  dialect.encoding === 'utf-8' && !dialect.mojibake && dialect.newline !== '\r'
    ? checked(chunks)
    : transcoded(chunks, dialect);
