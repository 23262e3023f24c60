/**
 * Goal 12: how long each function's bundle takes to load, in a process of its own, beside a bundle of nothing but S3
 * and the DocumentClient; and how large it is.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  bundle,
  bundleFunctions,
  type EsbuildSettings,
  findForbiddenInBundles,
  readSettings,
} from '../scripts/bundles.ts';
import { interleaved } from './measure.ts';
import { printWhenMain } from './print.ts';
import type { BenchRow } from './row.ts';

/** 85 ms where the two clients take 80. */
const LIMIT = 85 / 80;
const SCRIPT = 'const t = performance.now(); require(process.argv[1]); console.log(performance.now() - t)';

const loading = (path: string) => async (): Promise<number> => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--eval', SCRIPT, path]);
  return Number(stdout);
};

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'granary-bundles-'));
  try {
    const settings: EsbuildSettings = { minify: true, format: 'cjs', target: 'node24', mainFields: ['module', 'main'] };
    // As esbuild bundles the SDK for anyone. By our settings the same clients load faster: a row for themselves.
    const clients = await bundle('clients', join(import.meta.dirname, 'peers/aws-clients.ts'), settings, []);
    const bundles = await bundleFunctions();
    const ours = await bundle(
      'clients by our plugins',
      join(import.meta.dirname, 'peers/aws-clients.ts'),
      await readSettings(),
    );
    const measured = [ours, ...bundles];
    const contenders = [clients, ...measured].map(({ name, code }) => {
      const path = join(folder, `${name.replace(/\W/g, '-')}.cjs`);
      writeFileSync(path, code);
      return [name, loading(path)] as const;
    });
    const ms = await interleaved(Object.fromEntries(contenders), quick ? 5 : 11);
    for (const sentence of findForbiddenInBundles(bundles)) console.error(sentence);
    const isApi = (name: string) => name.startsWith('api/');
    return measured.map(({ name, bytes }) => ({
      goal: isApi(name) ? '12' : '',
      what: `require() of ${name}, ${(bytes / 1024).toFixed(0)} KiB`,
      value: ms[name],
      unit: 'ms',
      peer: `S3 and DocumentClient ${ms.clients.toFixed(1)} ms`,
      ratio: ms[name] / ms.clients,
      limit: isApi(name) ? LIMIT : Infinity,
      met: !isApi(name) || ms[name] / ms.clients <= LIMIT,
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

await printWhenMain(import.meta, run);
