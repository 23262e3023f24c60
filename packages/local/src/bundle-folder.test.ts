import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { makeBundleFolder } from './bundle-folder.ts';
import { Sentence } from './sentences.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'granary-bundles-'));
  mkdirSync(join(root, 'services', 'api', '.esbuild-local-1', 'src'), { recursive: true });
  writeFileSync(join(root, 'services', 'api', '.esbuild-local-1', 'src', 'left.js'), '');
});
afterEach(() => rmSync(root, { recursive: true }));

it('begins without what a killed start left, and leaves nothing itself', () => {
  const folder = join(root, 'services', 'api', '.esbuild-local-1');
  const remove = makeBundleFolder(root, 'api', '.esbuild-local-1');
  expect(readdirSync(folder)).toEqual([]);
  remove();
  expect(existsSync(folder)).toBe(false);
});

it('says so in a sentence when it cannot write to the clone', () => {
  writeFileSync(join(root, 'services', 'file'), '');
  expect(() => makeBundleFolder(root, 'file', 'x')).toThrow(Sentence);
  expect(() => makeBundleFolder(root, 'file', 'x')).toThrow(/services\/file cannot be written \(ENOTDIR\)/);
});
