import { describe, expect, it } from '@jest/globals';
import { RefusedContent, SourceRefused, SourceThrottled, SourceUnavailable } from '../../errors.ts';
import { ANSWER_LENGTH } from '../../rules/run-end.ts';
import { rejectMessage } from '../dead-letters/reject-message.ts';
import { failPart } from '../runs/fail-part.ts';
import { message } from '../testing/figures-source.ts';
import { makeWorld } from '../testing/world.ts';
import { workOnPart } from './work-on-part.ts';

const first = { receive_count: 1, receipt_handle: 'receipt', memory_gb: 1 };
const last = { receive_count: 3, receipt_handle: 'receipt', memory_gb: 1 };
const unavailable = (times: number) => Array.from({ length: times }, () => new SourceUnavailable('It answered 500'));

const started = async (parts = 1) => {
  const world = makeWorld();
  await world.startRun('run-1', { parts });
  return world;
};

describe('The cost of a run', () => {
  it('is estimated with the memory that its parts had of their functions', async () => {
    const costOf = async (memory_gb: number) => {
      const world = await started();
      let now = 0;
      const clock = () => (now += 10_000);
      await workOnPart({ ...world, clock })(message('run-1'), { ...first, memory_gb });
      return (await world.runs.getRun('run-1'))!.cost_usd_estimate;
    };
    const [small, large] = [await costOf(0.5), await costOf(1)];
    expect(small).toBeGreaterThan(0);
    expect(large).toBeGreaterThan(small);
  });
});

describe('A part that fails', () => {
  it('is tried again at once, twice, before anybody hears of it', async () => {
    const world = await started();
    world.source.failures.push(...unavailable(2));
    expect(await workOnPart(world)(message('run-1'), first)).toMatchObject({
      outcome: 'published',
      counts: { requests: 3 },
    });
  });

  it('is left to the queue for a while when its source stays away', async () => {
    const world = await started();
    world.source.failures.push(...unavailable(3));
    const worked = await workOnPart(world)(message('run-1'), first);
    expect(worked).toMatchObject({ decision: 'retry', last: false });
    expect(world.visibilities).toHaveLength(1);
    expect(world.visibilities[0]).toBeGreaterThanOrEqual(1);
    expect(world.visibilities[0]).toBeLessThanOrEqual(5);
    expect(await world.runs.getRun('run-1')).toMatchObject({ state: 'running', parts_done: 0 });
    expect(await workOnPart(world)(message('run-1'), { ...first, receive_count: 2 })).toMatchObject({
      outcome: 'published',
    });
  });

  it('has every request counted, also of deliveries that did not end it', async () => {
    const world = await started();
    world.source.failures.push(...unavailable(6));
    await workOnPart(world)(message('run-1'), first);
    await workOnPart(world)(message('run-1'), { ...first, receive_count: 2 });
    world.source.failures.push(new SourceThrottled('429', world.clock() + 60_000, 'figures.test'));
    expect(await workOnPart(world)(message('run-1'), last)).toMatchObject({ decision: 'defer' });
    expect((await world.runs.getRun('run-1'))!.counts.requests).toBe(7);
    world.pass(62_000);
    await workOnPart(world)(message('run-1'), first);
    expect((await world.runs.getRun('run-1'))!.counts.requests).toBe(world.asked.length);
    expect(world.asked).toHaveLength(8);
  });

  it('tells what its source answered, cut to what a run has room for', async () => {
    const world = await started();
    const answer = { host: 'figures.test', status: 404, content: 'No such file. '.repeat(100) };
    world.source.failures.push(new SourceRefused('It answered 404', { answer }));
    await workOnPart(world)(message('run-1'), first);
    const { errors } = (await world.runs.getRun('run-1'))!;
    expect(errors[0]!.answer).toEqual({ ...answer, content: answer.content.slice(0, ANSWER_LENGTH) });
  });

  it('says why on its run at the last receive, and then goes to the dead letters', async () => {
    const world = await started();
    world.source.failures.push(...unavailable(3));
    expect(await workOnPart(world)(message('run-1'), last)).toMatchObject({ decision: 'retry', last: true });
    expect(world.visibilities).toEqual([1]);
    expect(await world.runs.getRun('run-1')).toMatchObject({
      state: 'failed',
      counts: { errors: 1, requests: 3 },
      errors: [{ part: 1, dataset: 'test_wine', url: 'http://figures.test/wine.csv', message: 'It answered 500' }],
    });
  });

  it.each([new SourceRefused('It answered 404'), new RefusedContent('The file is a page of HTML')])(
    'ends at once when asking again would not help: %s',
    async (error) => {
      const world = await started();
      world.source.failures.push(error);
      expect(await workOnPart(world)(message('run-1'), first)).toMatchObject({ decision: 'stop' });
      expect([world.visibilities, world.queue.sent]).toEqual([[], []]);
      expect(await world.runs.getRun('run-1')).toMatchObject({ state: 'failed', errors: [{ message: error.message }] });
    },
  );

  it('tells nobody what unexpected errors say', async () => {
    const world = await started();
    world.source.failures.push(new TypeError('password hunter2'));
    await workOnPart(world)(message('run-1'), last);
    const { errors } = (await world.runs.getRun('run-1'))!;
    expect(errors[0]!.message).toContain('TypeError');
    expect(JSON.stringify(errors)).not.toContain('hunter2');
  });

  it('ends when its source is not known any more', async () => {
    const world = await started();
    world.findSource = () => undefined;
    expect(await workOnPart(world)(message('run-1'), first)).toMatchObject({ decision: 'stop' });
  });
});

