import { describe, expect, it } from '@jest/globals';
import type { PublishedVersion } from '../../dataset.ts';
import { Conflict, NotFound, NotReadBack, PublicationBusy } from '../../errors.ts';
import { type WorkDeps, workOnPart } from '../collect/work-on-part.ts';
import { makeDying } from '../testing/dying.ts';
import { figures, message } from '../testing/figures-source.ts';
import { expectSound } from '../testing/invariants.ts';
import { makeWorld, type World } from '../testing/world.ts';
import { rejectVersion, releaseVersion } from './decide-version.ts';
import { restoreVersion } from './restore-version.ts';

const ID = 'test_wine';
/** A file of so many years from 1900 on; `plus` makes it another one. */
const years = (count: number, plus = 0): string =>
  Array.from({ length: count }, (_, at) => `${1900 + at};${at + plus}\n`).join('');
const GOOD = years(100);
/** As plausible as the right one. */
const WRONG = years(100, 1);

/** What became of the collection of these bytes, in a run of its own. */
const collect = async (world: World, run: string, bytes: string, deps: WorkDeps = world) => {
  world.source.bytes = bytes;
  await world.startRun(run);
  const worked = await workOnPart(deps)(message(run), { receive_count: 1, receipt_handle: 'r', memory_gb: 1 });
  return { worked, run: (await world.runs.getRun(run))! };
};

/** Version 1, and version 2, which is wrong. */
const withWrong = async () => {
  const world = makeWorld();
  await collect(world, 'run-1', GOOD);
  await collect(world, 'run-2', WRONG);
  await expectSound(world, ID, 2);
  return world;
};
const asked = (version: number, by = 'sub-of-operator') => ({ dataset: ID, version, by });
const published = async ({ catalog }: World, version: number) =>
  (await catalog.getVersion(ID, version)) as PublishedVersion;

