import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { keepNewest } from './newest-kept.ts';

it('leaves the newest of a kind in a cache, files and folders, and what is of another kind', () => {
  const cache = mkdtempSync(join(tmpdir(), 'granary-newest-'));
  for (const [age, name] of ['api-c', 'api-b', 'api-a', 'ingestion-a'].entries()) {
    const path = join(cache, name);
    if (age % 2 === 0) {
      mkdirSync(path);
      writeFileSync(join(path, 'file'), name);
    } else writeFileSync(path, name);
    utimesSync(path, 1_700_000_000 - age, 1_700_000_000 - age);
  }
  keepNewest(cache, 2, 'api-');
  expect(readdirSync(cache).sort()).toEqual(['api-b', 'api-c', 'ingestion-a']);
  keepNewest(cache, 1);
  expect(readdirSync(cache)).toEqual(['api-c']);
  rmSync(cache, { recursive: true });
});
