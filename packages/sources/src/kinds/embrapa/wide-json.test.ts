import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { wideJson } from './wide-json.ts';

const rows = (
  ...list: [section: string | null, name: string, line: number, year: number, quantity: number | null][]
) => ({
  length: list.length,
  section: list.map(([section]) => section),
  name: list.map(([, name]) => name),
  line: list.map(([, , line]) => line),
  year: list.map(([, , , year]) => year),
  figures: { quantity: list.map(([, , , , quantity]) => quantity) },
});

describe('the wide shape of a dataset', () => {
  it('follows the years of the header and the lines of the file, whatever the order of the rows', () => {
    const given = rows(['A', 'b', 3, 1970, 1], ['A', 'A', 2, 1971, 2], ['A', 'b', 3, 1971, 3], ['A', 'A', 2, 1970, 4]);
    expect(wideJson(given, ['id', 'produto', ' 1971', '1970'], 'production')).toBe(
      '{"A":[{"produto":"A","1971":2,"1970":4},{"produto":"b","1971":3,"1970":1}]}',
    );
  });

  it('has every year of the header in every record: one that was not published is null', () => {
    const given = rows([null, 'x', 2, 1970, 1], [null, 'y', 3, 1972, 2]);
    expect(wideJson(given, ['produto', '1970', '1971', '1972'], 'production')).toBe(
      '[{"produto":"x","1970":1,"1971":null,"1972":null},{"produto":"y","1970":null,"1971":null,"1972":2}]',
    );
  });

  it('takes the years of the rows when the header names none', () => {
    expect(wideJson(rows([null, 'x', 1, 1971, 1], [null, 'x', 1, 1970, 2]), [], 'production')).toBe(
      '[{"produto":"x","1970":2,"1971":1}]',
    );
    expect(wideJson(rows(), ['produto'], 'production')).toBe('[]');
  });

  it('is JSON that reads back as the same figures and names', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (name, figure) => {
          const [record] = JSON.parse(wideJson(rows([null, name, 1, 1970, figure]), ['x', '1970'], 'production'));
          expect(record.produto).toBe(name);
          expect(record[1970]).toBe(figure + 0);
        },
      ),
    );
  });
});
