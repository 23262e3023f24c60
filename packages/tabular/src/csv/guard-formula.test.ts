import { describe, expect, it } from '@jest/globals';
import { guardFormula } from './guard-formula.ts';

describe('the guard against formulas', () => {
  it.each([
    '-',
    '+',
    '-5',
    '+5',
    '-1.234,56',
    '-0.5',
    '+.5',
    '-1e-7',
    '-3%',
    '-1,000,000',
    'a=1',
    '',
    ' =1',
    '1+1',
    '5',
  ])('R14: leaves %j as it is', (text) => {
    expect(guardFormula(text)).toBe(text);
  });

  it.each([
    '=1+1',
    '+1+1',
    '-1-1',
    '-5x',
    '--5',
    '-2+3',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '＝1+1',
    '＋1',
    '－1',
    '＠a',
    '=',
    '-=1',
    '-5\n=1',
    '+A1',
  ])('R14: puts an apostrophe before %j', (text) => {
    expect(guardFormula(text)).toBe(`'${text}`);
  });
});
