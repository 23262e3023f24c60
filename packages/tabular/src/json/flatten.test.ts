import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readJsonText } from '../testing/read-json-text.ts';

/** Each leaf of a value by the names that lead to it, as the rule says. */
const leavesOf = (value: unknown, names: string[] = []): [string, string][] => {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return [[JSON.stringify(names), JSON.stringify(value)]];
  if (typeof value === 'object') return Object.entries(value).flatMap(([name, one]) => leavesOf(one, [...names, name]));
  return [[JSON.stringify(names), typeof value === 'string' ? value : JSON.stringify(value)]];
};

describe('Flattening', () => {
  // Text that begins with a letter stays text, so that cells can be compared as they stand.
  const leaf = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => `x${text.replaceAll('\ufffd', '?')}`),
    fc.constantFrom(null, '\\"', 'x\n\t"'),
    fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant({ a: [null] })), { maxLength: 3 }),
  );
  const name = fc.oneof(fc.constantFrom('a', 'b', 'a.b', '__proto__', 'é', ''), fc.string({ maxLength: 3 }));
  const { record } = fc.letrec((tie) => ({
    record: fc.dictionary(name, fc.oneof({ depthSize: 'small' }, leaf, tie('record')), { maxKeys: 4 }),
  }));

  it('loses and invents no value, however objects are nested, chunks are cut and JSON is laid out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(undefined, 1, '\t'),
        fc.boolean(),
        async (records, chunk, space, lines) => {
          const text = lines
            ? records.map((one) => JSON.stringify(one)).join('\n')
            : JSON.stringify({ items: records }, null, space);
          // One line may be a document of its own.
          const declared = lines ? { records: '$' } : { records: '$.items[*]' };
          const expected = records.map((one) =>
            leavesOf(one)
              .map(([, cell]) => cell)
              .sort(),
          );
          if (expected.every((cells) => cells.length === 0)) return;
          const { rows, quarantine, reading, fields } = await readJsonText(text, { ...declared, chunk, missing: [] });
          expect(quarantine).toEqual([]);
          expect(
            rows.map((row) =>
              row
                .slice(0, -1)
                .filter((cell) => cell !== null)
                .sort(),
            ),
          ).toEqual(expected);
          expect(new Set(fields.map(({ name: one }) => one)).size).toBe(reading.header.length + 2);
        },
      ),
      { numRuns: 300 },
    );
  });
});
