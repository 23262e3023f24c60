import { describe, expect, it, jest } from '@jest/globals';
import { PublicationBusy } from '../../errors.ts';
import { collectResource } from '../collect/collect-resource.ts';
import { makeDying } from '../testing/dying.ts';
import { message } from '../testing/figures-source.ts';
import { gated, interleave } from '../testing/interleave.ts';
import { expectSound } from '../testing/invariants.ts';
import { makeWorld, seeded, type World } from '../testing/world.ts';

const ID = 'test_wine';

// A hundred orders of every write: no test of time, on a machine that may be busy.
jest.setTimeout(150_000);

describe('A publication that dies', () => {
  const countWrites = async (): Promise<number> => {
    const world = makeWorld();
    await world.startRun('run-1');
    const { dying, writes } = makeDying(Number.POSITIVE_INFINITY, 'before');
    await collectResource(dyingWorld(world, dying))(message('run-1'));
    return writes();
  };

  it.each([
    ['before', 'is delivered again'],
    ['after', 'is delivered again'],
    ['before', 'runs again two minutes later'],
    ['after', 'runs again two minutes later'],
  ] as const)('%s any single write is whole after it %s', async (when, then) => {
    const total = await countWrites();
    expect(total).toBeGreaterThan(10);
    for (let n = 1; n <= total; n++) {
      const world = makeWorld();
      await world.startRun('run-1');
      const { dying } = makeDying(n, when);
      await expect(collectResource(dyingWorld(world, dying))(message('run-1'))).rejects.toThrow(
        /at write|could not be updated/,
      );
      if (then === 'is delivered again') {
        await collectResource(world)(message('run-1'));
        const run = (await world.runs.getRun('run-1'))!;
        expect(run).toMatchObject({ state: 'succeeded', parts_done: 1 });
        // However late it died, the version that this part published is this run's.
        expect({ n, versions: run.versions, rows: run.counts.rows_published }).toEqual({
          n,
          versions: [`${ID}@1`],
          rows: 2,
        });
      } else {
        world.pass(120_000);
        await world.startRun('run-2', { source: 'test-2' });
        await collectResource(world)({ ...message('run-2'), source: 'test-2' });
        expect(await world.runs.getRun('run-2')).toMatchObject({ state: 'succeeded', parts_done: 1 });
      }
      await expectSound(world, ID, 1);
    }
  });

  it('leaves the version before it in place until the new one is committed', async () => {
    for (let n = 1; n <= (await countWrites()); n++) {
      const world = makeWorld();
      await world.startRun('run-1');
      await collectResource(world)(message('run-1'));
      await world.startRun('run-2');
      world.source.bytes = '1970;10\n1971;20\n1972;30\n';
      await collectResource(dyingWorld(world, makeDying(n, 'before').dying))(message('run-2')).catch(() => {});
      const { latest } = (await world.catalog.getDataset(ID))!;
      const served = await world.catalog.getVersion(ID, latest!);
      expect(served?.state).toBe('published');
      await collectResource(world)(message('run-2'));
      await expectSound(world, ID, 2);
    }
  });

  it('leaves nothing of its attempts behind once the version after it is published, wherever it and the next one died', async () => {
    const writes = await countWrites();
    for (let n = 1; n <= writes; n++) {
      const world = makeWorld();
      await world.startRun('run-1');
      await collectResource(dyingWorld(world, makeDying(n, 'after').dying))(message('run-1')).catch(() => {});
      await collectResource(dyingWorld(world, makeDying(writes - n + 1, 'after').dying))(message('run-1')).catch(
        () => {},
      );
      await collectResource(world)(message('run-1'));
      world.source.bytes = '1970;10\n1971;20\n1972;30\n';
      await world.startRun('run-2');
      await collectResource(world)(message('run-2'));
      const folders = new Set((await world.objects.list('versions/')).map((key) => key.split('/')[2]));
      const versions = await world.catalog.listVersions(ID, { limit: 10 });
      expect({ n, folders: [...folders].sort() }).toEqual({
        n,
        folders: versions.map(({ prefix }) => prefix.split('/')[2]).sort(),
      });
    }
  });
});

describe('Two workers on one dataset', () => {
  /** Works until it is done, as redeliveries would. */
  const persist = async (world: World, gate: () => Promise<void>, run: string): Promise<void> => {
    for (;;) {
      try {
        await collectResource(gatedWorld(world, gate))({ ...message(run), source: run });
        return;
      } catch (error) {
        if (!(error instanceof PublicationBusy)) throw error;
        world.pass(Math.max(1, error.until - world.clock()));
        await gate();
      }
    }
  };
  const race = async (seed: number, runs: readonly string[], bytes?: readonly string[]): Promise<World> => {
    const world = makeWorld({ seed });
    for (const run of new Set(runs)) await world.startRun(run, { source: run });
    const workers = runs.map((run, index) => (gate: () => Promise<void>) => {
      const own = bytes ? makeWorld() : world;
      if (bytes) own.source.bytes = bytes[index]!;
      return persist({ ...world, fetch: own.fetch } as World, gate, run);
    });
    const outcomes = await interleave(workers, seeded(seed));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
    return world;
  };

  it('of different runs make one version of the same bytes, in 100 orders', async () => {
    for (let seed = 1; seed <= 100; seed++) await expectSound(await race(seed, ['run-1', 'run-2']), ID, 1);
  });

  it('of the same message make one version, counted once, in 100 orders', async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const world = await race(seed, ['run-1', 'run-1']);
      await expectSound(world, ID, 1);
      const run = (await world.runs.getRun('run-1'))!;
      expect(run).toMatchObject({ state: 'succeeded', parts_done: 1, versions: [`${ID}@1`], counts: { rows_read: 2 } });
    }
  });

  it('of the same message make one version, counted once, even when their source changes in between, in 100 orders', async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const bytes = ['1970;10\n', '1970;10\n1971;20\n'];
      const world = await race(seed, ['run-1', 'run-1'], bytes);
      await expectSound(world, ID, 1);
      const { rows } = (await world.catalog.getDataset(ID))!;
      const run = (await world.runs.getRun('run-1'))!;
      expect(run).toMatchObject({ state: 'succeeded', versions: [`${ID}@1`], counts: { rows_published: rows } });
    }
  });

  it('make two versions of different bytes, and the copy is the newer one, in 100 orders', async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const bytes = ['1970;10\n', '1970;10\n1971;20\n'];
      await expectSound(await race(seed, ['run-1', 'run-2'], bytes), ID, 2);
    }
  });
});

const dyingWorld = (world: World, dying: <S extends object>(store: S) => S): World => ({
  ...world,
  catalog: dying(world.catalog),
  objects: dying(world.objects),
  tables: { ...dying(world.tables), uriOf: world.tables.uriOf },
  runs: dying(world.runs),
  budget: dying(world.budget),
});

const gatedWorld = (world: World, gate: () => Promise<void>): World => ({
  ...world,
  catalog: gated(world.catalog, gate),
  objects: gated(world.objects, gate),
  tables: { ...gated(world.tables, gate), uriOf: world.tables.uriOf },
  runs: gated(world.runs, gate),
});
