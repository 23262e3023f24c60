import { describe, expect, it } from '@jest/globals';
import { MessageNotBelieved } from '../../errors.ts';
import type { CollectMessage } from '../../messages/collect.ts';
import type { FetchUsersMessage } from '../../messages/fetch-users.ts';
import { rejectMessage } from '../dead-letters/reject-message.ts';
import { message } from '../testing/figures-source.ts';
import { makeWorld } from '../testing/world.ts';
import { makeUsersWorld } from '../users/testing/users-world.ts';
import { workOnUsersPage } from '../users/work-on-users-page.ts';
import { workOnPart } from './work-on-part.ts';

const delivery = (receive_count: number) => ({ receive_count, receipt_handle: 'receipt', memory_gb: 1 });

describe('A collect message', () => {
  const own = message('run-1').resource;
  const forged: [string, Partial<CollectMessage>][] = [
    ['names another file for its dataset', { resource: { ...own, url: 'http://figures.test/juice.csv' } }],
    ['names another host', { resource: { ...own, url: 'http://evil.test/wine.csv' } }],
    ['names the dataset of another part', { resource: message('run-1', 2).resource }],
    ['names a dataset that there is not', { resource: { ...own, dataset: 'test_beer' } }],
    ['adds a hint', { resource: { ...own, hints: { kind: 'other' } } }],
    ['is of a part that its run has not', { part: 3 }],
    ['is of a run that there is not', { run: 'run-9' }],
    ['is of another source', { source: 'other' }],
    ['is of a run of users', { run: 'users-1' }],
  ];

  it.each(forged)(
    'X2: that %s asks nobody, publishes nothing and counts nothing, however often it comes',
    async (_what, change) => {
      const world = makeWorld();
      await world.startRun('run-1', { parts: 2 });
      await world.startRun('other-1', { source: 'other' });
      const begun = { id: 'users-1', kind: 'users' as const, source: 'people' };
      await world.runs.start({ ...(await world.runs.getRun('run-1'))!, ...begun });
      const runs = ['run-1', 'other-1', 'users-1'];
      const before = await Promise.all(runs.map((id) => world.runs.getRun(id)));
      for (const receive of [1, 2, 3]) {
        const worked = await workOnPart(world)({ ...message('run-1'), ...change }, delivery(receive));
        expect(worked).toMatchObject({ decision: 'retry', last: receive === 3 });
        expect((worked as { error: unknown }).error).toBeInstanceOf(MessageNotBelieved);
      }
      expect(await Promise.all(runs.map((id) => world.runs.getRun(id)))).toEqual(before);
      expect(world.asked).toEqual([]);
      expect(await world.catalog.getDataset('test_wine')).toMatchObject({ latest: null });
      expect(await world.objects.list('')).toEqual([]);
      expect(world.queue.sent).toEqual([]);
    },
  );

  it('X2: of a closed run leaves it as it ended, at 2 of 2 parts', async () => {
    const world = makeWorld();
    await world.startRun('run-1', { parts: 2 });
    for (const part of [1, 2]) await workOnPart(world)(message('run-1', part), delivery(1));
    const closed = await world.runs.getRun('run-1');
    expect(closed).toMatchObject({ state: 'succeeded', parts: 2, parts_done: 2 });
    world.source.bytes = '1970;99\n';
    expect(await workOnPart(world)({ ...message('run-1'), part: 3 }, delivery(1))).toMatchObject({
      decision: 'retry',
    });
    expect(await workOnPart(world)(message('run-1', 1), delivery(1))).toMatchObject({ outcome: 'ended-before' });
    expect(await world.runs.getRun('run-1')).toEqual(closed);
    expect(await world.catalog.getDataset('test_wine')).toMatchObject({ latest: 1 });
  });

  it('X2: that cannot be read ends no part that its run has not, and none of a closed run', async () => {
    const world = makeWorld();
    await world.startRun('run-1', { parts: 2 });
    for (const part of [3, 1000]) await rejectMessage(world)(JSON.stringify({ run: 'run-1', part }), delivery(3));
    expect(await world.runs.getRun('run-1')).toMatchObject({ parts_done: 0, counts: { errors: 0 } });
    for (const part of [1, 2]) await workOnPart(world)(message('run-1', part), delivery(1));
    const closed = await world.runs.getRun('run-1');
    await rejectMessage(world)(JSON.stringify({ run: 'run-1', part: 2 }), delivery(3));
    expect(await world.runs.getRun('run-1')).toEqual(closed);
  });
});

describe('A message of users', () => {
  const forged: [string, Partial<FetchUsersMessage>][] = [
    ['asks for more users than its page has', { size: 100 }],
    ['asks for fewer', { size: 1 }],
    ['is of a page that its run has not', { part: 3 }],
    ['is of a run that there is not', { run: 'run-9' }],
    ['is of a run of files', { run: 'collect-1' }],
  ];

  it.each(forged)('X2: that %s fetches nobody and counts nothing', async (_what, change) => {
    const world = makeUsersWorld();
    const { run, messages } = await world.startRun('run-1', { parts: 2, size: 3 });
    await world.runs.start({ ...run, id: 'collect-1', kind: 'collect', source: 'files', asked: undefined });
    const before = await world.runs.getRun('run-1');
    for (const receive of [1, 2, 3]) {
      const worked = await workOnUsersPage(world)({ ...messages[0]!, ...change }, delivery(receive));
      expect(worked).toMatchObject({ decision: 'retry', last: receive === 3 });
    }
    expect(await world.runs.getRun('run-1')).toEqual(before);
    expect(world.asked).toEqual([]);
  });

  it('X2: of a last page is believed at the size of what remains', async () => {
    const world = makeUsersWorld();
    const { run, messages } = await world.startRun('run-1', { parts: 2, size: 3 });
    const shorter = {
      ...world,
      runs: { ...world.runs, getRun: async () => ({ ...run, asked: { users: 5, size: 3 } }) },
    };
    const page = messages[1]!;
    expect(await workOnUsersPage(shorter)(page, delivery(1))).toMatchObject({ decision: 'retry' });
    expect(await workOnUsersPage(shorter)({ ...page, size: 2 }, delivery(1))).toMatchObject({ outcome: 'written' });
  });
});
