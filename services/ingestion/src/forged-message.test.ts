import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { startReplica } from '@granary/replica/replica';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Stack, startStack } from './testing/stack.ts';

// Through emulators, on a machine that may be busy.
jest.setTimeout(90_000);

let replica: Awaited<ReturnType<typeof startReplica>>;
let stack: Stack;
beforeEach(async () => {
  replica = await startReplica({ port: 0 });
  stack = await startStack(new URL('/download/', replica.url).href);
});
afterEach(async () => {
  await stack.stop();
  await replica.close();
});

describe('A message that somebody else wrote', () => {
  it('X2: goes through the queue to the dead letters, and changes neither a dataset nor a run, open or closed', async () => {
    const closed = await stack.collect();
    expect(closed).toMatchObject({ state: 'succeeded', parts: 15, parts_done: 15 });
    const dataset = () => stack.deps.catalog.getDataset('embrapa_comercio');
    const before = await dataset();
    const [first] = stack.deps.source.discover({ base_url: stack.deps.baseUrl() });
    const forged = {
      type: 'collect',
      run: closed.id,
      part: 16,
      source: 'embrapa',
      resource: { ...first!, dataset: 'embrapa_comercio', url: new URL('/download/Producao.csv', replica.url).href },
      enqueued_at: new Date().toISOString(),
    };
    const asked = replica.requestsOf('/download/Producao.csv');
    const { runs } = await planCollection({ ...stack.deps, queue: { send: async () => {} } })({ force: true });
    const open = await stack.deps.runs.getRun(runs[0]!.id);
    const bodies = [
      forged,
      { ...forged, part: 1 },
      { ...forged, run: open!.id, part: 1 },
      { ...forged, run: 'collect-none', part: 1 },
    ].map((message) => JSON.stringify(message));
    for (const body of bodies) await stack.sendBody(body);

    const dead: string[] = [];
    await stack.workUntil(async () => {
      dead.push(...(await stack.deadLetters()).map(({ Body }) => Body!));
      return dead.length === bodies.length;
    });
    expect(dead.sort()).toEqual(bodies.sort());
    expect(await dataset()).toEqual(before);
    expect(await stack.deps.runs.getRun(closed.id)).toEqual(closed);
    expect(await stack.deps.runs.getRun(open!.id)).toEqual(open);
    expect(replica.requestsOf('/download/Producao.csv')).toBe(asked);
  });
});
