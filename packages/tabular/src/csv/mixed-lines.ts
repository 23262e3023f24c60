/**
 * Files that are UTF-8 but for some lines, or windows-1252 but for some: somebody pasted lines of one file into the
 * other. The encoding is told for each line, since a line was written by one program.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { decodeWindows1252, windows1252OfLatin1 } from './windows-1252.ts';

export type Usual = 'utf-8' | 'windows-1252';

const LF = 10;
const CR = 13;
/** A text without line ends is cut into pieces of this size; it is no table anyway. */
const LONGEST_LINE = 1 << 20;

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

const utf8Sequence =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}/g;
/**
 * What UTF-8 writes for the characters of Western texts (letters and signs of Latin-1, Š, š, Ž, ž, Œ, œ, Ÿ, dashes,
 * quotes, €, ™, emoji, BOM and U+FFFD). `CAFÉ”` in windows-1252 is valid UTF-8 too, of `CAFɔ`; such pairs of signs do
 * not count.
 */
const westernSequence =
  /\xc2[\xa0-\xbf]|\xc3[\x80-\xbf]|\xc5[\x92\x93\xa0\xa1\xb8\xbd\xbe]|\xe2(?:\x80[\x80-\xaf]|\x82\xac|\x84\xa2|\x88\x92)|\xef(?:\xbb\xbf|\xbf\xbd)|\xf0\x9f[\x80-\xbf]{2}/g;
const highBytes = /[\x80-\xff]/g;

const isWestern = (latin1: string): boolean => latin1.replace(westernSequence, '').search(/[\x80-\xff]/) === -1;

const marksInWords = new Set('’‘´·ªº\u00ad');
const isLetter = (character: string | undefined): boolean => character !== undefined && /\p{L}/u.test(character);

/**
 * A byte that is no UTF-8, as windows-1252: U+FFFD where that gives no word, since half a character was lost then
 * (`FrisÃ`, `Fris£o`).
 */
const strayByte = (byte: string, before: string, after: string | undefined): string => {
  const character = windows1252OfLatin1(byte);
  if (/[\u0080-\u009f]/.test(character)) return '\ufffd';
  const letter = isLetter(character);
  if (letter && /\p{Lu}/u.test(character) && /\p{Ll}$/u.test(before)) return '\ufffd';
  if (!letter && !marksInWords.has(character) && isLetter(before.at(-1)) && isLetter(after)) return '\ufffd';
  return character;
};

/** A line that is not UTF-8 as a whole: pieces of it may be. */
const decodeOddLine = (latin1: string): string => {
  const sequences = latin1.match(utf8Sequence) ?? [];
  const within = sequences.reduce((sum, sequence) => sum + sequence.length, 0);
  const foreign = sequences.some((sequence) => !isWestern(sequence));
  // Of another script nearly all of the line is UTF-8, and what is not is damage; windows-1252 makes such pairs by
  // chance.
  const otherScript = foreign && within >= (latin1.match(highBytes)?.length ?? 0) * 0.8;
  let text = '';
  let from = 0;
  const stray = (to: number): void => {
    for (; from < to; from++) {
      if (latin1.charCodeAt(from) < 0x80) text += latin1[from];
      else text += otherScript ? '\ufffd' : strayByte(latin1[from], text, latin1[from + 1]);
    }
  };
  for (const { 0: sequence, index } of latin1.matchAll(utf8Sequence)) {
    if (!otherScript && !isWestern(sequence)) continue;
    stray(index);
    text += Buffer.from(sequence, 'latin1').toString('utf8');
    from = index + sequence.length;
  }
  stray(latin1.length);
  return text;
};

const lineEndFrom = (bytes: Buffer, from: number): number => {
  let at = from;
  while (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) at++;
  return at;
};

/** Gives each line to `visit`, without its end. */
const eachLine = (bytes: Buffer, visit: (line: Buffer, from: number, to: number) => void): void => {
  for (let from = 0; from < bytes.length; ) {
    const to = lineEndFrom(bytes, from);
    if (to > from) visit(bytes.subarray(from, to), from, to);
    from = to + 1;
  }
};

/**
 * Whole lines as text. `usual` says what most of the file is, and is believed where a line fits both. `onOdd` is told
 * of each line that was read otherwise.
 */
export const decodeLines = (bytes: Buffer, usual: Usual, onOdd: () => void): string => {
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (usual === 'utf-8' ? isUtf8(bytes) : bytes.toString('latin1').search(westernSequence) === -1)
    return usual === 'utf-8' ? bytes.toString('utf8') : decodeWindows1252(bytes);
  let text = '';
  let done = 0;
  eachLine(bytes, (line, from, to) => {
    text += bytes.toString('latin1', done, from);
    done = to;
    if (isAscii(line)) text += line.toString('latin1');
    else if (usual === 'utf-8') {
      const valid = isUtf8(line);
      if (!valid) onOdd();
      text += valid ? line.toString('utf8') : decodeOddLine(line.toString('latin1'));
    } else {
      const otherwise = isUtf8(line) && isWestern(line.toString('latin1'));
      if (otherwise) onOdd();
      text += otherwise ? line.toString('utf8') : decodeWindows1252(line);
    }
  });
  return text + bytes.toString('latin1', done);
};

/** What most of the characters that are not ASCII are. */
export const usualOf = (sample: Buffer): Usual => {
  let utf8 = 0;
  let western = false;
  let stray = 0;
  eachLine(sample.subarray(0, sample.length - cutUtf8Tail(sample)), (line) => {
    if (isAscii(line)) return;
    const latin1 = line.toString('latin1');
    const sequences = latin1.match(utf8Sequence) ?? [];
    utf8 += sequences.length;
    stray += latin1.replace(utf8Sequence, '').match(highBytes)?.length ?? 0;
    western ||= sequences.some(isWestern);
  });
  return utf8 > stray || (utf8 === stray && (western || utf8 === 0)) ? 'utf-8' : 'windows-1252';
};

export type LineCutter = {
  /** The whole lines that are there by now, in one or two pieces; the second is a view of `chunk`. */
  push(chunk: Uint8Array): Buffer[];
  /** What is left. */
  end(): Buffer;
};

/** Cuts chunks at line ends, so that a line is decoded as one wherever the chunks end. */
export const createLineCutter = (): LineCutter => {
  let held: Buffer[] = [];
  let size = 0;
  const hold = (bytes: Buffer): void => {
    if (bytes.length > 0) held.push(Buffer.from(bytes));
    size += bytes.length;
  };
  const release = (): Buffer => {
    const bytes = held.length === 1 ? held[0] : Buffer.concat(held);
    held = [];
    size = 0;
    return bytes;
  };
  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const lf = bytes.lastIndexOf(LF);
      const last = lf === -1 ? bytes.lastIndexOf(CR) : lf;
      if (last === -1) {
        hold(bytes);
        if (size < LONGEST_LINE) return [];
        const whole = release();
        const cut = whole.length - cutUtf8Tail(whole);
        hold(whole.subarray(cut));
        return [whole.subarray(0, cut)];
      }
      const pieces: Buffer[] = [];
      let from = 0;
      if (size > 0) {
        from = lineEndFrom(bytes, 0) + 1;
        hold(bytes.subarray(0, from));
        pieces.push(release());
      }
      if (from <= last) pieces.push(bytes.subarray(from, last + 1));
      hold(bytes.subarray(last + 1));
      return pieces;
    },
    end: release,
  };
};
