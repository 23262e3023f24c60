import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { prepareState } from './prepare-state.ts';
import { Sentence } from './sentences.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'granary-state-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

it.each([true, false])(
  'says in a sentence that a file cannot be the folder, and leaves it (fresh: %s)',
  async (fresh) => {
    const file = join(dir, 'file');
    writeFileSync(file, 'mine');
    for (const state of [file, join(file, 'below')]) {
      await expect(prepareState({ fresh }, state)).rejects.toThrow(Sentence);
      await expect(prepareState({ fresh }, state)).rejects.toThrow(`cannot be kept in ${state}: a file stands`);
    }
    expect(readFileSync(file, 'utf8')).toBe('mine');
  },
);

it('forgets what starts wrote, when asked to, and nothing else in the folder', async () => {
  mkdirSync(join(dir, 'aws'));
  writeFileSync(join(dir, 'thesis.doc'), '');
  await prepareState({ fresh: true }, dir);
  expect([existsSync(join(dir, 'aws')), existsSync(join(dir, 'thesis.doc'))]).toEqual([false, true]);
});

it('refuses the state of a Granary that named its bucket without the region, and begins anew when asked to', async () => {
  const resources = join(dir, 'resources.json');
  const exported = (bucket: string) =>
    writeFileSync(resources, JSON.stringify({ exports: { 'granary-local-data-bucket': bucket } }));
  exported('granary-000000000000-local-data');
  await expect(prepareState({ fresh: false }, dir)).rejects.toThrow(/earlier Granary.*npm start -- --fresh/);
  await prepareState({ fresh: true }, dir);
  expect(existsSync(resources)).toBe(false);
  exported('granary-000000000000-us-east-1-local-data');
  await prepareState({ fresh: false }, dir);
});
