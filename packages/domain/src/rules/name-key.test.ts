import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NAME_INITIALS, nameKey, namePrefix } from './name-key.ts';

describe('The place of a name in the list', () => {
  it.each([
    ["O'Keefe", 7, 'O', "o'keefe#7"],
    ['Óbidos', 1, 'O', 'obidos#1'],
    ['  Smith', 1, 'S', 'smith#1'],
    ['Łuczak', 1, 'L', 'luczak#1'],
    ['Straße', 2, 'S', 'strasse#2'],
    ['İnce', 3, 'I', 'ince#3'],
    ['ΟΔΥΣΣΕΑΣ', 3, '#', 'οδυσσεασ#3'],
    ['王', 1, '#', '王#1'],
    ['1st', 1, '#', '1st#1'],
    ['...', 0, '#', '...#0'],
  ])('of %j is by its plain letters', (last_name, id, name_initial, name_key) => {
    expect(nameKey(last_name, id)).toEqual({ name_initial, name_key });
  });

  it('fits into a key of DynamoDB, whatever the name, and is found by every beginning of it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 }).filter((name) => name.trim() !== ''),
        fc.maxSafeNat(),
        fc.nat(400),
        (name, id, length) => {
          const place = nameKey(name, id);
          expect(Buffer.byteLength(place.name_key)).toBeLessThanOrEqual(1024);
          expect(NAME_INITIALS).toContain(place.name_initial);
          const beginning = [...new Intl.Segmenter().segment(name.trimEnd())]
            .slice(0, length)
            .map(({ segment }) => segment);
          const { name_initial, prefix } = namePrefix(beginning.join(''));
          if (prefix !== '') expect(name_initial).toBe(place.name_initial);
          expect(place.name_key.startsWith(prefix)).toBe(true);
        },
      ),
    );
  });
});
