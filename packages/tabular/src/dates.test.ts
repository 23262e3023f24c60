import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatDate, formatTimestamp, parseDate, parseTimestamp } from './dates.ts';

const instants = fc.date({
  min: new Date('0000-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});

describe('dates', () => {
  it('are days since 1970 in the calendar of Date', () => {
    fc.assert(
      fc.property(instants, (date) => {
        const text = date.toISOString().slice(0, 10);
        expect(parseDate(text)).toBe(Math.floor(date.getTime() / 86_400_000));
        expect(formatDate(parseDate(text)!)).toBe(text);
      }),
    );
  });

  it('are refused when the calendar has no such day', () => {
    for (const text of [
      '2023-02-29',
      '1900-02-29',
      '2020-13-01',
      '2020-00-10',
      '2020-01-32',
      '2020-1-1',
      '20200101',
      '',
    ])
      expect(parseDate(text)).toBeUndefined();
    expect(parseDate('2000-02-29')).toBe(11_016);
  });
});

describe('timestamps', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(instants, (date) => {
        expect(parseTimestamp(date.toISOString())).toBe(date.getTime());
        expect(formatTimestamp(date.getTime())).toBe(date.toISOString());
      }),
    );
  });

  it('are UTC without a zone, and moved to UTC with one', () => {
    expect(parseTimestamp('1970-01-01 00:00:01')).toBe(1000);
    expect(parseTimestamp('1970-01-01T02:00')).toBe(7_200_000);
    expect(parseTimestamp('1970-01-01T02:00:00.5+02:00')).toBe(500);
    expect(parseTimestamp('1970-01-01T00:00:00-0130')).toBe(5_400_000);
  });

  it('are refused rather than rounded or guessed', () => {
    for (const text of [
      '2020-01-01T00:00:00.1234Z',
      '2020-01-01T24:00:00Z',
      '2020-01-01T10:60',
      '2020-02-30T10:00',
      '2020-01-01',
      '2020-01-01T10',
    ])
      expect(parseTimestamp(text)).toBeUndefined();
    expect(parseTimestamp('2020-01-01T00:00:00.123000Z')).toBe(Date.UTC(2020, 0, 1) + 123);
  });
});
