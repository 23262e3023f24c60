import { InvalidRequest } from '@granary/domain/errors';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCursor, writeCursor } from './cursor.ts';

const isPlace = (place: unknown): place is { at: string } => typeof (place as { at?: unknown } | null)?.at === 'string';

describe('a cursor', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (at) => {
        expect(readCursor(writeCursor({ at }), isPlace)).toEqual({ at });
      }),
    );
  });

  it.each(['!', '=', '==', '=abc', ' ', '%', '\n', '+', '/'])('R13: with %j added to it is refused', (more) => {
    const cursor = writeCursor({ at: 'ã?>' });
    for (const wrong of [cursor + more, more + cursor, cursor.slice(0, 3) + more + cursor.slice(3)])
      expect(() => readCursor(wrong, isPlace)).toThrow(InvalidRequest);
  });

  it('R13: that is cut, empty or another place is refused', () => {
    const cursor = writeCursor({ at: 'abc' });
    for (const wrong of ['', cursor.slice(0, -2), writeCursor({ other: 1 }), writeCursor([])])
      expect(() => readCursor(wrong, isPlace)).toThrow(InvalidRequest);
  });
});
