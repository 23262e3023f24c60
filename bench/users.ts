/**
 * Goal 13: users from a source that needs 200 ms for an answer, without a limit and with 75 requests in any minute,
 * beside the least that such a source allows and beside the loop of one request after the other that the ancestor had.
 * The worker's handler is the deployed one; its stores are in memory, so that the source is what is waited for. Then
 * 100,000 users in DynamoDB as dynalite has it: written, and listed at the start and at the end. Long: one measurement
 * after the other, of one source.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchUsersMessage } from '@granary/domain/messages/fetch-users';
import type { Queue } from '@granary/domain/ports/collecting';
import type { UserWriter } from '@granary/domain/ports/user-store';
import { nameKey } from '@granary/domain/rules/name-key';
import type { Run } from '@granary/domain/run';
import { planUsers } from '@granary/domain/use-cases/users/plan-users';
import { NO_USERS, type SealedUser } from '@granary/domain/user';
import { serveWorker } from '@granary/runtime/serve-worker';
import { randomUsers } from '@granary/sources/testing/shipped';
import { makeBodyFetcher } from '@granary/stores/body-fetcher';
import { makeDynamoUserStore } from '@granary/stores/dynamo-user-store';
import { makeMemoryHostBudget } from '@granary/stores/memory-host-budget';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { makeMemoryRunLog } from '@granary/stores/memory-run-log';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { makeMemorySourceStore } from '@granary/stores/memory-source-store';
import { makeMemoryVault } from '@granary/stores/memory-vault';
import { startEmulators } from '@granary/stores/testing/emulators';
import type { Context, SQSEvent } from 'aws-lambda';
import { worker } from '../services/ingestion/src/functions/fetch-users.ts';
import { interleaved } from './measure.ts';
import { printWhenMain } from './print.ts';
import type { BenchRow } from './row.ts';

const LATENCY_MS = 200;
const LIMIT = 75;

type Source = { url: string; calls(): Promise<{ answered: number; refused: number }>; stop(): void };

const startSource = async (limit: number): Promise<Source> => {
  const args = [join(import.meta.dirname, 'users-source.ts'), String(LATENCY_MS), String(limit)];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdio[3]?.once('data', (chunk) => resolve(Number(chunk)));
    child.once('exit', (code) => reject(new Error(`the source ended with ${code}`)));
  });
  const url = `http://127.0.0.1:${port}/api/v2/`;
  return {
    url,
    calls: async () => (await (await fetch(new URL('/calls', url))).json()) as { answered: number; refused: number },
    stop: () => {
      child.removeAllListeners('exit');
      child.kill();
    },
  };
};

/** A queue in memory that keeps delays, as SQS does. */
const makeQueue = () => {
  const waiting: { message: FetchUsersMessage; due: number }[] = [];
  const queue: Queue<FetchUsersMessage> = {
    async send(messages, { delay_s = 0 } = {}) {
      for (const message of messages) waiting.push({ message, due: performance.now() + delay_s * 1000 });
    },
  };
  const take = (): FetchUsersMessage | undefined => {
    const index = waiting.findIndex(({ due }) => due <= performance.now());
    return index < 0 ? undefined : waiting.splice(index, 1)[0]?.message;
  };
  return { queue, take };
};

/**
 * Says whom it was given before. The memory store copies them as well, so that no caller can change what is stored: 0.8
 * ms of a page that would be no cost of the worker's. What a real table costs is another row.
 */
const makeUsers = (): UserWriter => {
  const origins = new Map<string, string>();
  return {
    async write(users, { origin }) {
      const counts = { ...NO_USERS };
      for (const { user } of users) {
        const key = `${user.id} ${user.last_name}`;
        const first = origins.get(key) ?? origin;
        origins.set(key, first);
        counts[first === origin ? 'new' : 'overwritten'] += 1;
      }
      return counts;
    },
  };
};

type Fetched = { ms: number; run: Run };

