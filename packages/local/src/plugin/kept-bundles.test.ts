import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeKeptBundles } from './kept-bundles.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'granary-kept-'));
  write('packages/a/src/a.ts', 'one');
  write('pnpm-lock.yaml', 'lock');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const build = (text: string) => {
  write('services/api/.esbuild/.build/src/f.js', text);
  makeKeptBundles(root, 'api').keep(join(root, 'services/api/.esbuild/.build'));
};
const restored = (service = 'api') => {
  const folder = join(root, 'out');
  rmSync(folder, { recursive: true, force: true });
  return makeKeptBundles(root, service).restore(folder) ? readFileSync(join(folder, 'src/f.js'), 'utf8') : undefined;
};
const cache = () => readdirSync(join(root, 'node_modules/.cache/granary/bundles'));

describe('kept bundles', () => {
  it('are given again for the same sources, to the same service', () => {
    expect(restored()).toBeUndefined();
    build('built');
    expect(restored()).toBe('built');
    expect(restored('ingestion')).toBeUndefined();
  });

  it('are kept without the files that are not asked for', () => {
    write('out-of/a/f.zip', 'zip');
    write('out-of/a/state.json', '{}');
    makeKeptBundles(root, 'api').keep(join(root, 'out-of'), /\.zip$/);
    expect(makeKeptBundles(root, 'api').restore(join(root, 'back'))).toBe(true);
    expect(readdirSync(join(root, 'back/a'))).toEqual(['f.zip']);
  });

  it.each([
    'packages/a/src/a.ts',
    'packages/a/src/new.ts',
    'services/api/src/x.ts',
    'config/esbuild.yml',
    'pnpm-lock.yaml',
  ])('are not given once %s is another', (path) => {
    build('built');
    write(path, 'two');
    expect(restored()).toBeUndefined();
  });

  it.each(['packages/a/src/a.test.ts', 'packages/a/node_modules/x.js', 'docs/page.md'])('do not mind %s', (path) => {
    build('built');
    write(path, 'two');
    expect(restored()).toBe('built');
  });

  it('are those of the last few sources', () => {
    for (let n = 0; n < 6; n++) {
      write('packages/a/src/a.ts', String(n));
      build(String(n));
    }
    expect(cache()).toHaveLength(4);
    expect(restored()).toBe('5');
  });

  it('are left out where they cannot be kept, without a word', () => {
    write('node_modules/.cache', 'a file');
    build('built');
    expect(restored()).toBeUndefined();
    expect(existsSync(join(root, 'out'))).toBe(false);
  });
});
