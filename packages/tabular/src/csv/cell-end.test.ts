import { describe, expect, it } from '@jest/globals';
import { cellEnd, fourOf, SPARE } from './cell-end.ts';

describe('cellEnd', () => {
  it('finds the first delimiter or line feed at every offset, among bytes that are nearly one', () => {
    // One more or less than either, either with its high bit, and the ends of the range.
    const others = [0x00, 0x09, 0x0b, 0x2b, 0x2d, 0x8a, 0xac, 0x80, 0xff, 0x61];
    for (const end of [0x2c, 0x0a])
      for (const other of others)
        for (let size = 0; size < 11; size++)
          for (let from = 0; from < 5; from++) {
            const bytes = Buffer.alloc(from + size + SPARE + 8, other);
            bytes[from + size] = end;
            const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
            expect(cellEnd(words, fourOf(0x2c), from)).toBe(from + size);
          }
  });
});
