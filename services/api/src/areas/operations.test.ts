import type { ReplayMessage } from '@granary/domain/messages/collect';
import type { FetchUsersMessage } from '@granary/domain/messages/fetch-users';
import type { PartQueue } from '@granary/domain/messages/part';
import type { DeadLetter, DeadLetters } from '@granary/domain/ports/dead-letters';
import { begunRun, NO_COUNTS } from '@granary/domain/run';
import { readSourceUrls } from '@granary/domain/source-urls';
import type { PlanUsersDeps } from '@granary/domain/use-cases/users/plan-users';
import { randomUsers } from '@granary/sources/testing/shipped';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryQueue } from '@granary/stores/memory-queue';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { routes } from './operations.ts';

const NOW = Date.now();
const REDRIVE = '/v1/admin/dead-letters/redrive';

/** Dead letters in memory; `hidden` are those that somebody looks at. */
const makeLetters = () => {
  const there: DeadLetter[] = [];
  const hidden = new Set<string>();
  const sent: { id: string; queue: PartQueue; body: string; delay_s: number }[] = [];
  const letters: DeadLetters = {
    count: async (queue) => there.filter((one) => one.queue === queue).length,
    async receive(queue, { limit }) {
      const found = there.filter((one) => one.queue === queue && !hidden.has(one.id)).slice(0, limit);
      for (const { id } of found) hidden.add(id);
      return found;
    },
    async release(released) {
      for (const { id } of released) hidden.delete(id);
    },
    async redrive(redriven) {
      for (const { letter, body, delay_s } of redriven) {
        sent.push({ id: letter.id, queue: letter.queue, body, delay_s });
        there.splice(there.indexOf(letter), 1);
      }
    },
  };
  const add = (queue: PartQueue, id: string, body: string) =>
    there.push({
      id,
      queue,
      body,
      sent_at: new Date(NOW - 60_000).toISOString(),
      receives: 4,
      receipt_handle: `r-${id}`,
    });
  return { letters, add, sent, hidden };
};

