import { describe, expect, it } from '@jest/globals';
import { SourceThrottled, SourceUnavailable } from '../../errors.ts';
import type { FetchUsersMessage } from '../../messages/fetch-users.ts';
import { userPageKey } from '../../rules/keys.ts';
import { announceLeft } from '../runs/announce-ended.ts';
import { makeDying } from '../testing/dying.ts';
import { gated, interleave } from '../testing/interleave.ts';
import { seeded } from '../testing/world.ts';
import { openPage } from './kept-page.ts';
import { makeUsersWorld, type UsersWorld } from './testing/users-world.ts';
import { type WorkedOnUsers, workOnUsersPage } from './work-on-users-page.ts';

const receipt_handle = 'receipt';

type Wrap = <Store extends object>(store: Store) => Store;
/** `wrap` is around every store that one worker uses. */
const seenBy = (world: UsersWorld, wrap: Wrap): UsersWorld => ({
  ...world,
  runs: wrap(world.runs),
  users: wrap(world.users),
  pages: wrap(world.pages),
  budget: wrap(world.budget),
  queue: wrap(world.queue),
  runLog: { ...world.runLog, status: wrap({ status: world.runLog.status }).status },
  changeVisibility: wrap({ changeVisibility: world.changeVisibility }).changeVisibility,
});

/** Every page counts once, with just those users that it was kept with, and all of them are stored. */
const expectWhole = async (world: UsersWorld, messages: readonly FetchUsersMessage[], note: object) => {
  const run = (await world.runs.getRun(messages[0]!.run))!;
  const kept = await Promise.all(
    messages.map(async (message) =>
      openPage(world.vault, message, (await world.pages.get(userPageKey(message.run, message.part)))!),
    ),
  );
  const users = kept.flatMap((page) => page.users.map(({ user }) => user.id)).sort((a, b) => a - b);
  const stored = (await world.users.list({ limit: 10_000 })).users.map(({ user }) => user.id).sort((a, b) => a - b);
  expect({ ...note, stored }).toEqual({ ...note, stored: users });
  expect({
    ...note,
    state: run.state,
    done: run.parts_done,
    users: run.users,
    rows: run.counts.rows_published,
  }).toEqual({
    ...note,
    state: 'succeeded',
    done: messages.length,
    users: { new: users.length, overwritten: 0, failed: 0 },
    rows: users.length,
  });
};

describe('A worker that dies', () => {
  const countWrites = async (): Promise<number> => {
    const world = makeUsersWorld();
    const { messages } = await world.startRun('run-1');
    const { dying, writes } = makeDying(Number.POSITIVE_INFINITY, 'before');
    await workOnUsersPage(seenBy(world, dying))(messages[0]!, { receive_count: 1, receipt_handle, memory_gb: 1 });
    return writes();
  };

  it.each(['before', 'after'] as const)('%s any single write loses nothing, and nothing counts twice', async (when) => {
    const total = await countWrites();
    expect(total).toBeGreaterThanOrEqual(8);
    for (let n = 1; n <= total; n++) {
      const world = makeUsersWorld();
      const { messages } = await world.startRun('run-1', { parts: 1 });
      const { dying } = makeDying(n, when);
      await workOnUsersPage(seenBy(world, dying))(messages[0]!, {
        receive_count: 1,
        receipt_handle,
        memory_gb: 1,
      }).catch(() => {});
      await workOnUsersPage(world)(messages[0]!, { receive_count: 2, receipt_handle, memory_gb: 1 });
      await expectWhole(world, messages, { n });
      world.pass(180_000);
      await announceLeft(world)();
      // Only one who dies between the event and the note that it was written leaves two.
      expect(world.runLog.events.length).toBeGreaterThanOrEqual(1);
      expect(world.runLog.events.length).toBeLessThanOrEqual(2);
    }
  });
});

