import { embrapa } from '@granary/sources/embrapa';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { planDeps } from './deps.ts';

const before = { ...process.env };
beforeEach(() => {
  Object.assign(process.env, {
    CATALOG_TABLE: 'table',
    COLLECT_QUEUE_URL: 'http://127.0.0.1:1/queue',
    AWS_REGION: 'us-east-1',
  });
});
afterEach(() => {
  process.env = { ...before };
});

const baseUrl = (value: string): string => {
  process.env.GRANARY_EMBRAPA_URL = value;
  return planDeps().baseUrl(embrapa);
};

describe('The address that replaces a source', () => {
  it('is taken as it is, and an empty one is none', () => {
    expect(baseUrl(' http://127.0.0.1:4010/download/ ')).toBe('http://127.0.0.1:4010/download/');
    expect(baseUrl('')).toBe(embrapa.base_url);
  });

  it.each(['http://me:secret@files.test/', 'http://me@files.test/', 'file:///etc/', 'files.test'])(
    'is refused by the name of its variable, and not repeated, lest a password is published with the datasets: %s',
    (value) => {
      expect(() => baseUrl(value)).toThrow(/^The environment variable GRANARY_EMBRAPA_URL must be [^:@]*$/);
    },
  );
});
