/** Records of a CSV file by the places of their cells in its bytes. */

/** Whole records of the right width. Valid until the callback returns. */
export type RecordBlock = {
  bytes: Buffer;
  /** The same bytes. */
  words: DataView;
  /** The byte of the quote; -1 for none. */
  quote: number;
  rows: number;
  /** Cells of a record. The cell of a row and a column is at `row * width + column` of `starts` and `ends`. */
  width: number;
  starts: Int32Array;
  /** Where cells end; bit-inverted (negative) when the cell has doubled quotes in it. */
  ends: Int32Array;
  lines: Int32Array;
  recordStarts: Int32Array;
  recordEnds: Int32Array;
};

/** The text of a cell, doubled quotes undone. */
export const cellText = ({ bytes, starts, ends, quote }: RecordBlock, index: number): string => {
  const end = ends[index];
  if (end >= 0) return bytes.toString('utf8', starts[index], end);
  const mark = String.fromCharCode(quote);
  return bytes.toString('utf8', starts[index], ~end).replaceAll(mark + mark, mark);
};

/** Whether a cell of no bytes was written as `""`. */
export const isQuotedEmpty = ({ bytes, starts, quote }: RecordBlock, index: number): boolean =>
  starts[index] > 0 && bytes[starts[index] - 1] === quote && bytes[starts[index]] === quote;

export const recordText = ({ bytes, recordStarts, recordEnds }: RecordBlock, row: number): string =>
  bytes.toString('utf8', recordStarts[row], recordEnds[row]);
