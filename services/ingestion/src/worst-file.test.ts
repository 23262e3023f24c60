import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, jest } from '@jest/globals';
import { worker } from './functions/collect.ts';

jest.setTimeout(60_000);

it('A batch of the worst files that a source may send fits the memory of the worker, so that none fails its neighbours', async () => {
  const script = fileURLToPath(new URL('testing/worst-file.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  const { rows, idle_mb, peak_mb } = JSON.parse(stdout);
  expect(rows).toBeGreaterThan(1_000_000);
  expect(idle_mb + worker.batchSize * (peak_mb - idle_mb)).toBeLessThan(worker.memory_mb);
});
