import type { Run } from '@granary/domain/run';
import { planUsers } from '@granary/domain/use-cases/users/plan-users';
import { startReplica } from '@granary/replica/replica';
import { makeBodyFetcher } from '@granary/stores/body-fetcher';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { planUsersDeps } from './deps.ts';
import { readKeptPage } from './testing/kept-pages.ts';
import { expectNothingPersonal } from './testing/personal-data.ts';
import { type GivenUser, type Reply, startUsersSource, type UsersTestSource } from './testing/users-source.ts';
import { startUsersStack, type UsersStack } from './testing/users-stack.ts';

// Twenty pages through emulators, on a machine that may be busy.
jest.setTimeout(90_000);

/** The first user of a page, changed; the others are as they were. */
const withFirst =
  (change: (user: GivenUser) => object) =>
  (body: string): Reply => {
    const [first, ...others] = JSON.parse(body) as GivenUser[];
    return { body: JSON.stringify([change(first!), ...others]) };
  };

/** Pages that are taken but for one user, and what is said of it. */
const QUARANTINED: readonly { what: string; field: RegExp; reply: (body: string) => Reply }[] = [
  { what: 'without id', field: /^id/, reply: withFirst(({ id: _, ...user }) => user) },
  { what: 'without last_name', field: /^last_name/, reply: withFirst(({ last_name: _, ...user }) => user) },
  { what: 'with an id of 2^53', field: /^id/, reply: withFirst((user) => ({ ...user, id: 2 ** 53 })) },
  {
    what: 'whose coordinates are text',
    field: /coordinates/,
    reply: withFirst((user) => ({
      ...user,
      address: { ...(user.address as object), coordinates: { lat: 'north', lng: 'west' } },
    })),
  },
];

/** Pages that cannot be taken at all, and what the run says of them. */
const FAILED: readonly { what: string; reason: RegExp; reply: (body: string) => Reply }[] = [
  {
    what: 'is a body of 5 MB',
    reason: /larger/,
    reply: (body) => ({ body: JSON.stringify([{ ...JSON.parse(body)[0], avatar: 'x'.repeat(5 << 20) }]) }),
  },
  { what: 'is HTML', reason: /HTML|JSON/i, reply: () => ({ body: '<!doctype html><h1>Sorry</h1>' }) },
  { what: 'never comes', reason: /in time|within|took longer|no answer/i, reply: () => 'hang' },
  { what: 'is a 404', reason: /404/, reply: () => ({ status: 404, body: 'Not here' }) },
  {
    what: 'is an error with status 200',
    reason: /Maximum allowed|error/i,
    reply: () => ({ body: '{"message":"Maximum allowed size is 100"}' }),
  },
  { what: 'is cut', reason: /cut|JSON|closed|end/i, reply: (body) => ({ cut_at: body.length >> 1 }) },
];

/** Sizes that no message may have. */
const SIZES = [0, 101, 'ten'];
/** Messages that are none. */
const POISON = ['this is { not json', '{"type":"fetch-users","run":"UPPER","part":0}', ''];

/**
 * Pages in order: well ones of one and of two users first, then so. Each asks for as many users as its number, by which
 * it is known.
 */
const FIRST_QUARANTINED = 3;
const FIRST_FAILED = FIRST_QUARANTINED + QUARANTINED.length;
const FIRST_SIZE = FIRST_FAILED + FAILED.length;
const PAGES = FIRST_SIZE + SIZES.length - 1;

/**
 * The run as if it had asked for the size of this message: no run has pages of many sizes, and a message of another
 * size is not believed.
 */
const asksFor = (run: Run | undefined, body: string): Run | undefined => {
  const { part, size } = JSON.parse(body) as { part: number; size: number };
  return run && { ...run, asked: { size, users: part * size } };
};

let replica: Awaited<ReturnType<typeof startReplica>>;
let source: UsersTestSource;
let stack: UsersStack;
let run: Awaited<ReturnType<UsersStack['runOf']>>;
let dead: Awaited<ReturnType<UsersStack['deadLetters']>>['items'];

