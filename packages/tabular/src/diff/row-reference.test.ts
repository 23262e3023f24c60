import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Cell, Field } from '../table.ts';
import { readReference, UnreadableReference, writeReference } from './row-reference.ts';

const FIELDS: readonly Field[] = [
  { name: 'text', type: 'string', nullable: true },
  { name: 'count', type: 'int32', nullable: true },
  { name: 'big', type: 'int64', nullable: true },
  { name: 'size', type: 'double', nullable: true },
  { name: 'is_total', type: 'boolean', nullable: true },
];
const KEY = FIELDS.map(({ name }) => name);

describe('the reference of a row', () => {
  it('reads back as the cells that it was written of, whatever the texts are', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('null', '"', ',', '', ' ', 'a:b', '17'));
    const cells = fc.tuple(
      fc.option(texts),
      fc.option(fc.integer()),
      fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
      fc.option(fc.boolean()),
    );
    fc.assert(
      fc.property(cells, (row) => {
        const text = writeReference(KEY, (name): Cell => row[KEY.indexOf(name)], 1);
        expect(readReference(text, FIELDS)).toEqual({ cells: row.map((value, column) => ({ column, value })) });
      }),
    );
  });

  it('is a number for a row of a table without a key', () => {
    expect(writeReference([], () => null, 17)).toBe('17');
    expect(readReference('17', FIELDS)).toEqual({ number: 17 });
  });

  it.each([
    '',
    'text',
    'text:',
    'x:1',
    'count:one',
    'count:',
    'big:1.5',
    'is_total:yes',
    'text:"a',
    'count:1,',
    '0',
    'text:a"b',
  ])('%j is refused with a sentence, or read as an empty text', (text) => {
    if (text === 'text:') expect(readReference(text, FIELDS)).toEqual({ cells: [{ column: 0, value: '' }] });
    else expect(() => readReference(text, FIELDS)).toThrow(UnreadableReference);
  });
});
