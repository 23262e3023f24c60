/** The form of CSV that sheets and files of other forms are turned into, before the byte-level engine reads them. */
import type { Dialect } from '../table.ts';

/** Whose quotes are a program's: what stands between two of them is one cell. */
export const SURE_FORM: Omit<Dialect, 'header_line' | 'decimal' | 'thousands'> = {
  encoding: 'utf-8',
  bom: false,
  mojibake: false,
  delimiter: ',',
  quote: '"',
  sure_quotes: true,
  newline: '\n',
};

const quoted = (cell: string): string => (/[",\n\r]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** A record without its line end. One cell that holds nothing is in quotes: it would be a blank line. */
export const sureRecord = (cells: readonly string[]): string => cells.map(quoted).join(',') || '""';

/** Bytes that are made at a time. */
const PIECE = 1 << 16;

/** Records, each with its line end, as bytes in pieces. */
export function* piecesOf(records: Iterable<string>, onPiece?: () => void): Generator<Uint8Array> {
  let piece = '';
  for (const record of records) {
    piece += record;
    if (piece.length < PIECE) continue;
    yield Buffer.from(piece);
    onPiece?.();
    piece = '';
  }
  yield Buffer.from(piece);
}
