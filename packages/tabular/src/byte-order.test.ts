import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareBytes } from './byte-order.ts';

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

it('orders texts as their bytes are ordered, wherever they lie', () => {
  // Few different bytes, so that they have much in common.
  const text = fc.array(fc.constantFrom(0, 65, 127, 128, 255), { maxLength: 14 });
  fc.assert(
    fc.property(text, text, fc.nat(3), (first, second, shift) => {
      const [a, b] = [Buffer.from(first), Buffer.from(second)];
      const before = Buffer.alloc(shift, 9);
      const order = compareBytes(
        viewOf(Buffer.concat([before, a, b])),
        shift,
        shift + a.length,
        viewOf(b),
        0,
        b.length,
      );
      expect(Math.sign(order)).toBe(Buffer.compare(a, b));
    }),
    { numRuns: 2000 },
  );
});
