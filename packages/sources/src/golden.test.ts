import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readAll } from './testing/read-all.ts';

/**
 * `testdata/<dataset>.<what it shows>.<ending>` of any source, and what becomes of it, `….json`: put a pair there and
 * it is a test.
 */
const pairs = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((path) => basename(dirname(path)) === 'testdata' && extname(path) !== '.json')
  .sort();

describe('golden files', () => {
  it.each(pairs)('%s becomes the rows, quarantine and report beside it', async (path) => {
    const file = join(import.meta.dirname, path);
    const bytes = readFileSync(file);
    const expected = JSON.parse(readFileSync(`${file.slice(0, -extname(file).length)}.json`, 'utf8'));
    const dataset = basename(path).split('.')[0];
    expect(await readAll(dataset, bytes)).toEqual(expected);
    expect(await readAll(dataset, bytes, 7)).toEqual(expected);
  });
});
