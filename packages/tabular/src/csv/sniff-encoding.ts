/** Finds the encoding of a file from its beginning. */
import { isUtf8 } from 'node:buffer';
import type { Dialect } from '../table.ts';
import { decodeSample } from './encoding.ts';
import { cutUtf8Tail, usualOf } from './mixed-lines.ts';
import { isMojibake } from './mojibake.ts';

const utf16WithoutBom = (sample: Uint8Array): 'utf-16le' | 'utf-16be' | null => {
  const length = Math.min(sample.length & ~1, 4096);
  let evenZeros = 0;
  let oddZeros = 0;
  for (let i = 0; i < length; i += 2) {
    if (sample[i] === 0) evenZeros++;
    if (sample[i + 1] === 0) oddZeros++;
  }
  if (length < 4) return null;
  if (oddZeros > length * 0.3 && evenZeros < length * 0.05) return 'utf-16le';
  if (evenZeros > length * 0.3 && oddZeros < length * 0.05) return 'utf-16be';
  return null;
};

/** Finds the encoding of a file from its beginning. A character that the sample cuts in two does no harm. */
export const sniffEncoding = (sample: Uint8Array): Pick<Dialect, 'encoding' | 'bom' | 'mojibake'> => {
  const bom16 =
    sample[0] === 0xff && sample[1] === 0xfe
      ? 'utf-16le'
      : sample[0] === 0xfe && sample[1] === 0xff
        ? 'utf-16be'
        : null;
  if (bom16) return { encoding: bom16, bom: true, mojibake: false };
  const bom = sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf;
  const utf16 = bom ? null : utf16WithoutBom(sample);
  if (utf16) return { encoding: utf16, bom: false, mojibake: false };
  const bytes = Buffer.from(sample.buffer, sample.byteOffset, sample.byteLength);
  const valid = isUtf8(bytes.subarray(0, bytes.length - cutUtf8Tail(bytes)));
  const encoding = bom || valid ? 'utf-8' : usualOf(bytes);
  if (encoding !== 'utf-8') return { encoding, bom, mojibake: false };
  return { encoding, bom, mojibake: isMojibake(decodeSample(sample, { encoding, mojibake: false })) };
};
