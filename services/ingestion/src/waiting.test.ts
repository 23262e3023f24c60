import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { startReplica } from '@granary/replica/replica';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Stack, startStack } from './testing/stack.ts';

// Fifteen files through emulators, on a machine that may be busy.
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

type Logged = { at: string; path: string; status: number };
const log = async (): Promise<Logged[]> => {
  const answer = await fetch(new URL('/__replica', replica.url));
  return ((await answer.json()) as { requests: { log: Logged[] } }).requests.log;
};

describe('A source that asks 20 messages to wait', () => {
  it('is left alone until then by everybody, and all is published afterwards', async () => {
    const { discover } = stack.deps.source;
    // Twenty parts: the fifteen files, and five of them once more.
    const twenty = (options: { base_url: string }) => [...discover(options), ...discover(options).slice(0, 5)];
    stack.deps.source.discover = twenty;
    replica.setFaults([{ path: '*', kind: '429', retry_after_s: 4, limit: 1 } as never]);
    const run = await stack.collect({ workers: 1 });
    const requests = (await log()).filter(({ path }) => path.startsWith('/download/'));
    const refused = requests.find(({ status }) => status === 429)!;
    const soon = requests.filter(
      ({ at }) => Date.parse(at) > Date.parse(refused.at) && Date.parse(at) < Date.parse(refused.at) + 3_900,
    );
    // A batch of two works side by side: its other message may have been on its way already.
    expect(soon.length).toBeLessThanOrEqual(1);
    expect(run).toMatchObject({ state: 'succeeded', parts_done: 20, counts: { errors: 0 } });
    expect(run.versions).toHaveLength(15);
    expect(run.counts.unchanged).toBe(5);
    expect(await stack.deadLetters()).toEqual([]);
  });
});

describe('A source that refuses for ever and asks for no wait', () => {
  it('E13: is asked at growing distances by all workers together, and read once it answers', async () => {
    replica.setFaults([{ path: '*', kind: '429', retry_after_s: 0, limit: 8 } as never]);
    const run = await stack.collect({ workers: 1 });
    const refused = (await log()).filter(({ status }) => status === 429).map(({ at }) => Date.parse(at));
    expect(refused).toHaveLength(8);
    // A batch of two works side by side, so two at most tell the same refusal; the others came 1, 2 and 4 s after the
    // one before.
    const waits = refused.slice(1).map((at, i) => at - refused[i]!);
    const alone = waits.filter((wait) => wait > 900);
    expect(alone.length).toBeGreaterThanOrEqual(3);
    for (const [i, wait] of alone.entries()) expect(wait).toBeGreaterThanOrEqual(1000 * 2 ** i - 50);
    expect(run).toMatchObject({ state: 'succeeded', parts_done: 15, counts: { errors: 0 } });
  });
});

describe('A poison message', () => {
  it('is a dead letter after three receives, and its neighbours are published', async () => {
    await stack.sendBody('this is { not json');
    await stack.sendBody(JSON.stringify({ type: 'collect', run: 'UPPER', part: 0 }));
    const dead: string[] = [];
    const { runs } = await planCollection(stack.deps)({ force: true });
    await stack.workUntil(async () => {
      dead.push(...(await stack.deadLetters()).map(({ Body }) => Body!));
      return dead.length === 2 && (await stack.deps.runs.getRun(runs[0]!.id))!.state !== 'running';
    });
    expect(dead).toContain('this is { not json');
    expect(await stack.deps.runs.getRun(runs[0]!.id)).toMatchObject({ state: 'succeeded', counts: { errors: 0 } });
  });
});

describe('A source that stays away', () => {
  it('costs three receives: the run says why, and the message is a dead letter', async () => {
    replica.setFaults([{ path: '/download/Producao.csv', kind: '500' } as never]);
    const run = await stack.collect();
    expect(run).toMatchObject({ state: 'partial', counts: { errors: 1 }, errors: [{ dataset: 'embrapa_producao' }] });
    expect(run.errors[0]!.message).toContain('answered 500');
    expect(run.versions).toHaveLength(14);
    let dead: string[] = [];
    await stack.workUntil(async () => {
      dead = [...dead, ...(await stack.deadLetters()).map(({ Body }) => Body!)];
      return dead.length > 0;
    });
    expect(JSON.parse(dead[0]!)).toMatchObject({ run: run.id, resource: { dataset: 'embrapa_producao' } });
  });
});

describe('Two workers with one message each for the same dataset', () => {
  it('publish one version, round after round', async () => {
    const { discover } = stack.deps.source;
    stack.deps.source.discover = (options) => {
      const [one] = discover(options);
      return [one!, one!];
    };
    for (const vintage of [2022, 2023]) {
      replica.setVintage(vintage);
      const before = (await stack.deps.catalog.listDatasets())[0]?.latest ?? 0;
      const run = await stack.collect({ workers: 2 });
      expect(run).toMatchObject({ state: 'succeeded', parts_done: 2, counts: { errors: 0, unchanged: 1 } });
      expect((await stack.deps.catalog.listDatasets())[0]!.latest).toBe(before + 1);
    }
  });
});
