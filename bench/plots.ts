/**
 * Plots: each of the five of docs/plots.md as SVG and as PNG from the bundled function, with its stores in memory,
 * beside Vega alone: the same specification compiled, parsed and drawn. First (with loading what draws) and warm, each
 * contender in a process of its own, in turns. No goal.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeBundle } from '../scripts/bundles.ts';
import { median } from './measure.ts';
import { CASES, type CaseName, type Drawn, FORMATS } from './plots-cases.ts';
import { printWhenMain } from './print.ts';
import type { BenchRow } from './row.ts';

const tell = (...args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const node = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'plots-contender.ts'), ...args];
    // Log lines go where they cost as much as in Lambda, and nobody reads them.
    const child = spawn(process.execPath, node, { stdio: ['ignore', openSync('/dev/null', 'w'), 'inherit', 'pipe'] });
    let told = '';
    child.stdio[3]?.on('data', (chunk) => {
      told += chunk;
    });
    child.on('close', (code) =>
      code === 0 ? resolve(told) : reject(new Error(`${args.join(' ')} ended with ${code}`)),
    );
  });

const middle = (drawn: readonly Drawn[]): Drawn => ({
  first: median(drawn.map(({ first }) => first)),
  warm: median(drawn.map(({ warm }) => warm)),
  bytes: drawn[0].bytes,
});

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  // Where the renderer of this machine is found from.
  const folder = mkdtempSync(join(import.meta.dirname, '../services/api/.esbuild-bench-'));
  try {
    await writeBundle(join(import.meta.dirname, 'plots-handler.ts'), folder);
    writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
    const bundle = join(folder, 'plots-handler.js');
    const [processes, rounds] = quick ? [1, 5] : [3, 20];
    const rows: BenchRow[] = [];
    for (const plot of Object.keys(CASES) as CaseName[]) {
      const specification = join(folder, `${plot}.json`);
      writeFileSync(specification, await tell('ours', bundle, plot, 'spec', '0'));
      for (const format of FORMATS) {
        const all: Record<'ours' | 'peer', Drawn[]> = { ours: [], peer: [] };
        for (let turn = 0; turn < processes; turn++) {
          all.ours.push(JSON.parse(await tell('ours', bundle, plot, format, String(rounds))));
          all.peer.push(JSON.parse(await tell('peer', specification, plot, format, String(rounds))));
        }
        const [ours, peer] = [middle(all.ours), middle(all.peer)];
        const row = (when: 'first' | 'warm'): BenchRow => ({
          goal: '',
          what: `plots: ${plot}, ${format.toUpperCase()}, ${when}, ${(ours.bytes / 1000).toFixed(0)} kB`,
          value: ours[when],
          unit: 'ms',
          peer: `Vega alone ${peer[when].toFixed(1)} ms, ${(peer.bytes / 1000).toFixed(0)} kB`,
          ratio: ours[when] / peer[when],
          limit: Infinity,
          met: true,
        });
        rows.push(row('first'), row('warm'));
      }
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

await printWhenMain(import.meta, run);