describe('A part whose source asks to wait', () => {
  it('is enqueued anew until then, spends no receive, and keeps the others off the host', async () => {
    const world = await started(2);
    world.source.failures.push(new SourceThrottled('429', world.clock() + 60_000, 'figures.test'));
    const worked = await workOnPart(world)(message('run-1'), last);
    expect(worked).toMatchObject({ decision: 'defer' });
    expect(world.queue.sent).toHaveLength(1);
    const [sent] = world.queue.sent;
    expect(sent!.message).toEqual(message('run-1'));
    expect(sent!.delay_s).toBeGreaterThanOrEqual(60);
    expect(sent!.delay_s).toBeLessThanOrEqual(62);
    expect(world.visibilities).toEqual([]);

    const other = await workOnPart(world)(message('run-1', 2), first);
    expect(other).toMatchObject({ decision: 'defer' });
    expect(world.asked).toHaveLength(1);

    world.pass(sent!.delay_s * 1000);
    expect(await workOnPart(world)(message('run-1'), first)).toMatchObject({ outcome: 'published' });
  });

  it('is asked for by nobody who waited for a slot meanwhile', async () => {
    const world = await started();
    await world.budget.take('figures.test', { requests_per_minute: 30, within_ms: 10_000 });
    world.sleep = async (ms) => {
      world.pass(ms);
      await world.budget.block('figures.test', world.clock() + 60_000);
    };
    expect(await workOnPart(world)(message('run-1'), first)).toMatchObject({ decision: 'defer' });
    expect(world.asked).toEqual([]);
  });

  it.each([1, 0, -3600])('E13: is asked for less often each time it refuses with a wait of %i s', async (asks_for) => {
    const world = await started(15);
    const parts = Array.from({ length: 15 }, (_, part) => ({ part: part + 1, at: world.clock() }));
    const begun = world.clock();
    // Fifteen workers, each with a part that comes back when its delay is over.
    for (;;) {
      const next = parts.reduce((a, b) => (b.at < a.at ? b : a));
      if (next.at > begun + 400_000) break;
      if (next.at > world.clock()) world.pass(next.at - world.clock());
      world.source.failures = [new SourceThrottled('429', world.clock() + asks_for * 1000, 'figures.test')];
      const worked = await workOnPart(world)(message('run-1', next.part), first);
      expect(worked).toMatchObject({ decision: 'defer' });
      next.at = world.clock() + (worked as { delay_s: number }).delay_s * 1000;
    }
    expect(world.asked.length).toBeGreaterThan(5);
    expect(world.asked.length).toBeLessThanOrEqual(10);
    const waits = world.asked.slice(1).map(({ at }, i) => at - world.asked[i]!.at);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));

    world.source.failures = [];
    world.pass(3_600_000);
    expect(await workOnPart(world)(message('run-1'), first)).toMatchObject({ outcome: 'published' });
    // It answered, so its next refusal is a first one.
    world.source.failures = [new SourceThrottled('429', world.clock(), 'figures.test')];
    const delayed = await workOnPart(world)(message('run-1', 2), first);
    expect((delayed as { delay_s: number }).delay_s).toBeLessThanOrEqual(3);
  });

  it('waits by delays of fifteen minutes at most, and its run with it', async () => {
    const world = await started();
    world.source.failures.push(new SourceThrottled('429', world.clock() + 5 * 3_600_000, 'figures.test'));
    expect(await workOnPart(world)(message('run-1'), first)).toMatchObject({ decision: 'defer', delay_s: 900 });
    const { lease_until } = (await world.runs.getRun('run-1'))!;
    expect(Date.parse(lease_until)).toBeGreaterThan(world.clock() + 900_000);
  });

  it('gives up six hours after it was first enqueued', async () => {
    const world = await started();
    world.pass(6 * 3_600_000);
    world.source.failures.push(new SourceThrottled('429 and asks to wait', world.clock() + 60_000, 'figures.test'));
    expect(await workOnPart(world)(message('run-1'), first)).toMatchObject({ decision: 'stop' });
    expect(await world.runs.getRun('run-1')).toMatchObject({ errors: [{ message: '429 and asks to wait' }] });
    expect(world.queue.sent).toEqual([]);
  });

  it('never takes more slots than its source allows', async () => {
    const world = await started();
    for (let part = 1; part <= 30; part++) {
      await world.startRun(`run-${part}`, { source: `s${part}` });
      world.source.bytes = `1970;${part}\n`;
      await workOnPart(world)({ ...message(`run-${part}`), source: `s${part}` }, first);
    }
    const gaps = world.asked.slice(1).map(({ at }, index) => at - world.asked[index]!.at);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
  });
});

