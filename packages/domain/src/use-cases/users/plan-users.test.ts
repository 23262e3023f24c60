import { describe, expect, it } from '@jest/globals';
import { InvalidRequest } from '../../errors.ts';
import { FetchUsersMessage } from '../../messages/fetch-users.ts';
import type { SourceState } from '../../source-revision.ts';
import { Died, makeDying } from '../testing/dying.ts';
import { planUsers } from './plan-users.ts';
import { makeUsersWorld } from './testing/users-world.ts';
import { workOnUsersPage } from './work-on-users-page.ts';

const first = { receive_count: 1, receipt_handle: 'receipt', memory_gb: 1 };

describe('Planning a fetch of users', () => {
  it('starts a run and enqueues a message for each page, the last for the remainder', async () => {
    const world = makeUsersWorld();
    const { run, started } = await planUsers(world)({});
    expect(started).toBe(true);
    expect(run).toMatchObject({ kind: 'users', source: 'random_users', parts: 3, asked: { users: 250, size: 100 } });
    const messages = world.queue.sent.map(({ message }) => FetchUsersMessage.parse(message));
    expect(messages.map(({ run: id, part, size }) => [id, part, size])).toEqual([
      [run!.id, 1, 100],
      [run!.id, 2, 100],
      [run!.id, 3, 50],
    ]);
    expect(world.runLog.lines).toMatchObject([{ run: run!.id, message: 'Run started', users: 250, pages: 3 }]);
  });

  it('does nothing before it is due again, unless it is told to', async () => {
    const world = makeUsersWorld();
    await planUsers(world)({ users: 1 });
    await workOnUsersPage(world)(world.queue.sent[0]!.message, first);
    world.pass(3_600_000);
    expect(await planUsers(world)({})).toEqual({ run: null, started: false });
    const forced = await planUsers(world)({ force: true, users: 7, size: 3 });
    expect(forced).toMatchObject({ started: true, run: { parts: 3 } });
    expect(world.queue.sent.slice(1).map(({ message }) => message.size)).toEqual([3, 3, 1]);
  });

  it('does nothing while the source is paused, even if it is told to', async () => {
    const world = makeUsersWorld();
    const edit = (revision: number, state: SourceState) =>
      world.edits.editSource({
        ...{ source: 'random_users', revision, state, change: 'paused', configuration: null },
        ...{ edited_at: '2026-11-20T08:00:00.000Z', edited_by: 'operator' },
      });
    await edit(1, 'paused');
    for (const force of [false, true])
      expect(await planUsers(world)({ force })).toEqual({ run: null, started: false, paused: true });
    await edit(2, 'active');
    expect(await planUsers(world)({})).toMatchObject({ started: true });
  });

  it('gives the run that goes on instead of starting another', async () => {
    const world = makeUsersWorld();
    const { run } = await planUsers(world)({ force: true });
    expect(await planUsers(world)({ force: true, users: 5 })).toMatchObject({ started: false, run: { id: run!.id } });
    expect(world.queue.sent).toHaveLength(3);
  });

  it('sends no page twice when two plan at the same moment', async () => {
    const world = makeUsersWorld();
    let second: Promise<unknown> | undefined;
    const send: typeof world.queue.send = async (messages) => {
      second ??= planUsers(world)({ force: true });
      await second;
      await world.queue.send(messages);
    };
    const { run } = await planUsers({ ...world, queue: { send } })({ force: true });
    expect(await second).toMatchObject({ started: false, run: { id: run!.id } });
    expect(world.queue.sent.map(({ message }) => message.part)).toEqual([1, 2, 3]);
    expect(await world.runs.lastStart('random_users')).toMatchObject({ sent: true });
  });

  it.each([
    [{ users: 0 }, 'users'],
    [{ users: 1.5 }, 'users'],
    [{ users: 100_001 }, 'users'],
    [{ users: 1001, size: 1 }, 'users'],
    [{ size: 0 }, 'size'],
    [{ size: 101 }, 'size'],
    [{ size: 'ten' as never }, 'size'],
  ])('refuses what cannot be fetched: %j', async (input, field) => {
    const world = makeUsersWorld();
    const error = await planUsers(world)({ force: true, ...input }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidRequest);
    expect((error as InvalidRequest).fields).toMatchObject([{ field }]);
    expect(world.queue.sent).toEqual([]);
  });

  it.each(['before', 'after'] as const)('goes on where a planner died, %s any single write', async (when) => {
    for (let n = 1; n <= 4; n++) {
      const world = makeUsersWorld();
      const { dying } = makeDying(n, when);
      const mortal = { ...world, runs: dying(world.runs), queue: dying(world.queue) };
      const died = await planUsers(mortal)({}).then(
        () => false,
        (error) => error instanceof Died,
      );
      expect({ n, died }).toEqual({ n, died: n <= 3 });
      world.pass(300_000);
      await planUsers(world)({ users: 1 });
      const asked = n === 1 && when === 'before' ? [1] : [100, 100, 50];
      expect(new Set(world.queue.sent.map(({ message }) => message.run)).size).toBe(1);
      for (const { message } of [...world.queue.sent]) await workOnUsersPage(world)(message, first);
      const { runs } = await world.runs.listRuns({ limit: 10 });
      expect(runs).toMatchObject([{ state: 'succeeded', parts_done: asked.length }]);
      expect(runs[0]!.users!.new).toBe(asked.reduce((sum, size) => sum + size, 0));
    }
  });
});
