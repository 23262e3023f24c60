import { tmpdir } from 'node:os';
import { expect, it } from '@jest/globals';
import { sentenceOf } from './sentences.ts';

const state = tmpdir();
const withCode = (code: string) => Object.assign(new Error(code), { code });

it.each([
  ['ENOSPC', 'The disk is full'],
  ['EACCES', 'cannot be written (EACCES)'],
  ['EROFS', 'cannot be written (EROFS)'],
  ['LEVEL_LOCKED', 'Another process uses'],
  ['EADDRINUSE', '--port'],
])('says what to do about %s', (code, words) => {
  expect(sentenceOf(withCode(code), state)).toContain(words);
  expect(sentenceOf(new Error('outer', { cause: withCode(code) }), state)).toContain(words);
});

it("says it of SQLite's own words, which have no such code", () => {
  expect(sentenceOf(new Error('database or disk is full'), state)).toContain('The disk is full');
});

it('leaves our own mistakes as they are', () => {
  expect(sentenceOf(new TypeError('x is not a function'), state)).toBeUndefined();
});
