/**
 * Goal 18: how long a preview of a file of 1 MB takes besides the fetch, warm: the function's own handler, with a
 * fetcher that has the file already. Processor time, in a process of its own with one core, as the function has.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { printWhenMain } from './print.ts';
import type { BenchRow } from './row.ts';

const LIMIT_MS = 150;

type Told = { ms: number; bytes: number; rows: number; tables: number };

const measure = async (what: string, rounds: number): Promise<Told> => {
  const contender = [process.execPath, join(import.meta.dirname, 'preview-contender.ts'), what, String(rounds)];
  const [command, ...args] = process.platform === 'linux' ? ['taskset', '-c', '0', ...contender] : contender;
  const { stdout } = await promisify(execFile)(command!, args);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
};

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const rows: BenchRow[] = [];
  for (const what of ['csv', 'xlsx', 'html']) {
    const { ms, bytes, rows: read } = await measure(what, quick ? 7 : 25);
    rows.push({
      // The goal is of a text; what else people paste stands beside it.
      goal: what === 'csv' ? '18' : '',
      what: `processor time of a preview of ${(bytes / 1e6).toFixed(2)} MB of ${what}, ${read.toLocaleString('en')} rows`,
      ...{ value: ms, unit: 'ms', peer: `${LIMIT_MS} ms` },
      ...{ ratio: ms / LIMIT_MS, limit: 1, met: ms <= LIMIT_MS },
    });
  }
  return rows;
};

await printWhenMain(import.meta, run);
