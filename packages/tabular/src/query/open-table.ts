/** Opens a Parquet file of ours for reading by ranges: the footer once, kept for as long as the file is read. */
import { type Footer, readFooter } from '../parquet/read-footer.ts';

/** A file that can be read in pieces: `end` is exclusive. */
export type RangeReader = { byteLength: number; read(start: number, end: number): Promise<Uint8Array> };

/** A file whose footer has been read. It holds no data: keep it for as long as the version is read. */
export type OpenTable = Footer & { file: RangeReader };

/** Holds the footers of most tables in one read. */
const TAIL = 64 * 1024;

/** Reads the footer: one range, two when it is longer than 64 KiB. Throws RangeError when the file is none of ours. */
export const openTable = async (file: RangeReader): Promise<OpenTable> => {
  const size = file.byteLength;
  const start = Math.max(0, size - TAIL);
  const tail = await file.read(start, size);
  const end = tail.length - 8;
  const magic = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength).toString('latin1', Math.max(0, end + 4));
  if (end < 4 || magic !== 'PAR1') throw new RangeError('this is no Parquet file');
  const length = new DataView(tail.buffer, tail.byteOffset, tail.byteLength).getUint32(end, true);
  if (length > size - 12) throw new RangeError('the footer of the Parquet file is cut off');
  if (length <= end) return { file, ...readFooter(tail.subarray(end - length, end)) };
  // A copy: a reader may use its memory again.
  const rest = Uint8Array.from(tail.subarray(0, end));
  const before = await file.read(size - 8 - length, start);
  return { file, ...readFooter(Buffer.concat([before, rest])) };
};
