import type { FileHandle } from 'node:fs/promises';

/**
 * Results as Athena keeps them: every value in quotes, null as nothing at all, a line for each row, the names first.
 */

type Row = readonly (string | null)[];

export const csvLine = (row: Row): string =>
  `${row.map((value) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)).join(',')}\n`;

const [QUOTE, COMMA, NEWLINE] = [0x22, 0x2c, 0x0a];

/** Up to `limit` whole rows from the beginning of `bytes`, and how many bytes they are. */
export const readRows = (bytes: Uint8Array, limit: number): { rows: Row[]; bytes: number } => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const rows: Row[] = [];
  let row: (string | null)[] = [];
  let at = 0;
  let end = 0;
  while (rows.length < limit && at < buffer.length) {
    let value: string | null = null;
    if (buffer[at] === QUOTE) {
      const from = at + 1;
      let to = buffer.indexOf(QUOTE, from);
      while (to !== -1 && buffer[to + 1] === QUOTE) to = buffer.indexOf(QUOTE, to + 2);
      if (to === -1) break;
      value = buffer.toString('utf8', from, to).replaceAll('""', '"');
      at = to + 1;
    }
    row.push(value);
    if (buffer[at] === COMMA) at++;
    else if (buffer[at] === NEWLINE) {
      rows.push(row);
      row = [];
      at++;
      end = at;
    } else break;
  }
  return { rows, bytes: end };
};

/** Bytes that are read at a time. */
const READ = 1 << 20;
/**
 * A page ends before so many bytes, with fewer rows than it might have: a thousand rows may be as large as a result.
 */
const PAGE = 8 << 20;
/** No row is so large. */
const MOST = 128 << 20;

/**
 * Up to `limit` rows from the byte `from` on, fewer where they are large, but one besides the names, and the byte at
 * which the next begins (undefined: there is none). Undefined instead of all that where no row begins there.
 */
export const readPage = async (
  file: FileHandle,
  { limit, from, end }: { limit: number; from: number; end: number },
): Promise<{ rows: Row[]; next: number | undefined } | undefined> => {
  const rows: Row[] = [];
  const least = from === 0 ? 2 : 1;
  let at = from;
  let size = READ;
  while (rows.length < limit && at < end) {
    const room = rows.length < least ? MOST : PAGE - (at - from);
    if (room <= 0) break;
    const most = Math.min(room, end - at);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(Math.min(size, most)), { position: at });
    const read = readRows(buffer.subarray(0, bytesRead), limit - rows.length);
    rows.push(...read.rows);
    at += read.bytes;
    if (read.bytes > 0) size = READ;
    else if (size < most) size *= 2;
    else if (rows.length >= least && most < end - at) break;
    else return undefined;
  }
  return { rows, next: at < end ? at : undefined };
};
