/**
 * Which rows may still be among the first of an order, when it is known what the last of those is that were found so
 * far.
 */
import type { Bound } from '../parquet/read-footer.ts';
import type { Column } from '../table.ts';
import type { Direction } from './sort-rows.ts';

/** Of the first `count` rows of a column those that `keeps` keeps by their number. */
const kept = (count: number, keeps: (row: number) => boolean): Uint32Array => {
  const rows = new Uint32Array(count);
  let size = 0;
  for (let row = 0; row < count; row++) if (keeps(row)) rows[size++] = row;
  return rows.slice(0, size);
};

/**
 * Numbers of the rows whose value in the first column of the order does not come after `worst` (not null; strings as
 * UTF-8). Rows that are equal to it stay: other columns decide about them.
 */
export const rowsBefore = (
  column: Column,
  count: number,
  worst: Bound,
  { descending, nullsFirst }: Direction,
): Uint32Array => {
  const { valid } = column;
  const ofPresent = (keeps: (row: number) => boolean): Uint32Array =>
    kept(count, valid ? (row) => (valid[row] === 0 ? nullsFirst : keeps(row)) : keeps);
  if (column.type === 'string') {
    const { codes, dictionary } = column;
    const known = new Int8Array(dictionary.length);
    return ofPresent((row) => {
      const code = codes[row];
      // Once a text: 1 stays, -1 does not.
      if (known[code] === 0) {
        const order = Buffer.compare(Buffer.from(dictionary.get(code)), worst as Uint8Array);
        known[code] = (descending ? order >= 0 : order <= 0) ? 1 : -1;
      }
      return known[code] === 1;
    });
  }
  const { values } = column;
  // NaN is above all numbers, as in sort-rows.ts: `<` and `<=` are false with it, which is right here unless `worst` is
  // NaN itself.
  const last = worst as number;
  if (Number.isNaN(last)) return ofPresent(descending ? (row) => Number.isNaN(values[row]) : () => true);
  return ofPresent(descending ? (row) => !(values[row] < last) : (row) => values[row] <= last);
};