describe('Two deliveries of the same page at once', () => {
  it('keep the page of the first and count once, in any order', async () => {
    for (let seed = 1; seed <= 150; seed++) {
      const world = makeUsersWorld({ seed });
      const { messages } = await world.startRun('run-1', { parts: 2 });
      const deliveries = [messages[0]!, messages[0]!, messages[1]!, messages[1]!];
      const ended = await interleave(
        deliveries.map(
          (message, worker) => (gate) =>
            workOnUsersPage(seenBy(world, (store) => gated(store, gate)))(message, {
              receive_count: (worker % 2) + 1,
              receipt_handle,
              memory_gb: 1,
            }),
        ),
        seeded(seed),
      );
      expect({ seed, ended: ended.map(({ status }) => status) }).toEqual({ seed, ended: Array(4).fill('fulfilled') });
      await expectWhole(world, messages, { seed });
      expect((await world.runs.getRun('run-1'))!.counts.requests).toBe(world.asked.length);
      expect(world.runLog.events).toHaveLength(1);
    }
  });
});

describe('A run among faults and deaths', () => {
  /** A queue as SQS is one: in any order, some messages twice, three receives, then the dead letters. */
  const workAll = async (
    world: UsersWorld,
    messages: readonly FetchUsersMessage[],
    random: () => number,
    faults: boolean,
  ) => {
    const queue = messages.map((message) => ({ message, receives: 0 }));
    const dead: FetchUsersMessage[] = [];
    for (let rounds = 0; queue.length > 0; rounds++) {
      expect(rounds).toBeLessThan(1000);
      const batch = queue.splice(0, 3).map((entry) => ({ ...entry, receives: entry.receives + 1 }));
      const sent = world.queue.sent.length;
      const ended = await interleave(
        batch.map(({ message, receives }) => (gate) => {
          const dies = faults && random() < 0.2;
          const { dying } = makeDying(
            dies ? 1 + Math.floor(random() * 9) : Number.POSITIVE_INFINITY,
            random() < 0.5 ? 'before' : 'after',
          );
          if (faults && random() < 0.3) {
            const wait = new SourceThrottled('429', world.clock() + 1000, 'users.test');
            world.api.failures.push(random() < 0.3 ? wait : new SourceUnavailable('500'));
          }
          return workOnUsersPage(seenBy(world, (store) => dying(gated(store, gate))))(message, {
            receive_count: receives,
            receipt_handle,
            memory_gb: 1,
          });
        }),
        random,
      );
      for (const [index, result] of ended.entries()) {
        const entry = batch[index]!;
        const stays = result.status === 'rejected' || (result.value as WorkedOnUsers).decision === 'retry';
        const again = stays || (faults && random() < 0.1);
        if (!again) continue;
        if (entry.receives < 3) queue.push(entry);
        else if (stays) dead.push(entry.message);
      }
      queue.push(...world.queue.sent.slice(sent).map(({ message }) => ({ message, receives: 0 })));
      world.pass(2000);
      if (random() < 0.5) queue.reverse();
    }
    return dead;
  };

  it('accounts for every page, and is whole once the dead letters were redriven', async () => {
    let letters = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const random = seeded(seed);
      const world = makeUsersWorld({ seed });
      world.pace = { requests_per_minute: 60_000, burst: 100 };
      const { messages } = await world.startRun('run-1', { parts: 12 });
      const dead = await workAll(world, messages, random, true);
      world.api.failures.length = 0;
      const failures = await world.runs.failuresOf(
        'run-1',
        messages.map(({ part }) => part),
      );
      letters += dead.length;
      const deadParts = new Set(dead.map(({ part }) => part));
      // A message that died at its last receive could not say so; every failure that was said is a dead letter, or was
      // mended.
      for (const { part } of failures)
        expect({ seed, part, dead: deadParts.has(part) }).toEqual({ seed, part, dead: true });
      expect(await workAll(world, dead, random, false)).toEqual([]);
      await world.runs.settle('run-1', new Date(world.clock()).toISOString());
      await expectWhole(world, messages, { seed });
    }
    expect(letters).toBeGreaterThan(10);
  });
});
