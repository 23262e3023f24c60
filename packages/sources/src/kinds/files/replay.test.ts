import { MessageNotBelieved, NotRebuilt, VersionHeld } from '@granary/domain/errors';
import { withKind } from '@granary/domain/kind';
import type { CollectMessage, ReplayMessage } from '@granary/domain/messages/collect';
import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { startReplay } from '@granary/domain/use-cases/collect/start-replay';
import { workOnPart } from '@granary/domain/use-cases/collect/work-on-part';
import { restoreVersion } from '@granary/domain/use-cases/publish/restore-version';
import { fixedSources } from '@granary/domain/use-cases/testing/fixed-sources';
import { makeWorld } from '@granary/domain/use-cases/testing/world';
import { describe, expect, it } from '@jest/globals';
import { checkSource } from '../../check-source.ts';
import { kind } from './kind.ts';

const ID = 'sea_levels';
const sourceOf = (dataset: object = {}, missing: readonly string[] = []) =>
  withKind(
    kind,
    checkSource(
      {
        ...{ id: 'sea', kind: 'files', title: 'Sea', publisher: 'An office', theme: 'environment', tags: [] },
        licence: { name: 'CC0-1.0', title: 'Public domain' },
        ...{ schedule: 'rate(1 day)', base_url: 'http://sea.test/', requests_per_minute: 600, max_bytes: 1_000_000 },
        config: { files: [{ dataset: ID, url: 'levels.csv', missing }] },
        datasets: [{ id: ID, title: 'Levels', description: 'Levels by station.', ...dataset }],
      },
      [kind],
    ) as never,
  );
const declared = (type: string) => ({
  fields: [
    { name: 'station', type: 'string', nullable: false },
    { name: 'level', type, nullable: true },
  ],
});
const FILE = 'station,level\nFaro,1\nLagos,broken\nSines,3\nAveiro,4\n';

/** A dataset that was collected once, by that declaration. */
const collected = async (source: ReturnType<typeof sourceOf>, bytes = FILE) => {
  const world = makeWorld();
  let current = source;
  const findSource = () => current;
  const deps = { ...world, sources: fixedSources(source), findSource, baseUrl: () => current.base_url };
  const collect = async (file: string) => {
    world.source.bytes = file;
    world.pass(3_600_000);
    await planCollection({ ...deps, sources: fixedSources(current) })({ force: true });
    const message = world.queue.sent.at(-1)!.message as CollectMessage;
    return workOnPart(deps)(message, { receive_count: 1, receipt_handle: 'r', memory_gb: 1 });
  };
  await collect(bytes);
  /** A run whose message is worked on, as it is now declared. */
  const replay = async (version?: number, dataset = ID) => {
    world.pass(60_000);
    const asked = world.asked.length;
    const { id } = await startReplay({ ...deps, queue: world.queue as never })({
      dataset,
      ...(version && { version }),
    });
    const message = world.queue.sent.at(-1)!.message as ReplayMessage;
    const worked = await workOnPart(deps)(message, { receive_count: 1, receipt_handle: 'r', memory_gb: 1 });
    expect(world.asked.length).toBe(asked);
    return { worked, message, run: (await world.runs.getRun(id))! };
  };
  const declare = (next: typeof source): void => {
    current = next;
  };
  return { world, deps, replay, collect, declare };
};

