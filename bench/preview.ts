/**
 * Goal 18: how long a preview of a file of 1 MB takes besides the fetch, warm: the function's own handler, with a
 * fetcher that has the file already. Processor time, in a process of its own with one core, as the function has.
 */
import { join } from 'node:path';
import { onOneCore } from './one-core.ts';
import { printWhenMain } from './print.ts';
import type { BenchRow } from './row.ts';

const LIMIT_MS = 150;

type Told = { ms: number; bytes: number; rows: number; tables: number };

const measure = (what: string, rounds: number): Told =>
  onOneCore(process.execPath, [join(import.meta.dirname, 'preview-contender.ts'), what, String(rounds)]);

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const rows: BenchRow[] = [];
  for (const what of ['csv', 'xlsx', 'html']) {
    const { ms, bytes, rows: read } = measure(what, quick ? 7 : 25);
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
