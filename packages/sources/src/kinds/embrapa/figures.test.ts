import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createFigureReader, type Reading } from './figures.ts';

/** Reads the cells as one file. */
const read = (...cells: string[]): Reading[] => {
  const reader = createFigureReader();
  for (const cell of cells) reader.observe(cell);
  return cells.map((cell) => reader.read(cell));
};
const figure = (value: number): Reading => ({ kind: 'figure', value });
const trouble = (text: RegExp) => ({ kind: 'trouble', reason: expect.stringMatching(text) });

describe('figures', () => {
  it('are read as they are written when nothing else is possible', () => {
    expect(
      read(
        '0',
        '217208604',
        ' 12 ',
        '35881118,23',
        '14359,8',
        '0,5',
        '0.125',
        '1.234.567',
        '1.234,5',
        '1,234.5',
        '1 234 567',
      ),
    ).toEqual([0, 217208604, 12, 35881118.23, 14359.8, 0.5, 0.125, 1234567, 1234.5, 1234.5, 1234567].map(figure));
  });

  it('keep the marker of what is missing, and never become 0', () => {
    expect(read('nd', 'ND ', '*', '+', '-', '', '  ')).toEqual(
      ['nd', 'ND', '*', '+', '-', 'blank', 'blank'].map((marker) => ({ kind: 'missing', marker })),
    );
  });

  it('are trouble when they are text, negative, or too long for a double', () => {
    expect(read('abc', '-5', '1e5', '12%', '0x1f', '007', '12345678901234567', '1.23.4', '1.2345.678')).toEqual([
      trouble(/"abc" is not a figure/),
      trouble(/negative/),
      trouble(/"1e5"/),
      trouble(/"12%"/),
      trouble(/"0x1f"/),
      trouble(/"007"/),
      trouble(/digits/),
      trouble(/"1.23.4"/),
      trouble(/"1.2345.678"/),
    ]);
  });

  it('with one mark and three digits are trouble where the file does not show what it means', () => {
    expect(read('1.234', '5')).toEqual([trouble(/thousands or as decimals/), figure(5)]);
    expect(read('14,359', '35881118,23')[0]).toEqual(trouble(/thousands or as decimals/));
    expect(read('1.234', '1.234.567', '12.5')[0]).toEqual(trouble(/thousands or as decimals/));
  });

  it('with one mark and three digits are thousands where the same file groups by it', () => {
    expect(read('1.234', '1.234.567')).toEqual([figure(1234), figure(1234567)]);
    expect(read('1,234', '1,234,567')).toEqual([figure(1234), figure(1234567)]);
    expect(read('748.400', '35881118,23', '1.000,5')).toEqual([748400, 35881118.23, 1000.5].map(figure));
  });

  it('are thousands by habit: every long figure is grouped and the short ones have no mark', () => {
    const grouped = Array.from({ length: 12 }, (_, i) => `${i + 1}.500`);
    expect(read(...grouped, '7', '0')[0]).toEqual(figure(1500));
    expect(read(...grouped, '7', '1234')[0]).toEqual(trouble(/thousands or as decimals/));
    expect(read(...grouped)[0]).toEqual(trouble(/thousands or as decimals/));
  });

  it('C5: are no thousands by habit where none ends in a nought: they may be decimals whose noughts were left out', () => {
    const decimals = Array.from({ length: 12 }, (_, i) => `${i + 1}.50${(i % 9) + 1}`);
    expect(read(...decimals, '7', '0')[0]).toEqual(trouble(/thousands or as decimals/));
  });

  it('turn doubtful from the cell on that contradicts the beginning of the file', () => {
    const reader = createFigureReader();
    reader.observe('1.234.567');
    expect(reader.read('1.234')).toEqual(figure(1234));
    expect(reader.read('1.5')).toEqual(figure(1.5));
    expect(reader.read('1.234')).toEqual(trouble(/thousands or as decimals/));
  });

  it('never give another number than the one written, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.,- +e%'), maxLength: 14 }), (text) => {
        const [reading] = read(text);
        if (reading.kind !== 'figure') return;
        // All digits in their order, and one mark at most is a decimal one.
        const marked = text.replace(/[^\d.,]/g, '');
        const plain = (part: string): string => part.replace(/[.,]/g, '');
        const decimals = [...marked.matchAll(/[.,]/g)].map(
          ({ index }) => `${plain(marked.slice(0, index))}.${plain(marked.slice(index))}`,
        );
        expect([plain(marked), ...decimals].map(Number)).toContain(reading.value);
        expect(reading.value).toBeGreaterThanOrEqual(0);
        if (/^\s*\d+\s*$/.test(text)) expect(reading.value).toBe(Number(text));
      }),
    );
  });
});
