import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { startReplica } from '@granary/replica/replica';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readKeptPage } from './testing/kept-pages.ts';
import { randomOf, startUsersSource, type UsersTestSource } from './testing/users-source.ts';
import { startUsersStack, type UsersStack } from './testing/users-stack.ts';

// Twenty-one processes start, on a machine that may be busy.
jest.setTimeout(170_000);

const PAGES = 80;
const SIZE = 15;
const KILLS = 20;
const SEED = Number(process.env.GRANARY_TEST_SEED ?? 3_141_592);

let replica: Awaited<ReturnType<typeof startReplica>>;
let source: UsersTestSource;
let stack: UsersStack;
let child: ChildProcess | undefined;

beforeAll(async () => {
  replica = await startReplica({ port: 0, latency_ms: 60 });
  source = await startUsersSource(replica.bases.users);
  stack = await startUsersStack(source.url);
  await stack.setVisibility(2);
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await stack?.stop();
  await source?.close();
  await replica?.close();
});

const output: string[] = [];

const startWorker = async (): Promise<ChildProcess> => {
  const path = new URL('./testing/users-worker-process.ts', import.meta.url).pathname;
  const worker = spawn(process.execPath, [path], {
    env: { PATH: process.env.PATH, ...stack.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [worker.stdout!, worker.stderr!]) stream.on('data', (text) => output.push(String(text)));
  await Promise.race([
    once(worker.stdout!, 'data'),
    once(worker, 'exit').then(() => Promise.reject(new Error(`The worker ended: ${output.join('')}`))),
  ]);
  return worker;
};

const kill = async (worker: ChildProcess): Promise<void> => {
  const ended = once(worker, 'exit');
  worker.kill('SIGKILL');
  await ended;
};

const key = ({ id, last_name }: { id?: unknown; last_name?: unknown }) => `${id}/${last_name}`;

describe(`A worker that is killed ${KILLS} times during a run (seed ${SEED})`, () => {
  it('loses no page and counts none twice', async () => {
    const random = randomOf(SEED);
    const { run } = await stack.plan({ force: true, users: PAGES * SIZE, size: SIZE });
    const id = run!.id;
    let working = 0;
    for (let n = 0; n < KILLS; n++) {
      // Pages whose three receives were all killed are sent again, as an operator would: there is always something to
      // kill.
      if (await stack.drained()) await stack.redrive();
      child = await startWorker();
      await sleep(300 * random());
      if (!(await stack.drained())) working += 1;
      await kill(child);
    }
    // Else they would have been no kills during a run.
    expect(working).toBe(KILLS);

    child = await startWorker();
    const end = Date.now() + 60_000;
    while (!(await stack.drained()) && Date.now() < end) await sleep(100);
    const parts = Array.from({ length: PAGES }, (_, index) => index + 1);
    const states = await Promise.all(parts.map((part) => stack.runs.partState(id, part)));
    const dead = (await stack.deadLetters()).items.map(({ part }) => part);
    // A page whose three receives were all killed waits in the dead letters; every other one is done.
    expect(parts.filter((part) => states[part - 1] !== 'ended' && !dead.includes(part))).toEqual([]);

    await stack.redrive();
    while ((await stack.runOf(id)).state !== 'succeeded' && Date.now() < end) await sleep(100);
    await kill(child);
    expect((await stack.deadLetters()).total).toBe(0);

    const done = await stack.runOf(id);
    expect(done).toMatchObject({ state: 'succeeded', parts: PAGES, parts_done: PAGES, errors: [] });
    const pages = await Promise.all(parts.map((part) => readKeptPage(stack, id, part)));
    const sum = (of: (page: (typeof pages)[number]) => number) => pages.reduce((total, page) => total + of(page), 0);
    const { rows_read, rows_published, rows_quarantined, rows_deduplicated } = done.counts;
    expect(rows_read).toBe(PAGES * SIZE);
    expect(rows_published).toBe(sum(({ users }) => users.length));
    expect(rows_published + rows_quarantined + rows_deduplicated).toBe(rows_read);
    expect(done.users!.failed).toBe(0);
    expect(done.users!.new + done.users!.overwritten).toBe(rows_published);

    const kept = new Set(pages.flatMap(({ users }) => users.map(({ user }) => key(user))));
    const stored = (await stack.itemsOf('users')).map(key);
    expect(new Set(stored)).toEqual(kept);
    expect(done.users!.new).toBe(kept.size);
  });
});
