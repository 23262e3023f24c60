/** Finds the encoding of a file from its beginning. */
import { isUtf8 } from 'node:buffer';
import type { Dialect, Uncertainty } from '../table.ts';
import { otherCodePages } from './code-pages.ts';
import { decodeSample } from './encoding.ts';
import { cutUtf8Tail, usualOf } from './mixed-lines.ts';
import { isMojibake } from './mojibake.ts';

type Utf16 = 'utf-16le' | 'utf-16be';

/**
 * How many of the characters are ASCII when read so; -1 when the text is none: signs of control, or characters that do
 * not exist.
 */
const asciiOf = (bytes: Uint8Array, encoding: Utf16): number => {
  const text = new TextDecoder(encoding).decode(bytes);
  const odd = text.match(/[^\P{Cc}\t\n\r]|[\p{Cn}\p{Co}\p{Cs}\ufffd]/gu)?.length ?? 0;
  const ascii = text.match(/[\t\n\r -~]/g)?.length ?? 0;
  const lines = /[\n\r]/.test(text) || ascii > text.length * 0.3;
  return lines && odd <= text.length * 0.02 + 1 ? ascii : -1;
};

/** UTF-16 is told by the zeros of its ASCII: every table has line ends and delimiters, whatever its script. */
const utf16WithoutBom = (sample: Buffer): Utf16 | null => {
  const bytes = sample.subarray(0, Math.min(sample.length & ~1, 8192));
  if (bytes.length < 4 || zeros(bytes) < bytes.length * 0.02) return null;
  const little = asciiOf(bytes, 'utf-16le');
  const big = asciiOf(bytes, 'utf-16be');
  if (little <= 0 && big <= 0) return null;
  return little >= big ? 'utf-16le' : 'utf-16be';
};

const zeros = (bytes: Uint8Array): number => {
  let count = 0;
  for (let at = bytes.indexOf(0); at !== -1; at = bytes.indexOf(0, at + 1)) count++;
  return count;
};

const uncertain = (readings: readonly string[], decide: string): { uncertain: readonly Uncertainty[] } => ({
  uncertain: [{ about: 'encoding', line: null, column: null, readings, decide }],
});

/**
 * Finds the encoding of a file from its beginning. A character that the sample cuts in two does no harm. `uncertain`:
 * the bytes are no text in any encoding that is read here.
 */
export const sniffEncoding = (sample: Uint8Array): Pick<Dialect, 'encoding' | 'bom' | 'mojibake' | 'uncertain'> => {
  const bytes = Buffer.from(sample.buffer, sample.byteOffset, sample.byteLength);
  const bom16 =
    sample[0] === 0xff && sample[1] === 0xfe
      ? 'utf-16le'
      : sample[0] === 0xfe && sample[1] === 0xff
        ? 'utf-16be'
        : null;
  if (bom16) return { encoding: bom16, bom: true, mojibake: false };
  const bom = sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf;
  const utf16 = bom ? null : utf16WithoutBom(bytes);
  if (utf16) return { encoding: utf16, bom: false, mojibake: false };
  const valid = isUtf8(bytes.subarray(0, bytes.length - cutUtf8Tail(bytes)));
  const encoding = bom || valid ? 'utf-8' : usualOf(bytes);
  const binary = zeros(bytes.subarray(0, 8192)) > 0;
  if (binary) {
    const none = uncertain(['a binary file', 'text with bytes of zero'], 'It is not read: declare its encoding.');
    return { encoding, bom, mojibake: false, ...none };
  }
  if (encoding === 'windows-1252') {
    const others = otherCodePages(bytes);
    const not = 'It does not look like windows-1252, and is not read: publish it as UTF-8, or declare its encoding.';
    return { encoding, bom, mojibake: false, ...(others && uncertain([...others, 'windows-1252'], not)) };
  }
  return { encoding, bom, mojibake: isMojibake(decodeSample(sample, { encoding, mojibake: false })) };
};
