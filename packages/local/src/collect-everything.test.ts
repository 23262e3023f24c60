import { begunRun, type Run } from '@granary/domain/run';
import { describe, expect, it } from '@jest/globals';
import type { PublicRun } from './api-client.ts';
import { collectEverything } from './collect-everything.ts';
import type { InvocationResult } from './plugin/invoke.ts';

const run = (id: string, kind: Run['kind'], more: Partial<Run> = {}): Run => ({
  ...begunRun({ id, kind, source: kind, started_at: '', parts: 2, lease_until: '' }),
  ...more,
});
const ended = { state: 'succeeded', parts_done: 2 } as const;
const failing: InvocationResult = { payload: { errorMessage: 'no table' }, failed: true };
const planned: Record<string, InvocationResult> = {
  plan: { payload: { runs: [{ id: 'c' }] }, failed: false },
  'plan-users': { payload: { run: { id: 'u' }, started: true }, failed: false },
};

/**
 * Collects with these plans; `states` are what the API says of each run, one answer after the other, the last for ever.
 */
const collect = async (states: Record<string, readonly Run[]>, plans: Record<string, InvocationResult> = {}) => {
  const invoked: [string, unknown][] = [];
  const shown: (readonly PublicRun[])[] = [];
  const asked = new Map<string, number>();
  let at = 0;
  const collected = await collectEverything({
    invoke: async (name, event) => {
      invoked.push([name, event]);
      const plan = name.replace('granary-ingestion-local-', '');
      return plans[plan] ?? planned[plan];
    },
    api: {
      run: async (id) => {
        const nth = asked.get(id) ?? 0;
        asked.set(id, nth + 1);
        return states[id][Math.min(nth, states[id].length - 1)];
      },
    },
    progress: { show: (runs) => shown.push(runs), end: () => undefined },
    signal: new AbortController().signal,
    now: () => (at += 30_000),
  });
  return { ...collected, invoked, shown };
};

describe('the first collection', () => {
  it('plans datasets, then users, and follows both until they have ended', async () => {
    const { runs, problems, invoked, shown } = await collect({
      c: [run('c', 'collect', ended)],
      u: [run('u', 'users'), run('u', 'users', ended)],
    });
    expect(invoked).toEqual([
      ['granary-ingestion-local-plan', { force: true }],
      ['granary-ingestion-local-plan-users', { force: true }],
    ]);
    expect(runs.map(({ id, state }) => [id, state])).toEqual([
      ['c', 'succeeded'],
      ['u', 'succeeded'],
    ]);
    expect(problems).toEqual([]);
    expect(shown).toHaveLength(2);
  });

  it.each(['plan', 'plan-users'])('goes on with the others when %s fails, and says so', async (name) => {
    const states = { c: [run('c', 'collect', ended)], u: [run('u', 'users', ended)] };
    const { runs, problems } = await collect(states, { [name]: failing });
    expect(runs.map(({ id }) => id)).toEqual([name === 'plan' ? 'u' : 'c']);
    expect(problems).toEqual([expect.stringMatching(/could not be planned: no table$/)]);
  });

  it('is an error when nothing can be planned', async () => {
    await expect(collect({}, { plan: failing, 'plan-users': { payload: null, failed: true } })).rejects.toThrow(
      'The collection could not be planned: no table\nThe fetch of users could not be planned: the function failed',
    );
  });

  it('does not wait for ever for users once the datasets are there, nor the other way round', async () => {
    for (const stands of ['c', 'u']) {
      const kind = (id: string) => (id === 'c' ? 'collect' : 'users');
      const state = (id: string) => [run(id, kind(id), id === stands ? {} : ended)];
      const { runs } = await collect({ c: state('c'), u: state('u') });
      expect(runs.filter((one) => one.state === 'running').map(({ id }) => id)).toEqual([stands]);
    }
  });
});
