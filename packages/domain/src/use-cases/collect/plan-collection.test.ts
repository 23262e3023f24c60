import { describe, expect, it } from '@jest/globals';
import { InvalidRequest } from '../../errors.ts';
import { CollectMessage } from '../../messages/collect.ts';
import { Died, makeDying } from '../testing/dying.ts';
import { makeWorld, type World } from '../testing/world.ts';
import { collectResource } from './collect-resource.ts';
import { planCollection } from './plan-collection.ts';

const own = (world: World) => world.queue.sent.flatMap(({ message }) => (message.type === 'collect' ? [message] : []));

describe('Planning a collection', () => {
  it('starts a run of what is due, describes its datasets and enqueues a message for each resource', async () => {
    const world = makeWorld();
    const { runs, not_due } = await planCollection(world)({});
    expect([runs.length, not_due]).toEqual([1, []]);
    expect(runs[0]).toMatchObject({ source: 'test', state: 'running', parts: 2 });
    expect((await world.catalog.listDatasets()).map(({ id, latest }) => [id, latest])).toEqual([
      ['test_juice', null],
      ['test_wine', null],
    ]);
    const messages = world.queue.sent.map(({ message }) => message);
    expect(own(world).map(({ part, resource }) => [part, resource.dataset])).toEqual([
      [1, 'test_wine'],
      [2, 'test_juice'],
    ]);
    for (const message of messages) expect(CollectMessage.parse(message).run).toBe(runs[0]!.id);
  });

  it('does nothing before a source is due again, unless it is told to', async () => {
    const world = makeWorld();
    const first = await planCollection(world)({});
    for (const message of own(world)) await collectResource(world)(message);
    world.pass(3_600_000);
    expect(await planCollection(world)({})).toEqual({ runs: [], not_due: ['test'], paused: [] });
    const forced = await planCollection(world)({ force: true, sources: ['test'] });
    expect(forced.runs[0]!.id).not.toBe(first.runs[0]!.id);
    expect(world.queue.sent).toHaveLength(4);
    for (const message of own(world)) await collectResource(world)(message);
    world.pass(86_400_000);
    expect((await planCollection(world)({})).runs).toHaveLength(1);
  });

  it('gives the run that goes on instead of starting another', async () => {
    const world = makeWorld();
    const first = await planCollection(world)({ force: true });
    const again = await planCollection(world)({ force: true });
    expect(again.runs.map(({ id }) => id)).toEqual(first.runs.map(({ id }) => id));
    expect(world.queue.sent).toHaveLength(2);
  });

  it('refuses a source that nobody knows, and says which there are', async () => {
    await expect(planCollection(makeWorld())({ sources: ['other'] })).rejects.toThrow(InvalidRequest);
    await expect(planCollection(makeWorld())({ sources: ['other'] })).rejects.toThrow('those that are: test');
  });

  it.each(['before', 'after'] as const)('goes on where a planner died, %s any single write', async (when) => {
    for (let n = 1; n <= 6; n++) {
      const world = makeWorld();
      const { dying } = makeDying(n, when);
      const mortal = {
        ...world,
        runs: dying(world.runs),
        catalog: dying(world.catalog),
        queue: dying(world.queue),
      };
      const died = await planCollection(mortal)({}).then(
        () => false,
        (error) => error instanceof Died,
      );
      expect({ n, died }).toEqual({ n, died: n <= 5 });
      // The next look of the schedule, five minutes later: nothing is due, but something is missing.
      world.pass(300_000);
      await planCollection(world)({});
      for (const message of own(world)) await collectResource(world)(message);
      const { runs } = await world.runs.listRuns({ limit: 10 });
      expect(runs.map(({ state, parts_done, versions }) => ({ state, parts_done, versions }))).toEqual([
        { state: 'succeeded', parts_done: 2, versions: ['test_juice@1', 'test_wine@1'] },
      ]);
    }
  });
});
