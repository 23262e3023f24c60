import { describe, expect, it } from '@jest/globals';
import { wideColumns } from './wide.ts';

describe('the wide shape', () => {
  it('has the years of the header in its order', () => {
    expect(wideColumns(['id', 'control', 'produto', '1971', '1970'], 'production').map(({ key }) => key)).toEqual([
      '1971',
      '1970',
    ]);
  });

  it('names the second figure of a year <year>_usd', () => {
    expect(wideColumns(['Id', 'País', '1970', '1970 ', '1971', '1971'], 'trade')).toEqual([
      { key: '1970', year: 1970, field: 'quantity_kg' },
      { key: '1970_usd', year: 1970, field: 'value_usd' },
      { key: '1971', year: 1971, field: 'quantity_kg' },
      { key: '1971_usd', year: 1971, field: 'value_usd' },
    ]);
  });

  it('has each column once, however often the header repeats a year', () => {
    expect(wideColumns(['Id', 'País', '2021', '2021', '2021', '2021'], 'trade').map(({ key }) => key)).toEqual([
      '2021',
      '2021_usd',
    ]);
    expect(wideColumns(['id', 'produto', '2021', '2021'], 'production').map(({ key }) => key)).toEqual(['2021']);
  });
});
