import { describe, expect, it } from '@jest/globals';
import type { Cell } from './table.ts';
import { readCsvText } from './testing/read-csv-text.ts';

/** Type and cells of the last column. */
const column = async (text: string): Promise<{ type: string; cells: Cell[]; uncertain: readonly unknown[] }> => {
  const { dialect, table } = await readCsvText(text);
  return { type: table.fields.at(-1)!.type, cells: table.columns.at(-1)!, uncertain: dialect.uncertain ?? [] };
};
const values = (name: string, cells: readonly string[]): string =>
  `id;${name}\n${cells.map((cell, i) => `${'xyz'[i % 3]}${i};${cell}\n`).join('')}`;

describe('figures with a mark before three digits', () => {
  it('C5: coordinates never grow by a thousand: the column is text, and both readings are told', async () => {
    const text = `lat;lon\n${'-23.550;-46.633\n-22.906;-43.172\n'.repeat(100)}`;
    const { fields, dialect } = await readCsvText(text);
    expect(fields.map(({ type }) => type)).toEqual(['string', 'string']);
    expect(dialect.uncertain).toMatchObject([
      { about: 'figures', column: 1, readings: [expect.stringContaining('1234'), expect.stringContaining('1.234')] },
      { about: 'figures', column: 2 },
    ]);
  });

  it('C5: 1.000, 2.000, 3.500 are left as they stand', async () => {
    expect(await column(values('x', ['1.000', '2.000', '3.500']))).toMatchObject({
      type: 'string',
      cells: ['1.000', '2.000', '3.500'],
      uncertain: [{ about: 'figures', column: 2 }],
    });
  });

  it('C5: plain figures of another column say nothing about it', async () => {
    expect((await column('code;x\n10001;1.234\n10002;5.678\n')).type).toBe('string');
    expect((await column('code;x\n10001;2.018\n10002;2.019\n10003;2.020\n')).type).toBe('string');
  });

  it('C5: where the column itself shows what the mark means, it is believed', async () => {
    expect(await column(values('x', ['1.234,5', '1.234', '7']))).toMatchObject({
      cells: [1234.5, 1234, 7],
      uncertain: [],
    });
    expect(await column(values('x', ['1.234.567', '1.234']))).toMatchObject({ cells: [1_234_567, 1234] });
    expect(await column(values('x', ['-23.55', '-23.550']))).toMatchObject({ cells: [-23.55, -23.55], uncertain: [] });
    expect(await column(values('x', ['0.123', '1.234']))).toMatchObject({ cells: [0.123, 1.234] });
    expect(await column(values('x', ['1,234.50', '1,234']))).toMatchObject({ cells: [1234.5, 1234] });
  });

  it('C5: small figures without a mark beside larger ones with it are thousands only where it is a habit', async () => {
    const many = Array.from({ length: 20 }, (_, i) => (i % 2 ? `${i + 1}` : `${i + 1}.500`));
    expect((await column(values('x', many))).cells.slice(0, 2)).toEqual([1500, 2]);
    expect((await column(values('x', ['7', '1.234']))).type).toBe('string');
    expect((await column(values('x', [...many, '12345']))).type).toBe('string');
  });

  it('C5: thousands by habit are thousands too beside plain figures of another column', async () => {
    for (const mark of ['.', ',']) {
      const rows = Array.from({ length: 40 }, (_, i) => `${1000 + i};${i % 2 ? i : `${i + 1}${mark}500`}\n`);
      expect(await column(`id;x\n${rows.join('')}`)).toMatchObject({
        type: 'int32',
        cells: [1500, 1, 3500, ...Array(37).fill(expect.any(Number))],
      });
    }
  });

  it('C5: decimals without the noughts at their end are no habit of thousands: the column is text, and both readings are told', async () => {
    const cells = Array.from({ length: 60 }, (_, i) => (i % 10 === 0 ? `${i}` : `${i + 1}.${100 + ((i * 37) % 900)}`));
    const written = cells.map((cell) => (cell.includes('.') && cell.endsWith('0') ? `${cell.slice(0, -1)}1` : cell));
    expect(await column(values('kg', written))).toMatchObject({
      type: 'string',
      cells: written,
      uncertain: [{ about: 'figures' }],
    });
  });

  it('C5: columns of one file may write in two ways', async () => {
    const text = 'lat;pop\n-23.550;1.234.567\n-22.906;12.000\n-21.5;345\n';
    const { fields } = await readCsvText(text);
    expect(fields.map(({ type }) => type)).toEqual(['double', 'int32']);
    expect((await column(text)).cells).toEqual([1_234_567, 12_000, 345]);
    const lone = await readCsvText('lat;pop\n-23.550;1.234.567\n-22.906;12.000\n-21.500;345\n');
    expect(lone.fields.map(({ type }) => type)).toEqual(['string', 'int32']);
  });

  it('C5: a mark that only appears behind the beginning is not guessed either', async () => {
    const late = values('x', [...Array.from({ length: 60_000 }, (_, i) => `${(i % 900) + 1}`), '1.234']);
    expect((await column(late)).type).toBe('string');
  });

  it('C5: a column declared as figures has such cells in quarantine', async () => {
    const contract = { fields: [{ name: 'x', type: 'double', nullable: true }] as const };
    const { published, quarantine } = await readCsvText(values('x', ['1.000', '2.000', '7']), { contract });
    expect(published).toBe(1);
    expect(quarantine[0].reason).toBe('"1.000" of x can be read as thousands or as decimals');
  });
});

