/**
 * Bytes to text, in pieces: UTF-8, windows-1252 and UTF-16, and UTF-8 that somebody decoded as windows-1252 and encoded
 * again (mojibake), which is put right.
 */
import type { Dialect } from '../table.ts';

/** The characters of bytes 0x80–0x9f in windows-1252; the five unassigned ones stand for themselves. */
const C1 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const byteOfC1 = new Map([...C1].map((character, index) => [character, String.fromCharCode(0x80 + index)]));

const c1Range = /[\u0080-\u009f]/g;
const utf8Sequence = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g;
const nonAsciiRun = /[\u0080-\uffff]+/g;

/** Decodes windows-1252. Not by TextDecoder: some versions of Node decode that label as plain latin-1. */
export const decodeWindows1252 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .replace(c1Range, (character) => C1[character.charCodeAt(0) - 0x80]);

/** The bytes, one per character, that a run of text has in windows-1252; null when it has none. */
const toWindows1252 = (run: string): string | null => {
  let bytes = '';
  for (const character of run) {
    const byte = byteOfC1.get(character) ?? (character <= 'ÿ' ? character : null);
    if (byte === null) return null;
    bytes += byte;
  }
  return bytes;
};

const repairRun = (run: string): string => {
  const bytes = toWindows1252(run);
  if (bytes === null || bytes.replace(utf8Sequence, '') !== '') return run;
  const repaired = Buffer.from(bytes, 'latin1').toString('utf8');
  return repaired.includes('\ufffd') ? run : repaired;
};

/** Puts `ProduÃ§Ã£o` right. Runs of text that were not encoded twice are left as they are. */
export const repairMojibake = (text: string): string => text.replace(nonAsciiRun, repairRun);

/** UTF-8 where it is valid; bytes that are not are taken for windows-1252, so that no name is lost to `\ufffd`. */
export const decodeMixed = (bytes: Uint8Array): string => {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return latin1.replace(/[\x80-\xff]+/g, (run) => {
    let text = '';
    let from = 0;
    for (const match of run.matchAll(utf8Sequence)) {
      const decoded = Buffer.from(match[0], 'latin1').toString('utf8');
      if (decoded.includes('\ufffd') && match[0] !== '\xef\xbf\xbd') continue;
      text += decodeWindows1252(Buffer.from(run.slice(from, match.index), 'latin1')) + decoded;
      from = match.index + match[0].length;
    }
    return text + decodeWindows1252(Buffer.from(run.slice(from), 'latin1'));
  });
};

/** How many bytes at the end of `bytes` begin a UTF-8 character without ending it. */
export const cutUtf8Tail = (bytes: Uint8Array): number => {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 && byte <= 0xf4 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    return byte < 0xf5 && needed > back ? back : 0;
  }
  return 0;
};

export type TextDecoding = { push(chunk: Uint8Array): string; end(): string };

const utf8Decoding = (): TextDecoding => {
  let tail = Buffer.alloc(0);
  let begun = false;
  const decode = (bytes: Buffer): string => {
    const text = bytes.toString('utf8');
    const checked = text.includes('\ufffd') ? decodeMixed(bytes) : text;
    if (begun || checked === '') return checked;
    begun = true;
    return checked.startsWith('\ufeff') ? checked.slice(1) : checked;
  };
  return {
    push(chunk) {
      const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const bytes = tail.length > 0 ? Buffer.concat([tail, view]) : view;
      const cut = cutUtf8Tail(bytes);
      tail = Buffer.from(bytes.subarray(bytes.length - cut));
      return decode(bytes.subarray(0, bytes.length - cut));
    },
    end() {
      const rest = tail;
      tail = Buffer.alloc(0);
      return decode(rest);
    },
  };
};

const utf16Decoding = (encoding: 'utf-16le' | 'utf-16be'): TextDecoding => {
  const decoder = new TextDecoder(encoding);
  return { push: (chunk) => decoder.decode(chunk, { stream: true }), end: () => decoder.decode() };
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
  };
};

/** Decodes a file chunk by chunk. The pieces of text may end anywhere, but never inside a character. The BOM is dropped. */
export const createTextDecoding = (dialect: Pick<Dialect, 'encoding' | 'mojibake'>): TextDecoding => {
  const { encoding } = dialect;
  const decoding =
    encoding === 'utf-8'
      ? utf8Decoding()
      : encoding === 'windows-1252'
        ? { push: decodeWindows1252, end: () => '' }
        : utf16Decoding(encoding);
  return dialect.mojibake ? repairing(decoding) : decoding;
};

const isUtf8 = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
};

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

const isMojibake = (text: string): boolean => {
  let nonAscii = 0;
  let twice = 0;
  for (const [run] of text.matchAll(nonAsciiRun)) {
    nonAscii += run.length;
    if (repairRun(run) !== run) twice += run.length;
  }
  return twice > 0 && twice >= nonAscii * 0.9;
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
  if (!bom && !isUtf8(sample)) return { encoding: 'windows-1252', bom: false, mojibake: false };
  const text = Buffer.from(sample.buffer, sample.byteOffset, sample.byteLength)
    .toString('utf8')
    .replace(/^\ufeff/, '');
  return { encoding: 'utf-8', bom, mojibake: isMojibake(text.replace(/\ufffd+$/, '')) };
};
