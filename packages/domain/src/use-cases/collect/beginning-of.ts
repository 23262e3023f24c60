import { RefusedContent } from '../../errors.ts';
import type { ResourceFile } from '../../reading.ts';

/**
 * What is read as a whole or not at all: workbooks and archives by their signatures; HTML, XML and JSON by a bracket.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: signatures of files have them.
const WHOLE = /^(?:PK\x03\x04|\xd0\xcf\x11\xe0|\x1f\x8b|PAR1|(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*[<{[])/;

/**
 * The beginning of a file of text, `most` bytes of it, up to the end of a line; the file itself where it has no more,
 * or cannot be read in part. Throws RefusedContent where no line ends so soon.
 */
export const beginningOf = (file: ResourceFile, most: number): ResourceFile => {
  if (file.bytes <= most || isReadWhole(file)) return file;
  const bytes = lineEnd(file, most);
  return {
    bytes,
    *chunks() {
      let left = bytes;
      for (const chunk of file.chunks()) {
        yield left < chunk.length ? chunk.subarray(0, left) : chunk;
        left -= chunk.length;
        if (left <= 0) return;
      }
    },
    read: (from, to) => file.read(from, Math.min(to, bytes)),
  };
};

/** Whether a file can only be read as a whole. */
export const isReadWhole = (file: ResourceFile): boolean =>
  WHOLE.test(Buffer.from(file.read(0, 512)).toString('latin1'));

/** Workbooks, by the signatures of their containers, and HTML. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: signatures of files have them.
const GRID = /^(?:PK\x03\x04|\xd0\xcf\x11\xe0|(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<)/;

/** Whether a file, which is no archive, is a workbook or a page. */
export const isGrid = (file: ResourceFile): boolean => GRID.test(Buffer.from(file.read(0, 512)).toString('latin1'));

const PIECE = 65_536;

/** Behind the last end of a line among the first `most` bytes. */
const lineEnd = (file: ResourceFile, most: number): number => {
  for (const newline of newlinesOf(file)) {
    for (let to = most - (most % 2); to > 0; to -= PIECE) {
      const from = Math.max(0, to - PIECE);
      const at = lastAligned(Buffer.from(file.read(from, to)), newline);
      if (at >= 0) return from + at + newline.length;
    }
  }
  throw new RefusedContent(`Its first line is longer than the ${most} bytes that are read of it.`);
};

/** In the order in which they are looked for: most files have line feeds, and some no other than carriage returns. */
const newlinesOf = (file: ResourceFile): readonly Buffer[] => {
  const [first, second] = file.read(0, 2);
  const isLittle = first === 0xff && second === 0xfe;
  const isBig = first === 0xfe && second === 0xff;
  return ['\n', '\r'].map((end) => Buffer.from(isLittle ? `${end}\0` : isBig ? `\0${end}` : end));
};

/** The last one that begins where a character does. */
const lastAligned = (piece: Buffer, newline: Buffer): number => {
  let at = piece.lastIndexOf(newline);
  while (at > 0 && at % newline.length !== 0) at = piece.lastIndexOf(newline, at - 1);
  return at % newline.length === 0 ? at : -1;
};
