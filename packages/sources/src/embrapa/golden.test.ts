import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readAll } from './testing/read-all.ts';

const folder = join(import.meta.dirname, 'testdata');
const pairs = readdirSync(folder).filter((name) => name.endsWith('.csv'));

/** `<dataset>.<what it shows>.csv` and what becomes of it, `….json`: put a pair into testdata and it is a test. */
describe('golden files', () => {
  it.each(pairs)('%s becomes the rows, quarantine and report beside it', (name) => {
    const bytes = readFileSync(join(folder, name));
    const expected = JSON.parse(readFileSync(join(folder, name.replace(/csv$/, 'json')), 'utf8'));
    const dataset = name.split('.')[0];
    expect(readAll(dataset, bytes)).toEqual(expected);
    expect(readAll(dataset, bytes, 7)).toEqual(expected);
  });
});