/** A run of so many pages with so many workers; milliseconds from its start to its end. */
const fetchUsers = async (source: Source, pages: number, workers: number, per_minute: number): Promise<Fetched> => {
  const { queue, take } = makeQueue();
  const fetchBody = makeBodyFetcher({ origins: [source.url] });
  const runs = makeMemoryRunStore();
  const deps = {
    source: randomUsers,
    baseUrl: () => source.url,
    pace: { requests_per_minute: per_minute, burst: Math.min(per_minute, 100) },
    runs,
    queue,
    budget: makeMemoryHostBudget(),
    fetchBody,
    vault: makeMemoryVault(),
    users: makeUsers(),
    pages: makeMemoryObjectStore(),
    runLog: makeMemoryRunLog(),
    changeVisibility: async () => {},
    clock: Date.now,
    sleep: (ms: number) => sleep(ms),
    random: Math.random,
  };
  const settings = () => ({ service: 'ingestion', stage: 'bench', write: () => {} });
  const handler = serveWorker(worker, { settings, deps: () => deps });
  const begun = performance.now();
  const plan = planUsers({
    ...deps,
    edits: makeMemorySourceStore(),
    source: { ...deps.source, config: { users_per_run: pages * 100, page_size: 100 } },
  });
  const { run } = await plan({ force: true });
  if (!run) throw new Error('no run was started');
  let ms: number | undefined;
  const poll = async () => {
    while (ms === undefined) {
      const message = take();
      if (!message) {
        await sleep(5);
        continue;
      }
      const attributes = { ApproximateReceiveCount: '1' };
      const record = { messageId: '1', receiptHandle: '1', body: JSON.stringify(message), attributes };
      const answer = await handler({ Records: [record] } as unknown as SQSEvent, { awsRequestId: '1' } as Context);
      if (answer.batchItemFailures.length > 0) throw new Error('a page failed');
      if ((await runs.getRun(run.id))?.state !== 'running') ms ??= performance.now() - begun;
    }
  };
  await Promise.all(Array.from({ length: workers }, poll));
  await fetchBody.close();
  return { ms: ms as number, run: (await runs.getRun(run.id)) as Run };
};

/** The same requests with nothing done to the answers: what no worker can go below on this machine. */
const fetchOnly = async (source: Source, pages: number, workers: number): Promise<number> => {
  const fetchBody = makeBodyFetcher({ origins: [source.url] });
  const url = randomUsers.urlOf(source.url, 100);
  const wanted = { url, max_bytes: randomUsers.max_bytes, accept: 'application/json', before: async () => {} };
  let left = pages;
  const begun = performance.now();
  const poll = async () => {
    while (left-- > 0) await fetchBody(wanted);
  };
  await Promise.all(Array.from({ length: workers }, poll));
  const ms = performance.now() - begun;
  await fetchBody.close();
  return ms;
};

/** What the ancestor did: one page after the other. */
const oneByOne = async (source: Source, pages: number): Promise<number> => {
  const begun = performance.now();
  const users: unknown[] = [];
  for (let page = 0; page < pages; page++) {
    const answer = await fetch(`${source.url}users?size=100`);
    users.push(...((await answer.json()) as unknown[]));
  }
  return performance.now() - begun;
};

const withoutLimit = async (source: Source, quick: boolean): Promise<BenchRow[]> => {
  const pages = 60;
  await fetchUsers(source, pages, 25, 1_000_000);
  const times = await interleaved(
    {
      ten: async () => (await fetchUsers(source, pages, 10, 1_000_000)).ms,
      twentyfive: async () => (await fetchUsers(source, pages, 25, 1_000_000)).ms,
      fetched_ten: () => fetchOnly(source, pages, 10),
      fetched_twentyfive: () => fetchOnly(source, pages, 25),
    },
    quick ? 3 : 7,
  );
  await source.calls();
  const { run } = await fetchUsers(source, pages, 25, 1_000_000);
  const { answered } = await source.calls();
  const ancestor = await oneByOne(source, pages);
  const row = (workers: number, ms: number, fetched: number): BenchRow => {
    const ideal = Math.ceil(pages / workers) * LATENCY_MS;
    const what = `${pages} pages of 100 users, ${workers} at a time, 200 ms each`;
    const ratio = ms / ideal;
    const peer = `ideal ${ideal} ms, fetched only ${fetched.toFixed(0)} ms`;
    return { goal: '13', what, value: ms, unit: 'ms', peer, ratio, limit: 1.1, met: ratio <= 1.1 };
  };
  const needed = Math.ceil(run.counts.rows_read / 100);
  return [
    row(10, times.ten, times.fetched_ten),
    row(25, times.twentyfive, times.fetched_twentyfive),
    {
      goal: '13 (calls)',
      what: `calls for ${run.counts.rows_read} users`,
      value: answered,
      unit: 'calls',
      peer: `⌈users / 100⌉ ${needed}`,
      ratio: answered / needed,
      limit: 1,
      met: answered <= needed,
    },
    {
      goal: '',
      what: 'the same pages one after the other',
      value: ancestor,
      unit: 'ms',
      peer: `ours, 25 at a time: ${times.twentyfive.toFixed(0)} ms`,
      ratio: ancestor / times.twentyfive,
      limit: 0,
      met: true,
    },
  ];
};

