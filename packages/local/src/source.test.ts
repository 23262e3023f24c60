import { expect, it } from '@jest/globals';
import { Sentence } from './sentences.ts';
import { configuredSource } from './source.ts';

const given = (GRANARY_EMBRAPA_URL?: string) => () => configuredSource({ GRANARY_EMBRAPA_URL });

it('takes an http(s) address, or none', () => {
  expect(given()()).toBeUndefined();
  expect(given('')()).toBeUndefined();
  expect(given('http://127.0.0.1:4010/download/')()).toBe('http://127.0.0.1:4010/download/');
});

it.each(['foo', 'ftp://example.org', 'localhost:4010', '/download'])('refuses %s by its name', (value) => {
  expect(given(value)).toThrow(Sentence);
  expect(given(value)).toThrow(`GRANARY_EMBRAPA_URL must be an http(s) address, not '${value}'.`);
});

it.each([
  'http://me:Secret1@example.org/',
  'http://Secret1@example.org',
  'ftp://me:Secret1@h',
  'me:Secret1@example.org',
])('does not repeat a password', (value) => {
  expect(given(value)).toThrow(/^GRANARY_EMBRAPA_URL must be an http\(s\) address without a user name or password\.$/);
});
