/**
 * How long `npm start` takes until it is ready, warm (dependencies installed, state kept from a start before), and how long
 * the collection of 15 files takes after it. The peer is the limit of performance.md: 10 s on two cores.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchRow } from './row.ts';

const LIMIT_S = 10;

/** Seconds until the ready line, then Ctrl-C and the end of the process. */
const start = (state: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(
      'node',
      ['scripts/bootstrap.mjs', 'packages/local/src/start.ts', '--state', state, '--port', '14800', '--no-collect'],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let output = '';
    let ready: number | undefined;
    const read = (chunk: Buffer) => {
      output += chunk;
      if (ready === undefined && /ready/i.test(output)) {
        ready = (performance.now() - begun) / 1000;
        child.kill('SIGINT');
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', () =>
      ready === undefined ? reject(new Error(`npm start did not become ready:\n${output}`)) : resolve(ready),
    );
  });

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const state = mkdtempSync(join(tmpdir(), 'granary-bench-start-'));
  try {
    const cold = await start(state);
    const warm: number[] = [];
    for (let i = 0; i < (quick ? 1 : 3); i++) warm.push(await start(state));
    const median = warm.sort((a, b) => a - b)[Math.floor(warm.length / 2)];
    return [
      {
        goal: '',
        what: 'npm start, fresh state, to ready',
        value: cold,
        unit: 's',
        peer: `${LIMIT_S} s`,
        ratio: cold / LIMIT_S,
        limit: Infinity,
        met: true,
      },
      {
        goal: 'start',
        what: 'npm start, warm, to ready',
        value: median,
        unit: 's',
        peer: `${LIMIT_S} s`,
        ratio: median / LIMIT_S,
        limit: 1,
        met: median <= LIMIT_S,
      },
    ];
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
};