const world = (sourceUrls: Record<string, string> = {}, paused = false) => {
  const runs = makeMemoryRunStore();
  const queue = makeMemoryQueue<FetchUsersMessage>();
  const dead = makeLetters();
  const clock = () => NOW;
  const plan: PlanUsersDeps = {
    source: { ...randomUsers, config: { users_per_run: 250, page_size: 100 } },
    edits: {
      getSource: async (source) =>
        paused
          ? {
              ...{ source, revision: 1, change: 'paused', state: 'paused', configuration: null },
              ...{ edited_at: '2026-11-30T00:00:00.000Z', edited_by: '1' },
            }
          : undefined,
    },
    runs,
    queue,
    runLog: { info: () => {}, error: () => {}, status: async () => {}, flush: async () => {} },
    clock,
    random: Math.random,
  };
  const urls = readSourceUrls(JSON.stringify(sourceUrls));
  const queueOfReplays = makeMemoryQueue<ReplayMessage>();
  const replay = { catalog: makeMemoryCatalog(), runs, queue: queueOfReplays, clock, random: Math.random };
  const deps = {
    plan,
    usersUrl: () => urls.baseUrl(randomUsers),
    letters: dead.letters,
    replay,
    runs,
    clock,
  };
  const lines: Record<string, unknown>[] = [];
  const as = (...groups: string[]) => callArea(deps, routes, groups, (line) => lines.push(JSON.parse(line)));
  const call = as('operators');
  const post = (path: string, body?: unknown) =>
    call(path, {
      method: 'POST',
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return { runs, queue, dead, as, call, post, lines };
};

const fieldsOf = (answer: { json(): { errors?: { field: string }[] } }) =>
  (answer.json().errors ?? []).map(({ field }) => field);

describe('POST /fetch-data', () => {
  it('starts a run of what was asked for, one message a page, and answers 202 with it', async () => {
    const { post, call, queue } = world();
    const { statusCode, json, headers } = await post('/fetch-data', { users: 205, size: 50 });
    const run = json();
    expect({ statusCode, location: headers.Location }).toEqual({ statusCode: 202, location: `/dev/v1/runs/${run.id}` });
    expect(headers['Cache-Control']).toBe('no-store');
    expect(run).toMatchObject({
      kind: 'users',
      source: 'random_users',
      state: 'running',
      asked: { users: 205, size: 50 },
      parts: 5,
    });
    expect(run.lease_until).toBeUndefined();
    expect(queue.sent.map(({ message }) => message.size)).toEqual([50, 50, 50, 50, 5]);
    expect((await call('/fetch-data')).statusCode).toBe(405);
  });

  it('takes no body, and an empty one, for what the schedule would fetch', async () => {
    for (const body of [undefined, '', {}]) {
      const { post, queue } = world();
      const { statusCode, json } = await post('/fetch-data', body);
      expect({ statusCode, asked: json().asked }).toEqual({ statusCode: 202, asked: { users: 250, size: 100 } });
      expect(queue.sent.map(({ message }) => message.size)).toEqual([100, 100, 50]);
    }
  });

  it('says in the log of the function who started it', async () => {
    const { post, lines } = world();
    const { id } = (await post('/fetch-data')).json();
    expect(lines).toContainEqual(expect.objectContaining({ message: 'fetch of users started', run: id, by: '1' }));
    await post(REDRIVE);
    expect(lines).toContainEqual(expect.objectContaining({ message: 'dead letters redriven', redriven: 0, by: '1' }));
  });

  it('answers 409 where users are not collected, and starts nothing', async () => {
    const { post, queue, runs } = world({ random_users: 'none' });
    const { statusCode, json } = await post('/fetch-data', { users: 1 });
    expect({ statusCode, ...json() }).toMatchObject({
      ...{ statusCode: 409, type: expect.stringMatching(/not-collected$/) },
      detail: "'random_users' is not collected here: GRANARY_RANDOM_USERS_URL is 'none'.",
    });
    expect({ sent: queue.sent, ...(await runs.listRuns({ limit: 1 })) }).toEqual({ sent: [], runs: [], next: null });
  });

  it('answers the fetch that is under way instead of starting another', async () => {
    const { post, queue } = world();
    const first = (await post('/fetch-data', { users: 1 })).json();
    const second = await post('/fetch-data', { users: 500 });
    expect({ status: second.statusCode, id: second.json().id, sent: queue.sent.length }).toEqual({
      status: 202,
      id: first.id,
      sent: 1,
    });
  });

  it('refuses what does not fit, naming the field, and starts nothing', async () => {
    const { post, queue, runs } = world();
    for (const [body, field] of [
      [{ users: 0 }, 'users'],
      [{ users: 100_001 }, 'users'],
      [{ users: '5' }, 'users'],
      [{ users: null }, 'users'],
      [{ users: 1.5 }, 'users'],
      [{ users: [5] }, 'users'],
      [{ size: 0 }, 'size'],
      [{ size: 101 }, 'size'],
      [{ size: 'text' }, 'size'],
      [{ size: true }, 'size'],
      [{ pages: 1 }, 'pages'],
      ['{"__proto__":{"users":1}}', '__proto__'],
      // X9
      ['null', 'body'],
      ['0', 'body'],
      ['false', 'body'],
      ['""', 'body'],
      [' null ', 'body'],
      ['[]', 'body'],
      ['5', 'body'],
    ] as const) {
      const answer = await post('/fetch-data', body);
      expect({ body, status: answer.statusCode, fields: fieldsOf(answer) }).toEqual({
        body,
        status: 400,
        fields: [field],
      });
    }
    expect((await post('/fetch-data', '{')).statusCode).toBe(400);
    expect((await post('/fetch-data', 'users=5')).statusCode).toBe(400);
    expect((await post('/fetch-data?users=5')).statusCode).toBe(400);
    const pages = await post('/fetch-data', { users: 1001, size: 1 });
    expect({ status: pages.statusCode, detail: pages.json().detail }).toEqual({
      status: 400,
      detail: expect.stringContaining('1000'),
    });
    expect((await post('/fetch-data', { users: 1, more: 'x'.repeat(2 ** 20) })).statusCode).toBe(413);
    expect({ sent: queue.sent, runs: (await runs.listRuns({ limit: 1 })).runs }).toEqual({ sent: [], runs: [] });
  });
});

const RUN = 'users-20260301t095900-abc123';
const message = (part: number) =>
  JSON.stringify({ type: 'fetch-users', run: RUN, part, size: 100, enqueued_at: new Date(NOW - 60_000).toISOString() });

/** A run whose second page failed for good, and what else lies with its message. */
const withFailures = async () => {
  const made = world();
  const { runs, dead } = made;
  const started_at = new Date(NOW - 60_000).toISOString();
  const lease_until = new Date(NOW + 900_000).toISOString();
  await runs.start(begunRun({ id: RUN, kind: 'users', source: 'random_users', started_at, parts: 2, lease_until }));
  const error = {
    dataset: null,
    url: null,
    message: 'The source answered 500.',
    at: new Date(NOW - 5000).toISOString(),
  };
  await runs.endPart(RUN, { part: 2, counts: { ...NO_COUNTS, errors: 1 }, versions: [], error, receives: 3 }, error.at);
  dead.add('fetch-users', 'a', message(2));
  dead.add('fetch-users', 'b', 'someone@example.org is no message');
  dead.add('collect', 'c', '{}');
  return made;
};

describe('GET /v1/admin/dead-letters', () => {
  it('says what failed, why, when and how often, of one queue or of all', async () => {
    const { call, dead } = await withFailures();
    const { statusCode, json, headers, body } = await call('/v1/admin/dead-letters?queue=fetch-users');
    expect({ statusCode, next: json().next, total: json().total, cache: headers['Cache-Control'] }).toEqual({
      statusCode: 200,
      next: null,
      total: 2,
      cache: 'no-store',
    });
    const letter = json().items.find(({ id }: { id: string }) => id === 'a');
    expect(letter).toMatchObject({
      queue: 'fetch-users',
      run: RUN,
      part: 2,
      message: { type: 'fetch-users', run: RUN, part: 2, size: 100 },
      reason: 'The source answered 500.',
      failed_at: new Date(NOW - 5000).toISOString(),
    });
    expect(json().items.find(({ id }: { id: string }) => id === 'b')).toMatchObject({ run: null, message: null });
    expect(body).not.toContain('example.org');
    expect((await call('/v1/admin/dead-letters')).json()).toMatchObject({ total: 3, items: { length: 3 } });
    expect((await call('/v1/admin/dead-letters?limit=1')).json().items).toHaveLength(1);
    expect(dead.hidden).toEqual(new Set());
  });

  it('is an empty list when nothing failed, and refuses what does not fit', async () => {
    const { call } = world();
    expect((await call('/v1/admin/dead-letters')).json()).toEqual({ items: [], next: null, total: 0 });
    for (const query of ['queue=other', 'queue=', 'limit=0', 'limit=501', 'cursor=x', '__proto__=1'])
      expect({ query, status: (await call(`/v1/admin/dead-letters?${query}`)).statusCode }).toEqual({
        query,
        status: 400,
      });
  });
});

describe('POST /v1/admin/dead-letters/redrive', () => {
  it('sends all back without a body, and says how many are left', async () => {
    const { post, dead } = await withFailures();
    const { statusCode, json } = await post(REDRIVE);
    expect({
      statusCode,
      ids: json()
        .redriven.map(({ id }: { id: string }) => id)
        .sort(),
    }).toEqual({
      statusCode: 200,
      ids: ['a', 'b', 'c'],
    });
    expect(json()).toMatchObject({ not_found: [], left: 0 });
    expect(dead.sent.map(({ id, queue }) => `${queue}: ${id}`).sort()).toEqual([
      'collect: c',
      'fetch-users: a',
      'fetch-users: b',
    ]);
  });

  it('sends those of one queue, or those that are named, and says which were not found', async () => {
    const { post, dead } = await withFailures();
    const answer = (await post(REDRIVE, { ids: ['a', 'nowhere'], per_second: 100 })).json();
    expect(answer).toMatchObject({ redriven: [{ id: 'a', queue: 'fetch-users' }], not_found: ['nowhere'], left: 2 });
    await post(REDRIVE, { queue: 'collect' });
    expect(dead.sent.map(({ id }) => id)).toEqual(['a', 'c']);
  });

  it('sends no more than its limit, spread over time', async () => {
    const { post, dead } = world();
    for (let n = 1; n <= 12; n++) dead.add('fetch-users', `m${n}`, message(n));
    expect((await post(REDRIVE, { limit: 11, per_second: 1 })).json()).toMatchObject({ left: 1 });
    const delays = dead.sent.map(({ delay_s }) => delay_s).sort((one, other) => one - other);
    expect(delays).toHaveLength(11);
    expect(delays.at(-1)! - delays[0]!).toBeGreaterThanOrEqual(9);
  });

  it('refuses a megabyte of ids in few words', async () => {
    const { post } = await withFailures();
    const answer = await post(REDRIVE, { ids: Array(200_000).fill('') });
    expect(answer.statusCode).toBe(400);
    expect(answer.body.length).toBeLessThan(10_000);
  });

  it('refuses what does not fit, naming the field, and sends nothing', async () => {
    const { post, dead } = await withFailures();
    for (const [body, field] of [
      [{ queue: 'other' }, 'queue'],
      [{ ids: [] }, 'ids'],
      [{ ids: 'a' }, 'ids'],
      [{ ids: [1] }, 'ids.0'],
      [{ ids: [''] }, 'ids.0'],
      [{ ids: ['x'.repeat(129)] }, 'ids.0'],
      [{ ids: Array(501).fill('a') }, 'ids'],
      [{ per_second: 0 }, 'per_second'],
      [{ per_second: 101 }, 'per_second'],
      [{ per_second: '10' }, 'per_second'],
      [{ limit: 0 }, 'limit'],
      [{ all: true }, 'all'],
      ['[]', 'body'],
    ] as const) {
      const answer = await post(REDRIVE, body);
      expect({ body, status: answer.statusCode, fields: fieldsOf(answer) }).toEqual({
        body,
        status: 400,
        fields: [field],
      });
    }
    expect(dead.sent).toEqual([]);
  });
});

describe('who may operate', () => {
  const ROUTES = [
    ['POST', '/fetch-data'],
    ['GET', '/v1/admin/dead-letters'],
    ['HEAD', '/v1/admin/dead-letters'],
    ['POST', REDRIVE],
  ] as const;

  it.each(ROUTES)('%s %s is for operators: 403 for all others, before anything is looked at', async (method, path) => {
    const { as, queue } = world();
    for (const groups of [[], ['readers'], ['analysts'], ['readers', 'analysts']]) {
      const answer = await as(...groups)(path, { method, body: method === 'POST' ? '{"unknown":1}' : undefined });
      expect({ groups, status: answer.statusCode, type: answer.headers['Content-Type'] }).toEqual({
        groups,
        status: 403,
        type: 'application/problem+json',
      });
    }
    expect(queue.sent).toEqual([]);
  });

  it('is said by every endpoint of the area', () => {
    for (const { endpoint } of routes) expect([endpoint.auth, endpoint.groups]).toEqual(['cognito', ['operators']]);
  });
});
