import { describe, expect, it } from '@jest/globals';
import { readPrivateOrigins } from './private-origins.ts';

describe('Origins that may be private', () => {
  it.each([
    ['', 'http://127.0.0.1:80', false],
    ['http://127.0.0.1:*', 'http://127.0.0.1:8093', true],
    ['http://127.0.0.1:*', 'http://127.0.0.1', true],
    ['http://127.0.0.1:*', 'https://127.0.0.1:8093', false],
    ['http://127.0.0.1:*', 'http://127.0.0.12:8093', false],
    ['http://localhost:*, http://10.0.0.5:8080', 'http://10.0.0.5:8080', true],
    ['http://localhost:*, http://10.0.0.5:8080', 'http://10.0.0.5', false],
    ['http://10.0.0.5', 'http://10.0.0.5', true],
    ['https://intranet.example', 'https://intranet.example', true],
    ['https://intranet.example', 'https://a.intranet.example', false],
    ['http://[::1]:*', 'http://[::1]:9', true],
  ])('%j has %s: %s', (text, origin, has) => {
    expect(readPrivateOrigins(text)(origin)).toBe(has);
  });

  it.each([
    '*',
    'http://*',
    'ftp://127.0.0.1',
    '127.0.0.1',
    'http://me:secret@127.0.0.1',
    'http://127.0.0.1/a',
    'http://',
  ])('%s is refused', (text) => {
    expect(() => readPrivateOrigins(text)).toThrow('PRIVATE_ORIGINS must be origins');
  });
});
