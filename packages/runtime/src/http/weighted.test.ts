import { expect, it } from '@jest/globals';
import { readWeighted } from './weighted.ts';

it.each([
  ['text/csv', [['text/csv', [], 1]]],
  [
    'Text/CSV;header=present;q=0.5 , */*; q=0.1',
    [
      ['text/csv', ['header=present'], 0.5],
      ['*/*', [], 0.1],
    ],
  ],
  [
    'gzip;q=much, ,br;q=0',
    [
      ['gzip', [], 0],
      ['br', [], 0],
    ],
  ],
  ['', []],
])('%j is read with its weights', (header, members) => {
  expect(readWeighted(header).map(({ value, parameters, weight }) => [value, parameters, weight])).toEqual(members);
});
