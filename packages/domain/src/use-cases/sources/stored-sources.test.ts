import { makeMemorySourceStore } from '@granary/stores/memory-source-store';
import { describe, expect, it } from '@jest/globals';
import { Conflict, InvalidRequest } from '../../errors.ts';
import type { Source } from '../../source.ts';
import type { SourceState } from '../../source-revision.ts';
import { planCollection } from '../collect/plan-collection.ts';
import { type WorkDeps, workOnPart } from '../collect/work-on-part.ts';
import { figures, figuresKind } from '../testing/figures-source.ts';
import { portKind, portSource } from '../testing/port-source.ts';
import { makeWorld } from '../testing/world.ts';
import { makeFindSource, makeKnownSources } from './known-sources.ts';

const delivery = { receive_count: 1, receipt_handle: 'r', memory_gb: 1 };

/** A world with the source `test`, as if it was shipped, and what is put into its store. */
const makeStored = () => {
  const world = makeWorld();
  const store = makeMemorySourceStore();
  const shipped: Source = { ...figures, config: { names: ['wine', 'juice'] } };
  const known = { shipped: [shipped], kinds: async () => [figuresKind, portKind], store };
  const deps = {
    ...world,
    sources: makeKnownSources(known),
    findSource: makeFindSource(known),
    baseUrl: ({ base_url }: { base_url: string }) => base_url,
  };
  const edit = async (
    configuration: Source | null,
    state: SourceState = 'active',
    id = configuration?.id ?? 'test',
  ) => {
    const revision = ((await store.getSource(id))?.revision ?? 0) + 1;
    const edited = { edited_at: new Date(world.clock()).toISOString(), edited_by: 'operator' };
    await store.editSource({ ...edited, source: id, revision, change: 'changed', state, configuration });
  };
  /** Works on what is in the queue. */
  const work = async (some: Partial<WorkDeps> = {}) => {
    const worked = [];
    for (let sent = world.queue.sent.shift(); sent; sent = world.queue.sent.shift())
      worked.push(await workOnPart({ ...deps, ...some })(sent.message, delivery));
    return worked;
  };
  const plan = planCollection(deps);
  const planned = async (input = {}) => (await plan(input)).runs.map(({ source }) => source);
  return { world, store, deps, edit, work, plan, planned };
};

