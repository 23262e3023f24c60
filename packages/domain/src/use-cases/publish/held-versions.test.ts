import { describe, expect, it } from '@jest/globals';
import type { WrittenVersion } from '../../dataset.ts';
import { Conflict, NotFound, PublicationBusy, VersionHeld } from '../../errors.ts';
import { workOnPart } from '../collect/work-on-part.ts';
import { makeDying } from '../testing/dying.ts';
import { message } from '../testing/figures-source.ts';
import { expectSound } from '../testing/invariants.ts';
import { makeWorld, type World } from '../testing/world.ts';
import { rejectVersion, releaseVersion } from './decide-version.ts';

const ID = 'test_wine';
/** A file of so many years from 1900 on; `plus` makes it another one. */
const years = (count: number, plus = 0): string =>
  Array.from({ length: count }, (_, at) => `${1900 + at};${at + plus}\n`).join('');

/** What became of the collection of these bytes, in a run of its own. */
const collect = async (world: World, run: string, bytes: string) => {
  world.source.bytes = bytes;
  await world.startRun(run);
  const worked = await workOnPart(world)(message(run), { receive_count: 1, receipt_handle: 'r', memory_gb: 1 });
  return { worked, run: (await world.runs.getRun(run))! };
};

/** A dataset with a version of 100 rows, and one of 40 that is held. */
const withHeld = async () => {
  const world = makeWorld();
  await collect(world, 'run-1', years(100));
  const held = await collect(world, 'run-2', years(40));
  return { world, held };
};
const stateOf = async ({ catalog }: World, version: number) => (await catalog.getVersion(ID, version))?.state;
const asked = (version: number) => ({ dataset: ID, version, by: 'sub-of-operator' });

describe('W3: a version that is implausible beside the latest', () => {
  it('is stored and not published: the run says why, and readers, the copy and SQL keep the one before', async () => {
    const { world, held } = await withHeld();
    expect(held.worked).toMatchObject({ decision: 'stop', error: expect.any(VersionHeld) });
    const message = `Version 2 of '${ID}' is held and not published. It has 40 rows, and version 1 has 100; at least 70 % are wanted. It has 40 figures in quantity, and version 1 has 100; at least 70 % are wanted. An operator looks at it and releases or rejects it (docs/held-versions.md).`;
    expect(held.run).toMatchObject({
      state: 'partial',
      versions: [],
      counts: { errors: 1, rows_published: 0 },
      errors: [{ dataset: ID, message, held: 2 }],
    });
    await expectSound(world, ID, 1);
    const version = (await world.catalog.getVersion(ID, 2))!;
    if (version.state !== 'held') throw new Error(`it is ${version.state}`);
    expect(version.held).toMatchObject({ compared_with: 1, at: new Date(world.clock()).toISOString() });
    expect(version.held.reasons).toHaveLength(2);
    expect(version.counts.rows_published).toBe(40);
    for (const name of Object.keys(version.files))
      expect(await world.objects.head(`${version.prefix}${name}`)).toBeDefined();
  });

  it('is not made again of the same bytes, whoever asks', async () => {
    const { world } = await withHeld();
    const again = await collect(world, 'run-3', years(40));
    expect(again.worked).toMatchObject({ outcome: 'unchanged', versions: [{ version: 2, state: 'held' }] });
    expect(again.run).toMatchObject({ state: 'succeeded', counts: { unchanged: 1, errors: 0 } });
    expect(await stateOf(world, 3)).toBeUndefined();
    await expectSound(world, ID, 1);
  });

  it('is passed over: the next bytes are judged beside the latest, published or held by a number of their own', async () => {
    const { world } = await withHeld();
    expect((await collect(world, 'run-3', years(50))).run.errors).toMatchObject([{ held: 3 }]);
    expect((await collect(world, 'run-4', years(101))).run).toMatchObject({ versions: [`${ID}@4`], errors: [] });
    expect((await world.catalog.getDataset(ID))!.latest).toBe(4);
    expect(await Promise.all([1, 2, 3, 4].map((version) => stateOf(world, version)))).toEqual([
      ...['published', 'held', 'held', 'published'],
    ]);
    expect(await world.tables.getLatest(ID)).toMatchObject({ version: 4 });
    // What the latest was made of is unchanged, though other versions lie between.
    expect((await collect(world, 'run-5', years(101))).worked).toMatchObject({ outcome: 'unchanged' });
  });

  it('is said again by a delivery that goes on after the one that made it died, and made once', async () => {
    for (let n = 1; n <= 12; n++) {
      const world = makeWorld();
      await collect(world, 'run-1', years(100));
      world.source.bytes = years(40);
      await world.startRun('run-2');
      const { dying } = makeDying(n, 'after');
      const deps = { ...world, catalog: dying(world.catalog), objects: dying(world.objects), runs: dying(world.runs) };
      const delivery = { receive_count: 1, receipt_handle: 'r', memory_gb: 1 };
      await workOnPart(deps)(message('run-2'), delivery).catch(() => {});
      await workOnPart(world)(message('run-2'), { ...delivery, receive_count: 2 });
      const run = (await world.runs.getRun('run-2'))!;
      expect({ n, state: run.state, held: run.errors.map(({ held }) => held) }).toEqual({
        n,
        state: 'partial',
        held: [2],
      });
      expect((await world.catalog.listWithheld(ID)).map(({ version }) => version)).toEqual([2]);
      await expectSound(world, ID, 1);
    }
  });

  it('is a first version too, by absolute rules', async () => {
    const world = makeWorld();
    const { run } = await collect(world, 'run-1', `${years(10)}${'x\n'.repeat(11)}`);
    expect(run).toMatchObject({ state: 'partial', errors: [{ held: 1 }] });
    expect(run.errors[0]!.message).toContain('52 % of its rows are quarantined, and at most 50 % may be.');
    expect((await world.catalog.getDataset(ID))!.latest).toBeNull();
    await releaseVersion(world)(asked(1));
    await expectSound(world, ID, 1);
  });
});

