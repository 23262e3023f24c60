import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Batch, Cell, Schema } from '../table.ts';
import { createTableBuilder } from '../table-builder.ts';
import { createCsvEncoder, csvHeader } from './csv-encoder.ts';

const encode = (schema: Schema, rows: Cell[][]): string => {
  const batches: Batch[] = [];
  const builder = createTableBuilder(schema, { emit: (batch) => batches.push(batch) });
  for (const row of rows) builder.append(row);
  builder.end();
  const encoder = createCsvEncoder();
  return batches.map((batch) => Buffer.from(encoder.encode(batch)).toString()).join('');
};
const single = (type: Schema['fields'][number]['type']): Schema => ({
  fields: [{ name: 'x', type, nullable: true }],
  key: [],
});

describe('createCsvEncoder', () => {
  it('writes doubles as the shortest text that is read back as the same number', () => {
    const decimal = fc
      .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 8 }))
      .map(([whole, places]) => whole / 10 ** places + 0);
    const numbers = fc.oneof(
      decimal,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      fc.maxSafeInteger(),
    );
    fc.assert(
      fc.property(numbers, (value) => {
        const text = encode(single('double'), [[value]]).trim();
        expect(Number(text)).toBe(value);
        expect(text.length).toBeLessThanOrEqual(String(value).length);
      }),
      { numRuns: 3000 },
    );
  });

  it('writes whole numbers, dates and timestamps as their ISO text', () => {
    const moment = fc
      .date({ min: new Date('-000500-01-01'), max: new Date('+012000-01-01'), noInvalidDate: true })
      .filter((date) => date.getUTCFullYear() >= 0);
    fc.assert(
      fc.property(fc.integer(), moment, (whole, date) => {
        expect(encode(single('int32'), [[whole]])).toBe(`${whole}\r\n`);
        if (date.getUTCFullYear() < 10_000)
          expect(encode(single('timestamp'), [[date.toISOString()]])).toBe(`${date.toISOString()}\r\n`);
      }),
    );
  });

  it('quotes what needs quotes, also in the header, and tells null from the empty string', () => {
    const schema: Schema = {
      fields: [
        { name: 'a "b"', type: 'string', nullable: true },
        { name: 'c', type: 'boolean', nullable: true },
      ],
      key: [],
    };
    expect(Buffer.from(csvHeader(schema)).toString()).toBe('"a ""b""",c\r\n');
    const long = 'x'.repeat(5000);
    const rows = [
      ['', true],
      [null, null],
      ['a,b', false],
      [' é\n', true],
      [`${long}"`, null],
    ];
    expect(encode(schema, rows)).toBe(`"",true\r\n,\r\n"a,b",false\r\n" é\n",true\r\n"${long}""",\r\n`);
  });
});