describe('A replay', () => {
  it('brings quarantined rows back once the declaration is mended, without asking the source', async () => {
    const { world, replay, collect, declare } = await collected(sourceOf(declared('int32')));
    expect(await world.catalog.getVersion(ID, 1)).toMatchObject({ counts: { rows_published: 3, rows_quarantined: 1 } });
    declare(sourceOf(declared('int32'), ['broken']));
    const { run, worked } = await replay();
    expect(worked).toMatchObject({ outcome: 'published', published: [`${ID}@2`] });
    expect(run).toMatchObject({ state: 'succeeded', counts: { requests: 0 }, replays: { dataset: ID } });
    const version = (await world.catalog.getVersion(ID, 2))!;
    expect(version).toMatchObject({ state: 'published', counts: { rows_published: 4, rows_quarantined: 0 } });
    expect((await world.catalog.getDataset(ID))!.latest).toBe(2);
    // What the source sends is what is published already.
    expect(await collect(FILE)).toMatchObject({ outcome: 'unchanged' });
  });

  it('publishes nothing where nothing differs, however often it is asked', async () => {
    const { world, replay } = await collected(sourceOf());
    for (let times = 0; times < 2; times++)
      expect((await replay()).run).toMatchObject({ state: 'succeeded', versions: [], counts: { unchanged: 1 } });
    expect(await world.catalog.getVersion(ID, 2)).toBeUndefined();
  });

  it('publishes a type that was mended, which would be held if nobody had declared it', async () => {
    const { world, replay, declare } = await collected(sourceOf(declared('string')), FILE.replace('broken', '2'));
    declare(sourceOf(declared('int32')));
    expect((await replay()).run).toMatchObject({ state: 'succeeded', versions: [`${ID}@2`] });
    expect(await world.catalog.getVersion(ID, 2)).toMatchObject({ semver: '2.0.0' });
  });

  it('makes a held version again: the contract that held it was mended', async () => {
    const frozen = sourceOf({ contract: { new_columns: 'freeze' } });
    const { world, replay, collect, declare } = await collected(frozen, 'station,level\nFaro,1\nLagos,2\n');
    expect(await collect('station,level,note\nFaro,1,a\nLagos,2,b\n')).toMatchObject({
      error: expect.any(VersionHeld),
    });
    expect((await replay()).run).toMatchObject({ versions: [], counts: { unchanged: 1 } });
    declare(sourceOf());
    expect((await replay()).run).toMatchObject({ state: 'succeeded', versions: [`${ID}@3`] });
    expect((await world.catalog.getDataset(ID))!.fields.map(({ name }) => name)).toContain('note');
  });

  const TWO = (level: number) =>
    `Tides\nport,level\nFaro,${level}\nLagos,2\nSines,3\n\nWaves\nbuoy,height\nA,1\nB,2\nC,3\n`;
  const [TIDES, WAVES] = [`${ID}_tides`, `${ID}_waves`];

  it('is of the newest file of its table: what left it does not come back, nor brings others back with it', async () => {
    const { world, replay, collect } = await collected(sourceOf(), TWO(1));
    await collect('Tides\nport,level\nFaro,7\nLagos,2\nSines,3\n');
    const before = (await world.catalog.getDataset(WAVES))!;
    expect([before.latest, before.gone_at === null]).toEqual([1, false]);
    expect((await world.catalog.getDataset(TIDES))!.latest).toBe(2);
    expect((await replay(undefined, WAVES)).run).toMatchObject({ state: 'succeeded', versions: [] });
    expect(await world.catalog.getDataset(WAVES)).toEqual(before);
    expect((await world.catalog.getDataset(TIDES))!.latest).toBe(2);
  });

  it('leaves what an operator passed over as it is', async () => {
    const { world, replay, collect } = await collected(sourceOf(), TWO(1));
    await collect(TWO(9));
    await restoreVersion(world)({ dataset: TIDES, version: 1, by: 'operator' });
    expect((await world.catalog.getDataset(TIDES))!.latest).toBe(3);
    for (const dataset of [TIDES, WAVES])
      expect((await replay(undefined, dataset)).run).toMatchObject({ state: 'succeeded', versions: [] });
    expect((await world.catalog.getDataset(TIDES))!.latest).toBe(3);
  });

  it('does not keep its source from being collected, nor change when it is due; asked twice it is one run', async () => {
    const { deps, world } = await collected(sourceOf());
    const before = await world.runs.lastStart('sea');
    world.pass(60_000);
    const start = () => startReplay({ ...deps, queue: world.queue as never })({ dataset: ID });
    const { id } = await start();
    const sent = world.queue.sent.length;
    expect((await start()).id).toBe(id);
    expect(world.queue.sent.length).toBe(sent);
    expect(await world.runs.lastStart('sea')).toEqual(before);
    expect((await planCollection(deps)({ force: true })).runs).toMatchObject([{ source: 'sea', state: 'running' }]);
  });

  it('is believed only of a run that was started for it', async () => {
    const { deps, replay } = await collected(sourceOf());
    const { message } = await replay();
    for (const forged of [
      { ...message, dataset: 'sea_other' },
      { ...message, version: 1 },
      { ...message, run: 'none' },
    ]) {
      const worked = await workOnPart(deps)(forged, { receive_count: 1, receipt_handle: 'r', memory_gb: 1 });
      expect(worked).toMatchObject({ decision: 'retry', error: expect.any(MessageNotBelieved) });
    }
    const collect = {
      ...({ type: 'collect', run: message.run, part: 1, source: 'sea', enqueued_at: message.enqueued_at } as const),
      resource: { dataset: ID, url: 'http://sea.test/levels.csv', hints: {} },
    };
    const worked = await workOnPart(deps)(collect, { receive_count: 1, receipt_handle: 'r', memory_gb: 1 });
    expect(worked).toMatchObject({ error: expect.any(MessageNotBelieved) });
  });
});

describe('Rebuilding a version', () => {
  it('succeeds where its bytes come out the same, also of an older version', async () => {
    const { replay, collect, world } = await collected(sourceOf());
    await collect(FILE.replace('Faro,1', 'Faro,9'));
    for (const version of [1, 2])
      expect((await replay(version)).run).toMatchObject({
        ...{ state: 'succeeded', versions: [], errors: [], counts: { unchanged: 1 } },
        replays: { dataset: ID, version },
      });
    expect(await world.catalog.getVersion(ID, 3)).toBeUndefined();
  });

  it('of one that restores another makes it beside the version that the other followed', async () => {
    const contract = { new_columns: 'discard', lost_columns: 'evolve' };
    const { replay, collect, world } = await collected(sourceOf({ contract }), 'station,level\nFaro,1\nLagos,2\n');
    await collect('station,level,note\nFaro,1,a\nLagos,3,b\n');
    await collect('station\nFaro\nLagos\n');
    await restoreVersion(world)({ dataset: ID, version: 2, by: 'operator' });
    world.pass(1000);
    await collect('station\nFaro\nSines\n');
    await restoreVersion(world)({ dataset: ID, version: 4, by: 'operator' });
    expect((await world.catalog.getVersion(ID, 6))!).toMatchObject({ restores: { version: 4 } });
    for (const version of [4, 6]) expect((await replay(version)).run).toMatchObject({ state: 'succeeded', errors: [] });
  });

  it('fails with the first difference where they do not', async () => {
    const { replay, declare } = await collected(sourceOf(declared('int32')));
    declare(sourceOf(declared('int32'), ['broken']));
    const { run, worked } = await replay(1);
    expect(worked).toMatchObject({ decision: 'stop', error: expect.any(NotRebuilt) });
    expect(run).toMatchObject({
      state: 'failed',
      errors: [
        {
          dataset: ID,
          message: `Version 1 of '${ID}' does not come out as it was published: row 2 has "Lagos" in station, and had "Sines".`,
        },
      ],
    });
    declare(sourceOf(declared('string')));
    expect((await replay(1)).run.errors[0]!.message).toContain(
      'column 2 is level (string, may be null), and was level (int32',
    );
  });
});
