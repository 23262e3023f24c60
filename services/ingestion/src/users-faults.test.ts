import { userPageKey } from '@granary/domain/rules/keys';
import { startReplica } from '@granary/replica/replica';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { expectNothingPersonal } from './testing/personal-data.ts';
import { failing, startUsersSource, type UsersTestSource } from './testing/users-source.ts';
import { startUsersStack, type UsersStack } from './testing/users-stack.ts';

// 200 pages through emulators, on a machine that may be busy.
jest.setTimeout(120_000);

const PAGES = 200;
const SIZE = 20;
const SEED = Number(process.env.GRANARY_TEST_SEED ?? 20_261_120);

let replica: Awaited<ReturnType<typeof startReplica>>;
let source: UsersTestSource;
let stack: UsersStack;
let run: Awaited<ReturnType<UsersStack['fetch']>>;
let failed: number[];

beforeAll(async () => {
  replica = await startReplica({ port: 0 });
  source = await startUsersSource(replica.bases.users);
  stack = await startUsersStack(source.url);
  source.answerBy(failing(0.4, SEED));
  run = await stack.fetch({ users: PAGES * SIZE, size: SIZE }, { timeout_ms: 100_000 });
  await stack.workUntil(stack.drained);
  const parts = Array.from({ length: PAGES }, (_, index) => index + 1);
  failed = (await stack.runs.failuresOf(run.id, parts)).map(({ part }) => part);
});
afterAll(async () => {
  await stack?.stop();
  await source?.close();
  await replica?.close();
});

const inOrder = (numbers: readonly (number | null | undefined)[]) => [...numbers].sort((a, b) => Number(a) - Number(b));

describe(`200 pages of a source of which 40 % of the answers fail (seed ${SEED})`, () => {
  it('end, accounted for page by page and user by user', async () => {
    expect(run).toMatchObject({ state: 'partial', parts: PAGES, parts_done: PAGES });
    expect(failed.length).toBeGreaterThan(0);
    expect(run.counts.errors).toBe(failed.length);
    const { rows_read, rows_published, rows_quarantined, rows_deduplicated, requests } = run.counts;
    expect(rows_read).toBe((PAGES - failed.length) * SIZE);
    expect(rows_published + rows_quarantined + rows_deduplicated).toBe(rows_read);
    expect(run.users).toMatchObject({ failed: 0 });
    expect(run.users!.new + run.users!.overwritten).toBe(rows_published);
    expect(await stack.itemsOf('users')).toHaveLength(run.users!.new);
    expect(requests).toBe(source.requests());
  });

  it('keep each page that worked, and no other', async () => {
    const kept = await stack.objects.list(`raw/users/${run.id}/`);
    const worked = Array.from({ length: PAGES }, (_, index) => index + 1).filter((page) => !failed.includes(page));
    expect([...kept].sort()).toEqual(worked.map((page) => userPageKey(run.id, page)).sort());
  });

  it('leave exactly the pages that never worked in the dead letters, each with its reason', async () => {
    const { items, total } = await stack.deadLetters();
    expect(total).toBe(failed.length);
    expect(inOrder(items.map(({ part }) => part))).toEqual(inOrder(failed));
    for (const item of items)
      expect(item).toMatchObject({ run: run.id, queue: 'fetch-users', reason: expect.any(String) });
  });

  it('are told in three streams: lines, errors, and once that the run has ended', async () => {
    expect(await stack.events('Status')).toEqual([
      expect.objectContaining({
        run: run.id,
        state: 'partial',
        users: run.users!.new + run.users!.overwritten,
        api_calls: run.counts.requests,
        errors: failed.length,
      }),
    ]);
    const [info, errors] = [await stack.events('Info'), await stack.events('Error')];
    expect(info.length).toBeGreaterThan(0);
    expect(errors.length).toBeGreaterThanOrEqual(failed.length);
    expect([...info, ...errors].every((event) => event.run === run.id)).toBe(true);
    const objects = await stack.objects.list(`logs/`);
    const lines = await Promise.all(objects.map((key) => stack.objects.get(key)));
    const stored = lines.flatMap((bytes) => new TextDecoder().decode(bytes).trimEnd().split('\n'));
    expect(stored.length).toBe(info.length + errors.length);
  });

  it('leave nothing personal in any line, object, event, message or item of the run', async () => {
    await expectNothingPersonal(stack, source.given);
  });

  it('are all there once the source is well and the dead letters were sent again', async () => {
    source.answerBy(() => undefined);
    const { redriven } = await stack.redrive();
    expect(redriven).toHaveLength(failed.length);
    await stack.workUntil(async () => (await stack.runOf(run.id)).state === 'succeeded' && (await stack.drained()));
    const after = await stack.runOf(run.id);
    expect(after).toMatchObject({ state: 'succeeded', errors: [], counts: { errors: 0, rows_read: PAGES * SIZE } });
    expect(after.users!.new + after.users!.overwritten).toBe(after.counts.rows_published);
    expect(after.counts.requests).toBe(source.requests());
    expect(await stack.itemsOf('users')).toHaveLength(after.users!.new);
    expect(await stack.deadLetters()).toMatchObject({ items: [], total: 0 });
    expect(await stack.objects.list(`raw/users/${run.id}/`)).toHaveLength(PAGES);
    await expectNothingPersonal(stack, source.given);
  });
});
