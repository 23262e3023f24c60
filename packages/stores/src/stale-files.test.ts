import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { removeStaleFiles } from './stale-files.ts';

it('What a killed delivery left in /tmp goes when the function starts again, and nothing else does', () => {
  const folder = mkdtempSync(join(tmpdir(), 'granary-test-'));
  const now = Date.now();
  const make = (name: string, age_s: number): void => {
    const path = join(folder, name);
    if (name.includes('collect')) {
      mkdirSync(path);
      writeFileSync(join(path, 'data.parquet'), 'half');
    } else writeFileSync(path, 'half');
    utimesSync(path, (now - age_s * 1000) / 1000, (now - age_s * 1000) / 1000);
  };
  try {
    for (const name of ['granary-fetch-old', 'granary-fetch-old.gz', 'granary-collect-old', 'other-old'])
      make(name, 700);
    for (const name of ['granary-fetch-new', 'granary-collect-new']) make(name, 60);
    removeStaleFiles({ tmpdir: folder, older_than_ms: 600_000, now: () => now });
    expect(readdirSync(folder).sort()).toEqual(['granary-collect-new', 'granary-fetch-new', 'other-old']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
