/**
 * What `npm start` takes of a laptop: seconds until it is ready the first time (bundles are built unless they were kept
 * before), from a fresh state and from a kept one, the memory of all its processes then, and while twenty readers ask.
 * The load of the machine stands beside the times: what else runs is in them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePasswordSignIn } from '@granary/local/password-sign-in';
import { readLocalStack } from '@granary/local/state';
import { residentMb } from './memory.ts';
import { READER_PATHS } from './reader-paths.ts';
import type { BenchRow } from './row.ts';

const LIMITS = { fresh_s: 9, warm_s: 5, ready_mb: 1500, readers_mb: 2500, growth: 1.1 } as const;
const READERS = 20;
const PORT = '14800';

const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
const [program, ...command] = String(scripts.start).split(' ') as [string, ...string[]];

type Running = { child: ChildProcess; ready_s: number; stop(): Promise<void> };

/** Resolves when `words` are said; rejects with all that was said when it ends before. */
const start = async (state: string, words: RegExp, ...options: string[]): Promise<Running> => {
  const begun = performance.now();
  const child = spawn(program, [...command, '--state', state, '--port', PORT, ...options], { stdio: 'pipe' });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  let output = '';
  const ready_s = await new Promise<number>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      if (words.test(output)) resolve((performance.now() - begun) / 1000);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', () => reject(new Error(`npm start ended early:\n${output}`)));
  });
  return {
    child,
    ready_s,
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
};

/** Memory in MB after a first half and after a second half of the time, with all readers asking. */
const underReaders = async (state: string, pid: number, half_s: number): Promise<[number, number]> => {
  const local = readLocalStack(state)!;
  const token = makePasswordSignIn({ ...local, ...local.users.reader });
  const end = performance.now() + half_s * 2000;
  const reader = async (first: number) => {
    for (let n = first; performance.now() < end; n++) {
      const headers = { authorization: `Bearer ${await token()}` };
      const answer = await fetch(local.api + READER_PATHS[n % READER_PATHS.length], { headers });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`A reader was answered ${answer.status}.`);
    }
  };
  const reading = Promise.all(Array.from({ length: READERS }, (_, index) => reader(index)));
  await Promise.race([reading, sleep(half_s * 1000)]);
  const first = residentMb(pid);
  await reading;
  return [first, residentMb(pid)];
};

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const state = mkdtempSync(join(tmpdir(), 'granary-bench-start-'));
  const load = () => loadavg()[0]!.toFixed(1);
  const row = (what: string, value: number, unit: string, limit: number, peer = `load ${load()}`): BenchRow => ({
    ...{ goal: 'start', what, value, unit, peer: Number.isFinite(limit) ? `≤ ${limit} ${unit}; ${peer}` : peer },
    ...{ ratio: value / limit, limit: 1, met: value <= limit },
  });
  try {
    const first = await start(state, /is ready/, '--no-collect');
    const built = row(
      'npm start, the first of these sources, to ready',
      first.ready_s,
      's',
      Infinity,
      `load ${load()}`,
    );
    await first.stop();
    rmSync(state, { recursive: true, force: true });
    const fresh = await start(state, /is ready/, '--no-collect');
    const rows = [{ ...built, goal: '' }, row('npm start, fresh state, to ready', fresh.ready_s, 's', LIMITS.fresh_s)];
    await fresh.stop();
    const warm: number[] = [];
    for (let i = 0; i < (quick ? 1 : 3); i++) {
      const running = await start(state, /is ready/, '--no-collect');
      warm.push(running.ready_s);
      if (i === 0) rows.push(row('ready: all its processes', residentMb(running.child.pid!), 'MB', LIMITS.ready_mb));
      await running.stop();
    }
    const median = warm.sort((a, b) => a - b)[Math.floor(warm.length / 2)]!;
    rows.splice(2, 0, row('npm start, warm, to ready', median, 's', LIMITS.warm_s));

    const collected = await start(state, /Ctrl-C stops/);
    try {
      const [half, all] = await underReaders(state, collected.child.pid!, quick ? 15 : 60);
      rows.push(
        row(`${READERS} readers after a collection: all its processes`, Math.max(half, all), 'MB', LIMITS.readers_mb),
      );
      rows.push(row('the same: the end against the half of the time', all / half, '×', LIMITS.growth));
    } finally {
      await collected.stop();
    }
    return rows;
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
};