describe('A message that cannot be read', () => {
  it('is seen again within a second, three times', async () => {
    const world = await started();
    for (let receive_count = 1; receive_count <= 3; receive_count++) {
      await rejectMessage(world)('{ not json', { receive_count, receipt_handle: 'receipt', memory_gb: 1 });
    }
    expect(world.visibilities).toEqual([1, 1, 1]);
    expect(await world.runs.getRun('run-1')).toMatchObject({ state: 'running' });
  });

  it('ends its part at the last receive when it says whose it was', async () => {
    const world = await started();
    const body = JSON.stringify({ run: 'run-1', part: 1, type: 'from the future' });
    await rejectMessage(world)(body, first);
    expect(await world.runs.getRun('run-1')).toMatchObject({ parts_done: 0 });
    await rejectMessage(world)(body, last);
    expect(await world.runs.getRun('run-1')).toMatchObject({ state: 'failed', errors: [{ part: 1 }] });
  });
});

describe('A part that was redriven', () => {
  it('is worked on again and mends its run, however many deliveries of it there are', async () => {
    const world = await started();
    world.source.failures.push(new SourceRefused('It answered 404'));
    await workOnPart(world)(message('run-1'), first);
    expect((await world.runs.getRun('run-1'))!.state).toBe('failed');
    const works = await Promise.all([1, 2].map(() => workOnPart(world)(message('run-1'), first)));
    for (const worked of works)
      expect(worked).toMatchObject({ outcome: expect.stringMatching(/published|unchanged|ended-before/) });
    const run = (await world.runs.getRun('run-1'))!;
    expect(run).toMatchObject({ state: 'succeeded', counts: { errors: 0, rows_published: 2 }, errors: [] });
    expect(run.counts.requests).toBe(world.asked.length);
    expect(await workOnPart(world)(message('run-1'), first)).toMatchObject({ outcome: 'ended-before' });
  });

  it('that fails again keeps its newest reason and counts once', async () => {
    const world = await started();
    for (const text of ['It answered 404', 'It answered 410']) {
      world.source.failures.push(new SourceRefused(text));
      await workOnPart(world)(message('run-1'), first);
    }
    const failures = await world.runs.failuresOf('run-1', [1]);
    expect(failures).toMatchObject([{ error: { message: 'It answered 410' } }]);
    expect(await world.runs.getRun('run-1')).toMatchObject({ state: 'failed', counts: { errors: 1, requests: 2 } });
  });
});

describe('Where a queue has all failures in its dead letters', () => {
  it.each([new SourceRefused('It answered 404'), new SourceThrottled('429 for half a day', Number.MAX_SAFE_INTEGER)])(
    'what asking again would not help goes there too, after three receives: %s',
    async (error) => {
      const world = await started();
      world.pass(7 * 3_600_000);
      const facts = { requests: 1, dataset: null, url: null, stop_is_dead_letter: true };
      for (let receive_count = 1; receive_count <= 3; receive_count++) {
        const delivery = { receive_count, receipt_handle: 'receipt', memory_gb: 1 };
        expect(await failPart(world)(message('run-1'), delivery, error, facts)).toMatchObject({
          decision: 'retry',
          last: receive_count === 3,
        });
      }
      expect([world.visibilities.length, world.queue.sent]).toEqual([3, []]);
      const failures = await world.runs.failuresOf('run-1', [1]);
      expect(failures).toMatchObject([{ receives: 3, error: { message: error.message } }]);
      expect((await world.runs.getRun('run-1'))!.counts).toMatchObject({ requests: 3, errors: 1 });
    },
  );
});
