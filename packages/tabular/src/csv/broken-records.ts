/**
 * Records with a quote within a cell that it does not enclose, such as `12.5"Closed on Mondays, and on Sundays"`: a
 * delimiter before it is missing, or a quote went astray, and the next delimiter may be part of a text. Such a record
 * has the right number of cells by accident. Where all cells are of their column's type, the quote is part of a text.
 */
import { countOf } from './count-of.ts';
import { type RecordBlock, recordText } from './record-block.ts';

/** Of the records that are looked at, one in so many may be so; where more are, quotes are part of the texts. */
const RARE = 10;

/** Where a cell that begins with a quote ends behind its last one; -1 when it does not. */
const quotedEnd = (record: string, at: number, delimiter: string, quote: string): number => {
  let close = record.indexOf(quote, at + 1);
  while (close !== -1 && record[close + 1] === quote) close = record.indexOf(quote, close + 2);
  const next = close + 1;
  return close !== -1 && (next === record.length || record[next] === delimiter) ? next : -1;
};

export const isBroken = (record: string, delimiter: string, quote: string): boolean => {
  for (let at = 0; at <= record.length; ) {
    const closed = record[at] === quote ? quotedEnd(record, at, delimiter, quote) : -1;
    const next = record.indexOf(delimiter, at);
    const end = closed !== -1 ? closed : next === -1 ? record.length : next;
    if (closed === -1 && countOf(record.slice(at, end), quote) % 2 === 1) return true;
    at = end + 1;
  }
  return false;
};

/** Whether so few records are broken that those which are were not meant so. */
export const areBreaksRare = (
  records: readonly { raw: string }[],
  { delimiter, quote }: { delimiter: string; quote: string | null },
): boolean => {
  if (quote === null) return false;
  const broken = records.filter(({ raw }) => raw.includes(quote) && isBroken(raw, delimiter, quote));
  return broken.length * RARE <= records.length;
};

/** Takes rows out of a block. */
export const dropRows = (block: RecordBlock, isDropped: (row: number) => boolean): void => {
  const { width, starts, ends, lines, recordStarts, recordEnds } = block;
  let to = 0;
  for (let row = 0; row < block.rows; row++) {
    if (isDropped(row)) continue;
    if (to !== row) {
      starts.copyWithin(to * width, row * width, (row + 1) * width);
      ends.copyWithin(to * width, row * width, (row + 1) * width);
      lines[to] = lines[row]!;
      recordStarts[to] = recordStarts[row]!;
      recordEnds[to] = recordEnds[row]!;
    }
    to++;
  }
  block.rows = to;
};

/** Takes the broken records out of a block, but for those that `isKept`. */
export const dropBroken = (
  block: RecordBlock,
  delimiter: string,
  isKept: (row: number) => boolean = () => false,
): void => {
  const quote = String.fromCharCode(block.quote);
  if (!hasQuote(block)) return;
  dropRows(
    block,
    (row) => rowHasQuote(block, row) && isBroken(recordText(block, row), delimiter, quote) && !isKept(row),
  );
};

const rowHasQuote = ({ bytes, quote, recordStarts, recordEnds }: RecordBlock, row: number): boolean =>
  bytes.subarray(recordStarts[row], recordEnds[row]).includes(quote);

const hasQuote = ({ bytes, quote, rows, recordStarts, recordEnds }: RecordBlock): boolean => {
  if (rows === 0 || quote < 0) return false;
  return bytes.subarray(recordStarts[0], recordEnds[rows - 1]).includes(quote);
};
