import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ByteDictionary } from './dictionary.ts';

const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é', ''), maxLength: 12 }), { maxLength: 200 });

describe('ByteDictionary', () => {
  it('gives equal strings one code and others their own, as a map would', () => {
    fc.assert(
      fc.property(texts, texts, (first, second) => {
        const dictionary = new ByteDictionary();
        for (const list of [first, second]) {
          dictionary.clear();
          const expected = new Map<string, number>();
          // All in one buffer, as the cells of a file are.
          const bytes = Buffer.from(list.join(''));
          let at = 0;
          for (const text of list) {
            const end = at + Buffer.byteLength(text);
            if (!expected.has(text)) expected.set(text, expected.size);
            expect(dictionary.add(bytes, at, end)).toBe(expected.get(text));
            at = end;
          }
          expect(dictionary.length).toBe(expected.size);
          for (const [text, code] of expected) expect(dictionary.get(code)).toBe(text);
        }
      }),
    );
  });

  it('grows over many and long strings', () => {
    const dictionary = new ByteDictionary();
    const texts = Array.from({ length: 20_000 }, (_, i) => `${'x'.repeat(i % 100)}${i}`);
    for (let round = 0; round < 2; round++) {
      for (const [index, text] of texts.entries()) {
        const bytes = Buffer.from(text);
        expect(dictionary.add(bytes, 0, bytes.length)).toBe(index);
      }
    }
    expect(dictionary.get(19_999)).toBe(texts[19_999]);
  });
});