describe('A published version that is wrong', () => {
  it('is followed by what an earlier one holds, with who did it; versions before stay as they are', async () => {
    const world = await withWrong();
    const [first, wrong] = [await published(world, 1), await published(world, 2)];
    world.pass(1000);
    const at = new Date(world.clock()).toISOString();
    const restored = await restoreVersion(world)(asked(1));
    expect(restored).toMatchObject({
      version: 3,
      state: 'published',
      published_at: at,
      restores: { version: 1, by: 'sub-of-operator', at },
    });
    const { 'datapackage.json': descriptor, ...tables } = first.files;
    expect(restored.files).toMatchObject(tables);
    for (const fact of ['counts', 'raw', 'fields', 'profile', 'header', 'run'] as const)
      expect(restored[fact]).toEqual(first[fact]);
    const described = JSON.parse(
      Buffer.from((await world.objects.get(`${restored.prefix}datapackage.json`))!).toString(),
    );
    expect(described).toMatchObject({ version: '1.0.2', id: `${ID}@3`, created: at });
    expect(restored.files['datapackage.json'].sha256).not.toBe(descriptor.sha256);
    await expectSound(world, ID, 3);
    expect([await published(world, 1), await published(world, 2)]).toEqual([first, wrong]);
  });

  it('is rolled back once, however often that is asked for', async () => {
    const world = await withWrong();
    const restored = await restoreVersion(world)(asked(1));
    world.pass(1000);
    expect(await restoreVersion(world)(asked(1, 'another'))).toEqual(restored);
    await expectSound(world, ID, 3);
    const racing = await withWrong();
    const [one, other] = await Promise.all([
      restoreVersion(racing)(asked(1)),
      restoreVersion(racing)(asked(1, 'another')),
    ]);
    expect(one).toEqual(other);
    await expectSound(racing, ID, 3);
  });

  it('does not come back: the same file is unchanged, and so is the one that was restored', async () => {
    const world = await withWrong();
    await restoreVersion(world)(asked(1));
    const again = await collect(world, 'run-3', WRONG);
    expect(again.worked).toMatchObject({ outcome: 'unchanged', versions: [{ version: 2 }] });
    expect(again.run).toMatchObject({ state: 'succeeded', versions: [], counts: { unchanged: 1, errors: 0 } });
    expect((await collect(world, 'run-4', GOOD)).worked).toMatchObject({
      outcome: 'unchanged',
      versions: [{ version: 3 }],
    });
    await expectSound(world, ID, 3);
  });

  it('is not what the next file is compared with: that is what was restored', async () => {
    const world = makeWorld();
    await collect(world, 'run-1', GOOD);
    await collect(world, 'run-2', years(299));
    await restoreVersion(world)(asked(1));
    // Beside version 2 it would be half a file.
    expect((await collect(world, 'run-3', years(101))).run).toMatchObject({ versions: [`${ID}@4`], errors: [] });
    await expectSound(world, ID, 4);
    const odd = await collect(world, 'run-4', years(60));
    expect(odd.run.errors[0]!.message).toContain('It has 60 rows, and version 4 has 101');
    // However late it comes again.
    expect((await collect(world, 'run-5', years(299))).worked).toMatchObject({ outcome: 'unchanged' });
  });

  it('takes all with it that were published after the one that is restored', async () => {
    const world = await withWrong();
    await collect(world, 'run-3', years(100, 2));
    expect(await restoreVersion(world)(asked(1))).toMatchObject({ version: 4 });
    for (const [run, bytes] of Object.entries({ 'run-4': WRONG, 'run-5': years(100, 2) }))
      expect((await collect(world, run, bytes)).worked).toMatchObject({ outcome: 'unchanged' });
    await expectSound(world, ID, 4);
  });

  it('may have been right after all: restored in its turn, it is published when its source comes back to it', async () => {
    const world = await withWrong();
    await restoreVersion(world)(asked(1));
    expect(await restoreVersion(world)(asked(2))).toMatchObject({ version: 4, restores: { version: 2 } });
    // Version 3 was passed over now, and its file with it.
    expect((await collect(world, 'run-3', GOOD)).worked).toMatchObject({ outcome: 'unchanged' });
    expect((await collect(world, 'run-4', years(101))).run.versions).toEqual([`${ID}@5`]);
    expect((await collect(world, 'run-5', WRONG)).run.versions).toEqual([`${ID}@6`]);
    await expectSound(world, ID, 6);
  });

  it('may be the work of a parser: what that makes of the same bytes is not published again', async () => {
    const world = makeWorld();
    await collect(world, 'run-1', GOOD);
    const deps = { ...world, findSource: () => ({ ...figures, parser_version: 2 }) };
    expect((await collect(world, 'run-2', GOOD, deps)).run.versions).toEqual([`${ID}@2`]);
    await restoreVersion(world)(asked(1));
    expect((await collect(world, 'run-3', GOOD, deps)).worked).toMatchObject({ outcome: 'unchanged' });
    expect((await collect(world, 'run-4', years(101), deps)).run.versions).toEqual([`${ID}@4`]);
  });

  it('is passed over by a worker, too, that was on its way with the same file when an operator restored', async () => {
    const world = makeWorld();
    await collect(world, 'run-1', GOOD);
    let first = true;
    const catalog = {
      ...world.catalog,
      listMadeOf: async (...of: Parameters<World['catalog']['listMadeOf']>) => {
        const found = await world.catalog.listMadeOf(...of);
        if (first) {
          first = false;
          await world.startRun('run-3', { source: 'other' });
          const delivery = { receive_count: 1, receipt_handle: 'r', memory_gb: 1 };
          await workOnPart(world)(message('run-3', 1, undefined, 'other'), delivery);
          await restoreVersion(world)(asked(1));
        }
        return found;
      },
    };
    const late = await collect(world, 'run-2', WRONG, { ...world, catalog });
    expect(late.worked).toMatchObject({ outcome: 'unchanged', versions: [{ version: 2 }] });
    await expectSound(world, ID, 3);
  });

  it('is told apart from a file that its source comes back to by itself', async () => {
    const world = await withWrong();
    expect((await collect(world, 'run-3', GOOD)).run.versions).toEqual([`${ID}@3`]);
    expect((await collect(world, 'run-4', WRONG)).run.versions).toEqual([`${ID}@4`]);
  });
});

