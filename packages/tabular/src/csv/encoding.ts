/**
 * Bytes to text, in pieces: UTF-8, windows-1252, the two of them in one file, UTF-16, and UTF-8 that was encoded twice.
 */
import type { Dialect } from '../table.ts';
import { createLineCutter, cutUtf8Tail, decodeLines, type Usual } from './mixed-lines.ts';
import { repairMojibake } from './mojibake.ts';

export type TextDecoding = {
  push(chunk: Uint8Array): string;
  end(): string;
  /** Lines so far that were in another encoding than the file's (UTF-8 among windows-1252, or the other way). */
  odd_lines(): number;
};

const linesDecoding = (usual: Usual): TextDecoding => {
  const cutter = createLineCutter();
  let odd = 0;
  let begun = false;
  const decode = (bytes: Buffer): string => {
    const text = decodeLines(bytes, usual, () => odd++);
    if (begun || text === '') return text;
    begun = true;
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  };
  return {
    push: (chunk) => cutter.push(chunk).map(decode).join(''),
    end: () => decode(cutter.end()),
    odd_lines: () => odd,
  };
};

const utf16Decoding = (encoding: 'utf-16le' | 'utf-16be'): TextDecoding => {
  const decoder = new TextDecoder(encoding);
  return {
    push: (chunk) => decoder.decode(chunk, { stream: true }),
    end: () => decoder.decode(),
    odd_lines: () => 0,
  };
};

/** Holds a run of non-ASCII characters at the end of a chunk back, since its second half may follow. */
const repairing = (inner: TextDecoding): TextDecoding => {
  let held = '';
  return {
    push(chunk) {
      const text = held + inner.push(chunk);
      let end = text.length;
      while (end > 0 && text.charCodeAt(end - 1) >= 0x80) end--;
      held = text.slice(end);
      return repairMojibake(text.slice(0, end));
    },
    end() {
      const rest = held + inner.end();
      held = '';
      return repairMojibake(rest);
    },
    odd_lines: inner.odd_lines,
  };
};

type Encoded = Pick<Dialect, 'encoding' | 'mojibake'>;

/**
 * Decodes a file chunk by chunk. The text comes by whole lines, the last one by `end`, and is the same however the file
 * is cut. The BOM is dropped. In UTF-8 and windows-1252 the encoding is told for each line; what fits neither becomes
 * U+FFFD.
 */
export const createTextDecoding = ({ encoding, mojibake }: Encoded): TextDecoding => {
  const decoding =
    encoding === 'utf-8' || encoding === 'windows-1252' ? linesDecoding(encoding) : utf16Decoding(encoding);
  return mojibake ? repairing(decoding) : decoding;
};

/** The text of the beginning of a file. A character that is cut in two at its end is left out. */
export const decodeSample = (sample: Uint8Array, encoded: Encoded): string => {
  const decoding = createTextDecoding(encoded);
  const unit = encoded.encoding.startsWith('utf-16') ? sample.length % 2 : cutUtf8Tail(sample);
  const text = decoding.push(sample.subarray(0, sample.length - (encoded.encoding === 'windows-1252' ? 0 : unit)));
  return text + decoding.end();
};
