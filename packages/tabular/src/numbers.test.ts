import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isMissing, parseNumber, WIDE_MISSING_MARKERS } from './numbers.ts';

const brazilian = { decimal: ',', thousands: '.' } as const;
const plain = { decimal: '.', thousands: null } as const;

describe('parseNumber', () => {
  it('reads decimals and thousands as the file writes them', () => {
    expect(parseNumber('35881118,23', { decimal: ',', thousands: null })).toBe(35881118.23);
    expect(parseNumber(' 1.234.567,89 ', brazilian)).toBe(1234567.89);
    expect(parseNumber('12 345', { decimal: ',', thousands: ' ' })).toBe(12345);
    expect(parseNumber('12\u202f345,5', { decimal: ',', thousands: ' ' })).toBe(12345.5);
    expect(parseNumber('-17', plain)).toBe(-17);
    expect(parseNumber('00123', plain)).toBe(123);
  });

  it('refuses whatever is not surely a number', () => {
    for (const text of [
      '',
      'nd',
      '1e5',
      'Infinity',
      'NaN',
      '0x10',
      '1.',
      '.5',
      '--1',
      '1 2',
      '1,5',
      '1.2.3',
      '5%',
      'R$ 5',
      '٣',
    ])
      expect(parseNumber(text, plain)).toBeUndefined();
    for (const text of ['12.34', '1.2345', '1234.567', '0.123', '1..234', '1.234.56', '29.6'])
      expect(parseNumber(text, brazilian)).toBeUndefined();
  });

  it('gives back every figure that it is written from, in any locale', () => {
    const marks = fc.constantFrom(
      plain,
      brazilian,
      { decimal: ',', thousands: ' ' } as const,
      { decimal: '.', thousands: ',' } as const,
    );
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.integer({ min: 0, max: 9999 }),
        marks,
        fc.boolean(),
        (whole, cents, mark, group) => {
          const digits = String(Math.abs(whole));
          const grouped = group && mark.thousands ? digits.replace(/\B(?=(\d{3})+$)/g, mark.thousands) : digits;
          const fraction = String(cents).padStart(4, '0');
          const sign = whole < 0 ? '-' : '';
          expect(parseNumber(`${sign}${grouped}${mark.decimal}${fraction}`, mark)).toBe(
            Number(`${sign}${digits}.${fraction}`) + 0,
          );
        },
      ),
    );
  });

  it('never reads a wrong number from noise: what it accepts is the digits as they stand', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.,-+ e'), maxLength: 10 }), (text) => {
        const value = parseNumber(text, brazilian);
        if (value !== undefined) expect(value).toBe(Number(text.trim().replaceAll('.', '').replace(',', '.')) + 0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('isMissing', () => {
  it('knows the markers of statistical offices, and the wider list where asked', () => {
    expect(['nd', ' * ', '+', '-', '', '  ', 'ND'].every((text) => isMissing(text))).toBe(true);
    expect(['0', 'NA', '--', 'x'].some((text) => isMissing(text))).toBe(false);
    expect(['NA', 'n/a', 'null', 'NaN', '…'].every((text) => isMissing(text, WIDE_MISSING_MARKERS))).toBe(true);
  });
});