describe('figures as they are written', () => {
  it('C6: exponents are figures among decimals', async () => {
    expect(await column(values('x', ['0.5', '9.999999974e-07', '1E5']))).toMatchObject({
      type: 'double',
      cells: [0.5, 9.999999974e-7, 1e5],
    });
    expect((await column(values('x', ['1.5e+10', '-2.5E-3', '7']))).cells).toEqual([1.5e10, -0.0025, 7]);
    expect((await column(values('x', ['0,5', '1,5e3']))).cells).toEqual([0.5, 1500]);
  });

  it('C6: codes that look like exponents, and figures that no double holds, are text', async () => {
    for (const cells of [
      ['1E5', '2E7'],
      ['100', '4E5'],
      ['0.5', '1e400'],
      ['0.5', '1e-400'],
      ['12E4', '12F4'],
    ])
      expect(await column(values('x', cells))).toMatchObject({ type: 'string', cells });
  });

  it('C6: exponents that come late are read as well', async () => {
    const late = values('x', [...Array.from({ length: 60_000 }, (_, i) => `${i}.25`), '1e5', '2.5e-7']);
    expect((await column(late)).cells.slice(-2)).toEqual([1e5, 2.5e-7]);
  });

  it.each<[string, string[], number[]]>([
    ['thin spaces', ['1\u2009234\u2009567', '1\u2009234', '5'], [1_234_567, 1234, 5]],
    ['narrow no-break spaces', ['1\u202f234', '12\u202f345,5'], [1234, 12_345.5]],
    ['no-break spaces', ['1\u00a0234', '5'], [1234, 5]],
    ['figure spaces', ['1\u2007234', '5'], [1234, 5]],
    ['apostrophes', ["1'234'567.5", "1'234"], [1_234_567.5, 1234]],
    ['typographic apostrophes', ['1’234’567', '1’234'], [1_234_567, 1234]],
    ['the true minus', ['\u22125', '\u22120.5', '7'], [-5, -0.5, 7]],
    ['the true minus and thin spaces', ['\u22121\u2009234', '5'], [-1234, 5]],
    ['a minus behind', ['12.50-', '7.25', '20-'], [-12.5, 7.25, -20]],
    ['digits of full width', ['１２３', '４５'], [123, 45]],
    ['a true minus in the exponent', ['1.5e\u22123', '2.5'], [0.0015, 2.5]],
  ])('C9: %s', async (_, cells, expected) => {
    expect((await column(values('x', cells))).cells).toEqual(expected);
  });

  it('C9: a minus behind whole figures alone may be a code', async () => {
    expect((await column(values('x', ['20-', '30', '40-']))).type).toBe('string');
    expect((await column(values('x', ['\u2212', '5', '6']))).cells).toEqual([null, 5, 6]);
  });
});
