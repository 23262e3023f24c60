import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatDate } from './dates.ts';
import { readCsvText } from './testing/read-csv-text.ts';
import { splitUnit } from './units.ts';
import { hasShortYear, readWrittenDate, writtenDate } from './written-dates.ts';

/** One column between two others, read as a file. */
const column = async (cells: readonly string[], options: object = {}) => {
  const text = cells.map((cell, index) => `n${index};${cell};x\n`).join('');
  const { fields, rows, dialect, quarantine } = await readCsvText(`name;value;other\n${text}`, options);
  const doubts = (dialect.uncertain ?? []).filter((one) => one.column === 2);
  return { ...fields[1]!, cells: rows.map((row) => row[1]), doubts, quarantine };
};

describe('Dates that are not written as ISO 8601', () => {
  it.each([
    ['14/02/2010', { time: false, order: 'DMY' }],
    ['02-14-2010', { time: false, order: 'MDY' }],
    ['1.2.2010', { time: false, order: 'either' }],
    ['5/5/2010', { time: false, order: null }],
    ['2010/02/14', { time: false, order: null }],
    ['14 février 2010', { time: false, order: null }],
    ['14. März 2010', { time: false, order: null }],
    ['14 de fevereiro de 2010', { time: false, order: null }],
    ['1er août 2010', { time: false, order: null }],
    ['14-Feb-2010', { time: false, order: null }],
    ['Feb 14, 2010', { time: false, order: null }],
    ['September 3rd, 2010', { time: false, order: null }],
    ['14/02/2010 13:45', { time: true, order: 'DMY' }],
    ['2/14/2010 1:45:07 PM', { time: true, order: 'MDY' }],
    ['30/02/2010', undefined],
    ['14/13/2010', undefined],
    ['14/02-2010', undefined],
    ['14/02/2010 25:00', undefined],
    ['14/02/10', undefined],
    ['14 Listopad 2010', undefined],
    ['14/02/0999', undefined],
  ])('are found in %s', (text, found) => {
    expect(writtenDate(text)).toEqual(found);
  });

  it('are none where a year of four digits is below 100, in a column whose order is known too', () => {
    expect(readWrittenDate('01/02/0010', { order: 'DMY' })).toBeUndefined();
    expect(readWrittenDate('01/02/0010', { order: 'DMY', short: true })).toBeUndefined();
  });

  it('are the day that they say, whatever the order and the separator', () => {
    const days = fc.integer({ min: -100_000, max: 100_000 });
    fc.assert(
      fc.property(days, fc.constantFrom('/', '.', '-'), fc.constantFrom('DMY', 'MDY'), (day, mark, order) => {
        const [year, month, date] = formatDate(day).split('-');
        const text = (order === 'DMY' ? [date, month, year] : [month, date, year]).join(mark);
        expect(readWrittenDate(text, { order: order as 'DMY' })).toEqual({ days: day, ms: null });
        expect([null, 'either', order]).toContain(writtenDate(text)!.order);
      }),
    );
    expect(hasShortYear('14/02/10')).toBe(true);
  });

  it('are a column of dates where one value decides and none contradicts', async () => {
    expect(await column(['01/02/2010', '14/02/2010', '', '3/4/2011'])).toMatchObject({
      type: 'date',
      description: 'Written with the day first in the file.',
      cells: ['2010-02-01', '2010-02-14', null, '2011-04-03'],
      doubts: [],
    });
    expect(await column(['01/02/2010', '02/14/2010'])).toMatchObject({
      type: 'date',
      cells: ['2010-01-02', '2010-02-14'],
    });
    expect(await column(['14.02.2010 10:00', '1.3.2010'])).toMatchObject({
      type: 'timestamp',
      cells: ['2010-02-14T10:00:00.000Z', '2010-03-01T00:00:00.000Z'],
    });
    expect(await column(['3 mars 2010', 'Feb 14, 2010', '2010-01-01'])).toMatchObject({
      type: 'date',
      cells: ['2010-03-03', '2010-02-14', '2010-01-01'],
    });
  });

  it.each([
    [['01/02/2010', '03/04/2011'], /^01\/02\/2010 has the day first \(month 02\)$/],
    [['14/02/2010', '02/14/2010'], /^some of its dates can only have the day first$/],
    [['14/02/10', '15/02/10'], /^14\/02\/10 has its year first or last$/],
  ])('stay text where they leave it open (%j), and it is said how to decide', async (cells, reading) => {
    const { type, doubts, cells: kept } = await column(cells);
    expect([type, kept]).toEqual(['string', cells]);
    expect(doubts).toMatchObject([
      {
        about: 'dates',
        readings: [expect.stringMatching(reading), expect.any(String)],
        decide: expect.stringMatching(/format: DMY/),
      },
    ]);
  });

  it('are decided by any row, however far below, and contradicted by any', async () => {
    const many = Array.from({ length: 30_000 }, (_, index) => `0${1 + (index % 9)}/0${1 + (index % 7)}/2010`);
    expect(await column([...many, '14/02/2010'])).toMatchObject({ type: 'date', doubts: [] });
    expect(await column([...many, '02/14/2010'])).toMatchObject({ type: 'date', doubts: [] });
    expect(await column(['14/02/2010', ...many, '02/14/2010'])).toMatchObject({
      type: 'string',
      doubts: [{ about: 'dates' }],
    });
    expect(await column(['14/02/2010', ...many, 'soon'])).toMatchObject({ type: 'string', doubts: [] });
  });

  it('are read in the order that is declared, with years of two digits; what does not fit is quarantined', async () => {
    const declared = (format?: string) => ({
      contract: { fields: [{ name: 'value', type: 'date', nullable: true, ...(format && { format }) }] },
    });
    expect(await column(['01/02/2010', '3.4.99'], declared('DMY'))).toMatchObject({
      cells: ['2010-02-01', '1999-04-03'],
    });
    expect(await column(['01/02/2010', '10/02/14'], declared('MDY'))).toMatchObject({
      cells: ['2010-01-02', '2014-10-02'],
    });
    expect(await column(['10/02/14'], declared('YMD'))).toMatchObject({ cells: ['2010-02-14'] });
    const { cells, quarantine } = await column(['14/02/2010', '02/14/2010'], declared('DMY'));
    expect([cells, quarantine.length]).toEqual([['2010-02-14'], 1]);
    const open = await column(['01/02/2010', '2010-02-03'], declared());
    expect(open.cells).toEqual(['2010-02-03']);
    expect(open.quarantine[0]!.reason).toBe('"01/02/2010" of value can be read with the day or with the month first');
  });
});