beforeAll(async () => {
  replica = await startReplica({ port: 0 });
  source = await startUsersSource(replica.bases.users);
  stack = await startUsersStack(source.url);
  source.answerBy(({ size, body }) =>
    (QUARANTINED[size - FIRST_QUARANTINED] ?? FAILED[size - FIRST_FAILED])?.reply(body),
  );
  for (const body of POISON.filter((text) => text !== '')) await stack.sendBody(body);

  const deps = planUsersDeps()!;
  const send: typeof deps.queue.send = (messages) =>
    deps.queue.send(
      messages.map((message) => ({ ...message, size: (SIZES[message.part - FIRST_SIZE] ?? message.part) as number })),
    );
  const planned = await planUsers({ ...deps, queue: { ...deps.queue, send } })({
    force: true,
    users: PAGES * 100,
    size: 100,
  });
  const fetchBody = makeBodyFetcher({ origins: [source.url], total_ms: 1500 });
  const { runs } = stack.deps;
  await stack.workUntil(
    async () => (await stack.runOf(planned.run!.id)).state !== 'running' && (await stack.drained()),
    {
      overrides: (body) => ({
        fetchBody,
        runs: { ...runs, getRun: async (id) => asksFor(await runs.getRun(id), body) },
      }),
    },
  );
  await fetchBody.close();
  run = await stack.runOf(planned.run!.id);
  dead = (await stack.deadLetters()).items;
});
afterAll(async () => {
  await stack?.stop();
  await source?.close();
  await replica?.close();
});

const failureOf = async (part: number) => (await stack.runs.failuresOf(run.id, [part]))[0]!;

describe('A run in which much goes wrong', () => {
  it('ends, and says of each page what became of it', () => {
    expect(run).toMatchObject({ state: 'partial', parts: PAGES, parts_done: PAGES });
    expect(run.counts.errors).toBe(FAILED.length + SIZES.length);
    expect(run.counts.rows_quarantined).toBe(QUARANTINED.length);
    const { rows_read, rows_published, rows_quarantined, rows_deduplicated } = run.counts;
    expect(rows_published + rows_quarantined + rows_deduplicated).toBe(rows_read);
    // One user alone, two, and as many as the number of each page of which one was quarantined.
    expect(rows_read).toBe(1 + 2 + QUARANTINED.reduce((sum, _, index) => sum + FIRST_QUARANTINED + index, 0));
    expect(run.users!.new + run.users!.overwritten).toBe(rows_published);
  });

  it.each(QUARANTINED.map((page, index) => ({ ...page, part: FIRST_QUARANTINED + index })))(
    'quarantines a user $what, and takes the others of its page',
    async ({ part, field }) => {
      const page = await readKeptPage(stack, run.id, part);
      expect(page.users).toHaveLength(part - 1);
      expect(page.misfits).toEqual([
        expect.objectContaining({ index: 1, field: expect.stringMatching(field), reason: expect.any(String) }),
      ]);
      expect(JSON.stringify(page.misfits)).not.toContain(`"password":"${source.given[0]!.password}`);
    },
  );

  it.each(FAILED.map((page, index) => ({ ...page, part: FIRST_FAILED + index })))(
    'fails a page that $what, with the reason, and leaves it in the dead letters',
    async ({ part, reason }) => {
      expect((await failureOf(part)).error.message).toMatch(reason);
      expect(dead.map((letter) => letter.part)).toContain(part);
    },
  );

  it.each(SIZES.map((size, index) => ({ size, part: FIRST_SIZE + index })))(
    'takes no message that asks for a page of $size users',
    async ({ part }) => {
      expect((await failureOf(part)).error.message).toContain('could not be read');
      expect(dead.map((letter) => letter.part)).toContain(part);
    },
  );

  it('leaves messages that are none in the dead letters, and shows nothing of what they say', () => {
    const poison = dead.filter(({ message }) => message === null);
    expect(dead).toHaveLength(FAILED.length + SIZES.length + POISON.length - 1);
    expect(JSON.stringify(poison)).not.toContain('not json');
  });

  it('leaves nothing personal behind', () => expectNothingPersonal(stack, source.given));
});

describe('An operator who asks for what there is not', () => {
  it.each([{ users: 0 }, { users: 100_001 }, { size: 0 }, { size: 101 }, { size: 'ten' }, { users: 1.5 }])(
    'is refused: %j',
    async (input) => {
      await expect(stack.plan({ force: true, ...input })).rejects.toThrow(/users|size/);
    },
  );
});
