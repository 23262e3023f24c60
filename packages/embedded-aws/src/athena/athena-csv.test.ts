import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csvLine, readRows } from './athena-csv.ts';
import { javaDouble } from './athena-values.ts';

describe('a result as CSV', () => {
  const cell = fc.option(fc.string({ unit: fc.constantFrom('"', ',', '\n', 'a', 'é', '') }));
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 6 }));

  it('is read again as it was, also when it comes in pieces', () => {
    fc.assert(
      fc.property(table, fc.nat(), fc.integer({ min: 1, max: 8 }), (rows, cut, limit) => {
        const bytes = Buffer.from(rows.map(csvLine).join(''));
        expect(readRows(bytes, 100)).toEqual({ rows, bytes: bytes.length });
        const some = readRows(bytes, limit);
        expect(some.rows).toEqual(rows.slice(0, limit));
        expect(readRows(bytes.subarray(some.bytes), 100).rows).toEqual(rows.slice(limit));
        const part = readRows(bytes.subarray(0, cut % (bytes.length + 1)), 100);
        expect(part.rows).toEqual(rows.slice(0, part.rows.length));
        expect(readRows(bytes.subarray(part.bytes), 100).rows).toEqual(rows.slice(part.rows.length));
      }),
    );
  });
});

describe('a double', () => {
  it('is written as Java writes it', () => {
    const cases: [number, string][] = [
      [1, '1.0'],
      [-0, '-0.0'],
      [0.001, '0.001'],
      [0.0001, '1.0E-4'],
      [9999999, '9999999.0'],
      [1e7, '1.0E7'],
      [174224052, '1.74224052E8'],
      [1.5e300, '1.5E300'],
      [5e-324, '5.0E-324'],
      [Number.NaN, 'NaN'],
      [Number.NEGATIVE_INFINITY, '-Infinity'],
    ];
    expect(cases.map(([value]) => javaDouble(value))).toEqual(cases.map(([, text]) => text));
    expect([Math.fround(0.1), -0].map((value) => javaDouble(value, true))).toEqual(['0.1', '-0.0']);
  });

  it('is the same when it is read again', () => {
    fc.assert(fc.property(fc.double(), (value) => expect(Number(javaDouble(value))).toBe(value)));
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) =>
        expect(Math.fround(Number(javaDouble(value, true)))).toBe(value),
      ),
    );
  });
});