describe('What cannot be restored', () => {
  it('is said, with the way out', async () => {
    const world = await withWrong();
    await collect(world, 'run-3', years(40));
    await collect(world, 'run-4', years(41));
    await rejectVersion(world)(asked(4));
    const restore = (version: number) => restoreVersion(world)(asked(version));
    const listed = `those that can be restored are listed at /v1/datasets/${ID}/versions.`;
    await expect(restore(2)).rejects.toThrow(
      new Conflict(`Version 2 of '${ID}' is the latest, which readers have already; ${listed}`),
    );
    await expect(restore(3)).rejects.toThrow(
      new Conflict(
        `Version 3 of '${ID}' is held: there is nothing to go back to before it is released (/v1/admin/datasets/${ID}/versions/3/release); ${listed}`,
      ),
    );
    await expect(restore(4)).rejects.toThrow(
      new Conflict(`Version 4 of '${ID}' was rejected and is never published; ${listed}`),
    );
    await expect(restore(9)).rejects.toThrow(new NotFound(`The dataset '${ID}' has no version 9; ${listed}`));
    await expectSound(world, ID, 2);
    // The number after those that were withheld.
    expect(await restore(1)).toMatchObject({ version: 5 });
  });

  it('is what does not read back: nothing is published, and another version can be restored', async () => {
    const world = await withWrong();
    await collect(world, 'run-3', years(100, 2));
    const { prefix } = await published(world, 1);
    const key = `${prefix}data.parquet`;
    const spoilt = (await world.objects.get(key))!;
    spoilt[100]! ^= 1;
    await world.objects.put(key, spoilt);
    const refused = restoreVersion(world)(asked(1));
    await expect(refused).rejects.toThrow(NotReadBack);
    await expect(refused).rejects.toThrow(
      /^Version 1 of 'test_wine' does not read back as it was written: its data\.parquet has \d+ bytes .* Nothing was published;/,
    );
    await world.objects.put(key, Uint8Array.of(...spoilt, 0));
    await expect(restoreVersion(world)(asked(1))).rejects.toThrow(NotReadBack);
    expect((await world.catalog.getDataset(ID))!.latest).toBe(3);
    world.pass(61_000);
    expect(await restoreVersion(world)(asked(2))).toMatchObject({ version: 4, restores: { version: 2 } });
    // Whoever publishes next clears up after all attempts at the version before.
    expect((await collect(world, 'run-4', years(101))).run.versions).toEqual([`${ID}@5`]);
    expect(await folders(world)).toHaveLength(5);
  });

  it('is restored when it was held once: it is no decision of then', async () => {
    const world = makeWorld();
    await collect(world, 'run-1', GOOD);
    await collect(world, 'run-2', years(40));
    await releaseVersion(world)(asked(2));
    await collect(world, 'run-3', years(41));
    const restored = await restoreVersion(world)(asked(2));
    expect(restored).toMatchObject({ version: 4, restores: { version: 2 } });
    expect(Object.keys(restored)).not.toEqual(expect.arrayContaining(['held']));
    expect(Object.keys(restored)).not.toEqual(expect.arrayContaining(['released']));
    await expectSound(world, ID, 4);
  });

  it('waits while a worker publishes', async () => {
    const world = await withWrong();
    const { dying } = makeDying(4, 'after');
    const deps = { ...world, catalog: dying(world.catalog), objects: dying(world.objects), runs: dying(world.runs) };
    await collect(world, 'run-3', years(102), deps).catch(() => {});
    expect((await world.catalog.getVersion(ID, 3))?.state).toBe('pending');
    await expect(restoreVersion(world)(asked(1))).rejects.toThrow(PublicationBusy);
    world.pass(61_000);
    expect(await restoreVersion(world)(asked(1))).toMatchObject({ version: 3 });
    await expectSound(world, ID, 3);
    expect(await folders(world)).toHaveLength(3);
  });

  it('is gone on with, by a repeat or the next collection, where it died after any of its writes', async () => {
    for (const next of ['repeat', 'collection'] as const) {
      const ends = new Set<number>();
      for (let n = 1; n <= 12; n++) {
        const world = await withWrong();
        const { dying } = makeDying(n, 'after');
        const tables = { ...dying(world.tables), uriOf: world.tables.uriOf };
        const deps = { ...world, catalog: dying(world.catalog), objects: dying(world.objects), tables };
        await restoreVersion(deps)(asked(1)).catch(() => {});
        const committed = (await world.catalog.getVersion(ID, 3))?.state === 'published';
        if (next === 'repeat') await restoreVersion(world)(asked(1));
        else expect((await collect(world, 'run-3', WRONG)).worked).toMatchObject({ outcome: 'unchanged' });
        const latest = next === 'repeat' || committed ? 3 : 2;
        ends.add(latest);
        await expectSound(world, ID, latest);
        world.pass(61_000);
        expect((await collect(world, 'run-4', years(101))).run.versions).toEqual([`${ID}@${latest + 1}`]);
        expect({ n, folders: (await folders(world)).length }).toEqual({ n, folders: latest + 1 });
      }
      expect([...ends].sort()).toEqual(next === 'repeat' ? [3] : [2, 3]);
    }
  });
});

/** Of versions and of attempts at them. */
const folders = async ({ objects }: World): Promise<string[]> => [
  ...new Set((await objects.list(`versions/${ID}/`)).map((key) => key.split('/')[2]!)),
];