/** Twice what a minute takes: the source lets the second half begin 60 s after the first. */
const withLimit = async (): Promise<BenchRow[]> => {
  const source = await startSource(LIMIT);
  try {
    const { ms } = await fetchUsers(source, 2 * LIMIT, 25, LIMIT);
    const { answered, refused } = await source.calls();
    const ideal = 60_000 + Math.ceil(LIMIT / 25) * LATENCY_MS;
    return [
      {
        goal: '13 (75 a minute)',
        what: `${answered} pages of 100 users, ${refused} calls refused`,
        value: ms / 1000,
        unit: 's',
        peer: `ideal ${(ideal / 1000).toFixed(1)} s`,
        ratio: ms / ideal,
        limit: 1.1,
        met: ms / ideal <= 1.1,
      },
    ];
  } finally {
    source.stop();
  }
};

const ITEMS = 100_000;

const userOf = (n: number): SealedUser => {
  const letters = [...Array(6)].map((_, i) => String.fromCharCode(97 + (Math.floor(n / 26 ** i) % 26))).join('');
  const last_name = letters[0]?.toUpperCase() + letters.slice(1);
  return {
    user: { id: n % 10_000, last_name, first_name: 'Ada', gender: 'Female', address: { country: 'Brazil' } },
    sealed: null,
  };
};

const listed = async (quick: boolean): Promise<BenchRow[]> => {
  const items = quick ? ITEMS / 10 : ITEMS;
  const emulators = await startEmulators();
  try {
    const table = await emulators.createUsersTable('bench-users');
    const store = makeDynamoUserStore({ client: emulators.documents, table });
    const begun = performance.now();
    for (let start = 0; start < items; start += 1000) {
      const users = Array.from({ length: 1000 }, (_, i) => userOf(start + i));
      await store.write(users, { origin: `bench/${start}`, deadline: Date.now() + 60_000 });
    }
    const writing = performance.now() - begun;
    const last = { last_name: 'Zz', ...nameKey('Zz', 0), id: 0 };
    const page = async (after?: typeof last) => {
      const from = performance.now();
      const { users } = await store.list({ limit: 100, after });
      if (users.length !== 100) throw new Error(`a page of ${users.length}`);
      return performance.now() - from;
    };
    // The last hundred names begin after the one that leaves a hundred behind it.
    const names = Array.from({ length: items }, (_, n) => userOf(n).user).sort((a, b) =>
      a.last_name < b.last_name ? -1 : 1,
    );
    const before = names.at(-102) as SealedUser['user'];
    const place = { ...nameKey(before.last_name, before.id), id: before.id, last_name: before.last_name };
    await page();
    await page(place);
    const times = await interleaved({ start: () => page(), end: () => page(place) }, quick ? 7 : 21);
    return [
      {
        goal: '13 (list)',
        what: `a page of 100 of ${items} users at the end of the alphabet`,
        value: times.end,
        unit: 'ms',
        peer: `at the start ${times.start.toFixed(1)} ms`,
        ratio: times.end / times.start,
        limit: 1.2,
        met: times.end / times.start <= 1.2,
      },
      {
        goal: '',
        what: `${items} users written to dynalite`,
        value: (items / writing) * 1000,
        unit: 'users/s',
        peer: 'none',
        ratio: 1,
        limit: 0,
        met: true,
      },
    ];
  } finally {
    await emulators.stop();
  }
};

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const source = await startSource(0);
  try {
    return [...(await withoutLimit(source, quick)), ...(await withLimit()), ...(await listed(quick))];
  } finally {
    source.stop();
  }
};

await printWhenMain(import.meta, run);
