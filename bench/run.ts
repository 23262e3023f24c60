/**
 * `npm run bench`: every goal of docs/performance.md beside its peer, measured in one run. Ratios count, times drift.
 *
 *   npm run bench                    everything
 *   npm run bench -- --quick         fewer repetitions
 *   npm run bench -- convert serve   only these
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printRows } from './print.ts';
import type { BenchRow } from './row.ts';

const SUITES = [
  'convert',
  'handler',
  'bundles',
  'serve',
  'catalog',
  'query',
  'far',
  'plots',
  'users',
  'crawl',
  'portal',
  'readers',
  'preview',
  'inspect',
  'workbook',
  'start',
  'pollution',
] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !SUITES.includes(name as (typeof SUITES)[number]));
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no benchmark called ${unknown.join(', ')}.`);
  console.log(`npm run bench -- [--quick] [${SUITES.join('|')} …]`);
  process.exit(unknown.length > 0 ? 1 : 0);
}

const rows: BenchRow[] = [];
for (const suite of positionals.length > 0 ? positionals : SUITES) {
  const path = join(import.meta.dirname, `${suite}.ts`);
  if (!existsSync(path)) throw new Error(`bench/${suite}.ts is missing`);
  console.log(`… ${suite}`);
  const { run } = (await import(path)) as { run(options: { quick: boolean }): Promise<BenchRow[]> };
  rows.push(...(await run({ quick: values.quick })));
}

printRows(rows);