describe('A source that was put at run time', () => {
  it('is collected on its schedule like any other, and its rows are published', async () => {
    const { world, edit, work, planned } = makeStored();
    await edit(portSource());
    expect(await planned()).toEqual(['port', 'test']);
    await work();
    expect((await world.catalog.getDataset('port_ships'))!).toMatchObject({ latest: 1, rows: 2, source: 'port' });
    world.pass(3_600_000);
    expect(await planned()).toEqual([]);
    world.pass(86_400_000);
    expect(await planned()).toEqual(['port', 'test']);
    expect(world.asked.map(({ url }) => url)).toContain('http://port.test/ships.csv');
  });

  it('ends a run as it was planned when it is edited meanwhile, and goes by the edit from the next one on', async () => {
    const { world, edit, work, plan, planned } = makeStored();
    await edit(portSource({ config: { names: ['ships', 'boats'] } }));
    const { runs } = await plan({ sources: ['port'] });
    expect(runs).toMatchObject([{ source: 'port', revision: 1, parts: 2 }]);
    await edit(portSource({ config: { names: ['rafts'] } }));
    expect((await work()).map(({ decision }) => decision)).toEqual(['done', 'done']);
    expect(await world.runs.getRun(runs[0]!.id)).toMatchObject({ state: 'succeeded', revision: 1 });
    world.pass(86_400_000);
    expect(await planned({ sources: ['port'] })).toEqual(['port']);
    await work();
    expect((await world.catalog.getDataset('port_rafts'))!.latest).toBe(1);
  });

  it('gets the messages that a planner who died did not send by the revision that its run began with', async () => {
    const { world, deps, edit, work } = makeStored();
    await edit(portSource({ config: { names: ['ships', 'boats'] } }));
    const queue = { send: () => Promise.reject(new Error('died')) };
    await expect(planCollection({ ...deps, queue })({ sources: ['port'] })).rejects.toThrow('died');
    await edit(portSource({ config: { names: ['rafts', 'boats', 'ships'] } }));
    world.pass(300_000);
    await planCollection(deps)({ sources: ['port'] });
    expect(world.queue.sent.map(({ message }) => message.type === 'collect' && message.resource.dataset)).toEqual([
      'port_ships',
      'port_boats',
    ]);
    expect((await work()).map(({ decision }) => decision)).toEqual(['done', 'done']);
  });

  it('is left alone by the schedule while it is paused, as is one of the repository, and not collected on request', async () => {
    const { world, edit, plan, planned } = makeStored();
    await edit(portSource(), 'paused');
    await edit(null, 'paused', 'test');
    expect(await plan({})).toEqual({ runs: [], not_due: [], paused: ['port', 'test'] });
    expect(await plan({ force: true })).toEqual({ runs: [], not_due: [], paused: ['port', 'test'] });
    for (const id of ['port', 'test']) {
      await expect(plan({ force: true, sources: [id] })).rejects.toThrow(Conflict);
      await expect(plan({ sources: [id] })).rejects.toThrow(`Resume it (POST /v1/admin/sources/${id}/resume)`);
    }
    expect(world.queue.sent).toEqual([]);
    await edit(portSource());
    await edit(null, 'active', 'test');
    expect(await planned()).toEqual(['port', 'test']);
  });

  it('ends a run that is under way when it is paused', async () => {
    const { edit, work, planned } = makeStored();
    await edit(portSource());
    await planned();
    await edit(portSource(), 'paused');
    await edit(null, 'paused', 'test');
    expect((await work()).map(({ decision }) => decision)).toEqual(['done', 'done', 'done']);
  });

  it('leaves what was published when it is deleted, and what is in the queue fails with the reason', async () => {
    const { world, edit, work, plan } = makeStored();
    await edit(portSource());
    await plan({ sources: ['port'] });
    await work();
    world.pass(86_400_000);
    const { runs } = await plan({ sources: ['port'] });
    await edit(portSource(), 'deleted');
    const [failed] = await work();
    expect(failed).toMatchObject({ decision: 'stop', error: expect.any(InvalidRequest) });
    const run = (await world.runs.getRun(runs[0]!.id))!;
    expect(run).toMatchObject({ state: 'failed' });
    expect(run.errors[0]!.message).toMatch(/^The source 'port' was deleted \(revision 2, 2026-.*\): nothing of it is/);
    expect((await world.catalog.getDataset('port_ships'))!).toMatchObject({ latest: 1, rows: 2, gone_at: null });
    world.pass(86_400_000);
    expect((await plan({})).runs.map(({ source }) => source)).toEqual(['test']);
    await expect(plan({ sources: ['port'] })).rejects.toThrow('was deleted. Put it again');
    await expect(plan({ sources: ['none'] })).rejects.toThrow('those that are: test');
  });

  it('keeps no other source from being collected when it cannot be planned, and says why in the end', async () => {
    const { world, edit, plan } = makeStored();
    await edit(portSource({ kind: 'gone' }));
    await edit(portSource({ id: 'quay', base_url: 'nowhere' }));
    const planning = plan({});
    await expect(planning).rejects.toThrow(/'port' is of the kind 'gone', which there is not.*\n.*Invalid URL/s);
    expect(world.queue.sent.map(({ message }) => message.source)).toEqual(['test', 'test']);
  });

  it('gives way to a source of the repository with the same id', async () => {
    const { deps, edit } = makeStored();
    await edit(portSource({ id: 'test', title: 'Another' }), 'deleted');
    const found = (await deps.sources.find('test'))!;
    expect(found).toMatchObject({ origin: 'shipped', state: 'active', configuration: { title: 'Figures' } });
    expect((await deps.findSource('test'))!.title).toBe('Figures');
  });
});
