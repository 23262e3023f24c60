import { beforeAll, describe, expect, it } from '@jest/globals';
import { compileExpression, loadExpressions } from './regular-expression.ts';

beforeAll(loadExpressions);

const matches = (pattern: string, text: string, ignoreCase = false): boolean =>
  compileExpression(pattern, ignoreCase).matches(text);

describe('regular expressions', () => {
  it('are found anywhere in the text, and hold its ends, not those of its lines', () => {
    expect(matches('int', 'Tinto')).toBe(true);
    expect(matches('^int', 'Tinto')).toBe(false);
    expect(matches('two$', 'two\nlines')).toBe(false);
    expect(matches('two.lines', 'two\nlines')).toBe(true);
    expect(matches('', '')).toBe(true);
  });

  it('take letters of either case where they are asked to', () => {
    expect(matches('ÁFRICA', 'África do Sul', true)).toBe(true);
    expect(matches('ÁFRICA', 'África do Sul')).toBe(false);
  });

  it.each(['(', '[a', 'a{2,1}', '*', 'a**', '(.)\\1', '(?=T)', 'x{1001}', '(x{100}){100}', '\\', 'a'.repeat(1001)])(
    'that cannot be read are 2201B: %s',
    (pattern) => {
      expect(() => compileExpression(pattern, false)).toThrow(
        expect.objectContaining({ code: '2201B', message: expect.stringMatching(/^invalid regular expression: /) }),
      );
    },
  );

  it.each(['(a*)*c', '(a|aa)+c', '(x+x+)+y', '(a?){30}a{30}b', '.*.*.*.*.*.*c'])(
    'take a time that grows with the text alone: %s',
    (pattern) => {
      const { matches: test } = compileExpression(pattern, false);
      // A backtracking engine would not come back.
      expect(test('a'.repeat(50_000))).toBe(false);
    },
  );

  it('R14: are given up when they take too long on long texts, and never for how many short ones there are', () => {
    const letters = compileExpression('\\pL{1000}', false, 20);
    const test = (length: number, times: number) => {
      for (let n = 0; n < times; n++) letters.matches('ab'.repeat(length / 2) + n);
    };
    expect(() => test(900, 100)).toThrow(
      expect.objectContaining({ code: 'PGRST100', message: 'the query is too big' }),
    );
    expect(() => test(12, 1000)).not.toThrow();
  });
});
