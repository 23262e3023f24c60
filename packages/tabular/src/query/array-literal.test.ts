import { describe, expect, it } from '@jest/globals';
import { parseArrayLiteral } from './array-literal.ts';

const read = (text: string) => parseArrayLiteral(text, 100);
const refusalOf = (text: string): string | null => {
  try {
    read(text);
  } catch (error) {
    return (error as { details: string }).details;
  }
  return null;
};

describe('an array literal of PostgreSQL', () => {
  it.each<[string, (string | null)[]]>([
    ['{}', []],
    [' { } ', []],
    ['{a,b}', ['a', 'b']],
    ['{ a , b }', ['a', 'b']],
    ['{a b, c}', ['a b', 'c']],
    ['{"a" ,"b"}', ['a', 'b']],
    ['{"a,b","{x}"," y "}', ['a,b', '{x}', ' y ']],
    ['{""}', ['']],
    ['{null,NULL,"null",nu\\ll}', [null, null, 'null', 'null']],
    ['{a\\,b,"x\\"y",\\\\}', ['a,b', 'x"y', '\\']],
    ['{a\\ , b}', ['a ', 'b']],
    ['{🍇}', ['🍇']],
  ])('R3: %s', (text, elements) => {
    expect(read(text)).toEqual(elements);
  });

  it.each([
    ['a', 'Array value must start with "{" or dimension information.'],
    ['{a', 'Unexpected end of input.'],
    ['{"a', 'Unexpected end of input.'],
    ['{a\\', 'Unexpected end of input.'],
    ['{a,}', 'Unexpected "}" character.'],
    ['{,a}', 'Unexpected "," character.'],
    ['{a}b', 'Junk after closing right brace.'],
    ['{a"b"}', 'Incorrectly quoted array element.'],
    ['{"a" b}', 'Unexpected array element.'],
    ['{{1},{2}}', 'Arrays are of one dimension here.'],
    ['[1:2]={1,2}', 'Arrays are of one dimension here, and begin with "{".'],
  ])('R3: %s is refused, and says why', (text, details) => {
    expect(refusalOf(text)).toBe(details);
  });

  it('R3: has no more elements than it may', () => {
    expect(() => parseArrayLiteral('{1,2,3}', 2)).toThrow(expect.objectContaining({ code: 'PGRST100' }));
  });
});