describe('W3: an operator', () => {
  it('releases it: it is the latest, its copy and its tables follow, and who did it is kept', async () => {
    const { world } = await withHeld();
    world.pass(1000);
    const at = new Date(world.clock()).toISOString();
    const released = await releaseVersion(world)(asked(2));
    expect(released).toMatchObject({
      state: 'published',
      published_at: at,
      released: { by: 'sub-of-operator', at },
      held: { compared_with: 1 },
    });
    await expectSound(world, ID, 2);
    world.pass(1000);
    expect(await releaseVersion(world)({ ...asked(2), by: 'another' })).toEqual(released);
    expect((await collect(world, 'run-3', years(40))).worked).toMatchObject({ outcome: 'unchanged' });
    await expectSound(world, ID, 2);
  });

  it('rejects it: it is never published, nor are the same bytes, however late they come again', async () => {
    const { world } = await withHeld();
    const rejected = await rejectVersion(world)(asked(2));
    expect(rejected).toMatchObject({ state: 'rejected', rejected: { by: 'sub-of-operator' } });
    expect(await rejectVersion(world)({ ...asked(2), by: 'another' })).toEqual(rejected);
    await expect(releaseVersion(world)(asked(2))).rejects.toThrow(Conflict);
    expect((await collect(world, 'run-3', years(40))).worked).toMatchObject({ outcome: 'unchanged' });
    expect((await collect(world, 'run-4', years(102))).run.versions).toEqual([`${ID}@3`]);
    const late = await collect(world, 'run-5', years(40));
    expect(late.worked).toMatchObject({ outcome: 'unchanged', versions: [{ version: 2, state: 'rejected' }] });
    expect((await world.catalog.getDataset(ID))!.latest).toBe(3);
  });

  it('cannot release one that is older than the latest, and can still reject it', async () => {
    const { world } = await withHeld();
    await collect(world, 'run-3', years(103));
    await expect(releaseVersion(world)(asked(2))).rejects.toThrow(
      `Version 2 of '${ID}' is older than the latest, 3, which was published meanwhile; it can be rejected, not released.`,
    );
    expect(await rejectVersion(world)(asked(2))).toMatchObject({ state: 'rejected' });
  });

  it('has the bytes of one that is held and older judged anew', async () => {
    const { world } = await withHeld();
    await collect(world, 'run-3', years(103));
    expect((await collect(world, 'run-4', years(40))).run.errors).toMatchObject([{ held: 4 }]);
  });

  it('is told what cannot be decided', async () => {
    const { world } = await withHeld();
    for (const decide of [releaseVersion(world), rejectVersion(world)]) {
      await expect(decide(asked(1))).rejects.toThrow(/was never held: there is nothing to release or reject/);
      await expect(decide(asked(9))).rejects.toThrow(NotFound);
    }
    await releaseVersion(world)(asked(2));
    await expect(rejectVersion(world)(asked(2))).rejects.toThrow(/was released at .* by sub-of-operator, and stays so/);
  });

  it('waits while a worker publishes', async () => {
    const { world } = await withHeld();
    const { dying } = makeDying(4, 'after');
    world.source.bytes = years(104);
    await world.startRun('run-3');
    const deps = { ...world, catalog: dying(world.catalog), objects: dying(world.objects), runs: dying(world.runs) };
    await workOnPart(deps)(message('run-3'), { receive_count: 1, receipt_handle: 'r', memory_gb: 1 }).catch(() => {});
    expect(await stateOf(world, 3)).toBe('pending');
    await expect(releaseVersion(world)(asked(2))).rejects.toThrow(PublicationBusy);
    world.pass(61_000);
    expect(await releaseVersion(world)(asked(2))).toMatchObject({ state: 'published' });
    await expectSound(world, ID, 2);
  });

  it('has a release gone on with, by a repeat or the next collection, that died after any of its writes', async () => {
    for (const next of ['repeat', 'collection'] as const) {
      for (let n = 1; n <= 8; n++) {
        const { world } = await withHeld();
        const { dying } = makeDying(n, 'after');
        const tables = { ...dying(world.tables), uriOf: world.tables.uriOf };
        const deps = { ...world, catalog: dying(world.catalog), objects: dying(world.objects), tables };
        await releaseVersion(deps)(asked(2)).catch(() => {});
        if (next === 'repeat') await releaseVersion(world)(asked(2));
        else await collect(world, 'run-3', years(40));
        // After its first write nothing is decided, and nobody is kept off for longer than a publication that died.
        await expectSound(world, ID, next === 'collection' && n === 1 ? 1 : 2);
        world.pass(61_000);
        expect((await collect(world, 'run-4', years(110))).run.versions).toEqual([`${ID}@3`]);
      }
    }
  });

  it('keeps a worker off that would publish between the check and the decision: nothing is released that cannot be the latest', async () => {
    const { world } = await withHeld();
    let collected: unknown;
    const catalog = {
      ...world.catalog,
      decide: async (version: WrittenVersion) => {
        collected = (await collect(world, 'run-3', years(105))).worked;
        return world.catalog.decide(version);
      },
    };
    expect(await releaseVersion({ ...world, catalog })(asked(2))).toMatchObject({ state: 'published' });
    expect(collected).toMatchObject({ decision: 'defer', error: expect.any(PublicationBusy) });
    await expectSound(world, ID, 2);
    // It is published as soon as the release is done, and judged beside what was released.
    const again = await workOnPart(world)(message('run-3'), { receive_count: 1, receipt_handle: 'r', memory_gb: 1 });
    expect(again).toMatchObject({ outcome: 'published' });
    expect((await world.runs.getRun('run-3'))!.versions).toEqual([`${ID}@3`]);
    await expectSound(world, ID, 3);
  });

  it('is one of two who decide at once: one decision holds, and the other is told', async () => {
    const { world } = await withHeld();
    const outcomes = await Promise.allSettled([releaseVersion(world)(asked(2)), rejectVersion(world)(asked(2))]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const state = await stateOf(world, 2);
    expect(state).toBe(outcomes[0]!.status === 'fulfilled' ? 'published' : 'rejected');
    await expectSound(world, ID, state === 'published' ? 2 : 1);
  });
});
