/** Where a cell that is not in quotes ends, looked for four bytes at a time. */

/** A byte four times. */
export const fourOf = (byte: number): number => Math.imul(byte, 0x01010101);

const LINE_FEEDS = fourOf(10);
/** Bytes that must be there from the end of the last cell on: the first of four that are looked at may be that end. */
export const SPARE = 4;

/**
 * Place of the next delimiter (`fourOf` it) or line feed at or after `at`. There must be one. In `zeros` the lowest bit
 * that is set is in the first byte that is one of both.
 */
export const cellEnd = (words: DataView, delimiters: number, at: number): number => {
  for (let place = at; ; place += 4) {
    const word = words.getInt32(place, true);
    const a = word ^ delimiters;
    const b = word ^ LINE_FEEDS;
    const zeros = (((a - 0x01010101) & ~a) | ((b - 0x01010101) & ~b)) & -0x7f7f7f80;
    if (zeros !== 0) return place + ((31 - Math.clz32(zeros & -zeros)) >> 3);
  }
};