describe('Figures that are written with a unit', () => {
  it.each([
    ['12,5 %', '%', '12,5'],
    ['-3%', '%', '-3'],
    ['€ 1.234,50', 'EUR', '1.234,50'],
    ['1 234,50 €', 'EUR', '1 234,50'],
    ['R$ 10', 'BRL', '10'],
    ['US$ 1,000', 'USD', '1,000'],
    ['-$5', '$', '-5'],
    ['EUR 5', 'EUR', '5'],
    ['(€ 1.234)', 'EUR', '-1.234'],
    ['€ (10)', 'EUR', '-10'],
    ['(12 %)', undefined, undefined],
    ['(1 234)', undefined, undefined],
    ['ABC 5', undefined, undefined],
    ['5', undefined, undefined],
    ['€', undefined, undefined],
  ])('are split: %s', (text, unit, figure) => {
    const found = splitUnit(text);
    expect([found?.unit, found?.figure]).toEqual([unit, figure]);
  });

  it('are numbers where all have the same unit, which the field keeps', async () => {
    expect(await column(['12,5 %', '7 %', '', '0,25%'])).toMatchObject({
      ...{ type: 'double', unit: '%', description: 'Written with % in the file.' },
      ...{ cells: [12.5, 7, null, 0.25], doubts: [] },
    });
    expect(await column(['€ 1.234,50', '(€ 2,00)', 'EUR 3,10'])).toMatchObject({
      ...{ type: 'double', unit: 'EUR', cells: [1234.5, -2, 3.1] },
    });
    expect(await column(['R$ 10', 'R$ 20'])).toMatchObject({ type: 'int32', unit: 'BRL', cells: [10, 20] });
  });

  it.each([
    [['12 %', '13'], 'units', 'figures with no mark'],
    [['€ 1,50', '$ 1.50'], 'units', 'figures with $'],
    [['(1 234)', '5', '17'], 'figures', 'it is a figure with a remark'],
    [['€ 1.234', '€ 2.345'], 'figures', '1.234 in value is 1.234 (decimals)'],
  ])('stay text where they differ, or may mean two things: %j', async (cells, about, reading) => {
    const { type, unit, doubts, cells: kept } = await column(cells);
    expect([type, unit, kept]).toEqual(['string', undefined, cells]);
    expect(doubts).toMatchObject([{ about, readings: expect.arrayContaining([reading]) }]);
  });

  it('become text when a row far below has none, or another', async () => {
    const many = Array.from({ length: 40_000 }, (_, index) => `${index % 100} %`);
    expect(await column([...many, '7 €'])).toMatchObject({ type: 'string', doubts: [{ about: 'units' }] });
    expect(await column([...many, '7'])).toMatchObject({ type: 'string' });
    expect(await column([...many, '7,5 %'])).toMatchObject({ type: 'double', unit: '%' });
  });
});
