import { begunRun, NO_COUNTS, type Run } from '@granary/domain/run';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { routes } from './catalog.ts';

const START = Date.parse('2026-03-01T10:00:00.000Z');
const at = (s: number) => new Date(START + s * 1000).toISOString();
const LATER = at(86_400);

const users = (n: number, parts: number): Run =>
  begunRun({
    id: `users-${n}`,
    kind: 'users',
    source: 'random_users',
    started_at: at(n * 100),
    parts,
    lease_until: LATER,
    asked: { users: 150, size: 100 },
  });

/** A stack of its own: runs of users in a store, and the area over it. */
const world = () => {
  const runs = makeMemoryRunStore();
  return { runs, call: callArea({ catalog: makeMemoryCatalog(), runs }, routes) };
};

/** A page that worked, and one that never did. */
const endBoth = async (runs: ReturnType<typeof makeMemoryRunStore>, id: string) => {
  const counts = { ...NO_COUNTS, requests: 1, rows_read: 100, rows_published: 97, rows_quarantined: 3 };
  await runs.endPart(id, { part: 1, counts, versions: [], users: { new: 90, overwritten: 7, failed: 0 } }, at(110));
  const error = {
    dataset: null,
    url: 'https://users.test/api/v2/users?size=50',
    message: 'The source answered 500.',
    at: at(112),
    answer: { host: 'users.test', status: 500, content: 'Internal Server Error' },
  };
  const failed = { ...NO_COUNTS, requests: 3, errors: 1 };
  await runs.endPart(id, { part: 2, counts: failed, versions: [], error, receives: 3 }, at(112.5));
};

describe('GET /status', () => {
  it('is null before the first fetch has ended, whatever else was collected', async () => {
    const { runs, call } = world();
    const answer = async () => {
      const { statusCode, body, headers } = await call('/status');
      return { statusCode, body, type: headers['Content-Type'], link: headers.Link };
    };
    const nothing = { statusCode: 200, body: 'null', type: 'application/json', link: undefined };
    expect(await answer()).toEqual(nothing);
    await runs.start(begunRun({ ...users(1, 1), id: 'collect-1', kind: 'collect', source: 'embrapa' }));
    await runs.endPart('collect-1', { part: 1, counts: NO_COUNTS, versions: [] }, at(5));
    await runs.start(users(1, 2));
    expect(await answer()).toEqual(nothing);
  });

  it('tells what was written, what was called and what failed, and stays at the last one while the next is under way', async () => {
    const { runs, call } = world();
    await runs.start(users(1, 2));
    await endBoth(runs, 'users-1');
    await runs.start(users(2, 2));
    const { json, headers } = await call('/status');
    expect(json()).toEqual({
      users: 97,
      api_calls: 4,
      errors: [
        {
          host: 'users.test',
          message: 'The source answered 500.',
          response: 500,
          response_content: 'Internal Server Error',
        },
      ],
      timestamp: START + 112_500,
      duration: 12.5,
    });
    expect(headers.Link).toBe('</dev/v1/runs/users-1>; rel="describedby"');
  });

  it('names the host of the address where nothing was answered', async () => {
    const { runs, call } = world();
    await runs.start(users(1, 2));
    const ended = { counts: NO_COUNTS, versions: [], receives: 3 };
    const error = { dataset: null, message: 'No answer.', at: at(101) };
    await runs.endPart('users-1', { ...ended, part: 1, error: { ...error, url: 'http://users.test:8080/x' } }, at(101));
    await runs.endPart('users-1', { ...ended, part: 2, error: { ...error, url: null } }, at(102));
    const { errors } = (await call('/status')).json();
    expect(
      errors.map(({ host, response, response_content }: Record<string, unknown>) => [host, response, response_content]),
    ).toEqual([
      ['users.test:8080', null, null],
      [null, null, null],
    ]);
  });

  it('finds the last one behind any number that are not', async () => {
    const ended = { ...users(1, 1), state: 'succeeded' as const, ended_at: at(120), duration_s: 20 };
    const pages = [
      [users(4, 1), users(3, 1)],
      [users(2, 1), ended],
    ];
    const runs = {
      getRun: async () => undefined,
      listRuns: async ({ kind, before = '0' }: { kind?: string; before?: string }) => {
        expect(kind).toBe('users');
        return { runs: pages[Number(before)] ?? [], next: before === '0' ? '1' : null };
      },
    };
    const call = callArea({ catalog: makeMemoryCatalog(), runs }, routes as never);
    expect((await call('/status')).json()).toMatchObject({ users: 0, duration: 20 });
  });

  it('takes no parameter', async () => {
    expect((await world().call('/status?of=1')).statusCode).toBe(400);
  });
});

describe('a run of users', () => {
  it('shows what was asked for, what became of the users, and what the source answered', async () => {
    const { runs, call } = world();
    await runs.start(begunRun({ ...users(1, 1), id: 'collect-1', kind: 'collect', source: 'embrapa' }));
    await runs.start(users(1, 2));
    await endBoth(runs, 'users-1');
    const run = (await call('/v1/runs/users-1')).json();
    expect(run).toMatchObject({
      id: 'users-1',
      kind: 'users',
      state: 'partial',
      asked: { users: 150, size: 100 },
      users: { new: 90, overwritten: 7, failed: 0 },
      counts: { requests: 4, rows_read: 100, rows_published: 97, rows_quarantined: 3, errors: 1 },
      errors: [{ part: 2, answer: { host: 'users.test', status: 500, content: 'Internal Server Error' } }],
    });
    expect(run.lease_until).toBeUndefined();
    const { items } = (await call('/v1/runs?kind=users')).json();
    expect(items).toEqual([run]);
  });
});
