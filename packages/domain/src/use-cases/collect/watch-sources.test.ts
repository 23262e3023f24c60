import { describe, expect, it } from '@jest/globals';
import type { Dataset } from '../../dataset.ts';
import { begunRun, type Run } from '../../run.ts';
import { type WatchDeps, watchSources } from './watch-sources.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const ago = (hours: number) => new Date(NOW - hours * 3_600_000).toISOString();
const dataset = (id: string, checked_at: string | null, source = 'embrapa') =>
  ({ id, source, checked_at, refused: null }) as unknown as Dataset;
const run = (id: string, state: Run['state'], hours: number, of: Pick<Run, 'source' | 'kind'>): Run => ({
  ...begunRun({ id, ...of, started_at: ago(hours), parts: 1, lease_until: ago(hours - 1) }),
  state,
  ended_at: state === 'running' ? null : ago(hours),
});
const OF_EMBRAPA = { source: 'embrapa', kind: 'collect' } as const;
const OF_USERS = { source: 'random-users', kind: 'users' } as const;

const watch = (datasets: readonly Dataset[], runs: readonly Run[]) => {
  const deps: WatchDeps = {
    catalog: { listDatasets: async () => datasets },
    runs: { listRuns: async ({ kind }) => ({ runs: runs.filter((one) => one.kind === kind), next: null }) },
    schedules: async () => ({ embrapa: 'rate(1 day)', 'random-users': 'rate(12 hours)' }),
    users: 'random-users',
    clock: () => NOW,
  };
  return watchSources(deps)();
};
const overdue = async (...args: Parameters<typeof watch>) =>
  (await watch(...args)).freshness.filter((one) => one.overdue).map((one) => one.dataset);

describe('The freshness of a dataset', () => {
  it('is the time since its source gave it, beside twice the schedule of the source', async () => {
    const { freshness } = await watch([dataset('a_b', ago(47.5)), dataset('a_c', ago(48.5))], []);
    expect(freshness).toEqual([
      { dataset: 'a_b', source: 'embrapa', age_h: 47.5, every_h: 24, overdue: false },
      { dataset: 'a_c', source: 'embrapa', age_h: 48.5, every_h: 24, overdue: true },
    ]);
  });

  it('of one that its source no longer holds is nobody’s concern', async () => {
    const gone = { ...dataset('a_b', ago(480)), gone_at: ago(470) };
    expect((await watch([gone, dataset('a_c', ago(1))], [])).freshness.map((one) => one.dataset)).toEqual(['a_c']);
  });

  it('of one that was never given is not overdue when its file could not be read', async () => {
    const refused = { reason: 'The file is empty.', at: ago(1) };
    const [never, once] = [dataset('a_b', null), dataset('a_c', ago(50))].map((one) => ({ ...one, refused }));
    expect(await overdue([never!, once!], [run('1', 'partial', 1, OF_EMBRAPA)])).toEqual(['a_c']);
  });

  it('of one that was never given is overdue as soon as a run of its source has ended', async () => {
    const never = [dataset('a_b', null)];
    expect(await overdue(never, [run('1', 'running', 0, OF_EMBRAPA)])).toEqual([]);
    expect(await overdue(never, [run('1', 'partial', 1, OF_EMBRAPA)])).toEqual(['a_b']);
  });

  it('is not looked at when its source was taken out', async () => {
    expect(await overdue([dataset('x_y', ago(9000), 'gone')], [])).toEqual([]);
  });

  it('is that of users too: of their newest run that brought some', async () => {
    expect(await overdue([], [])).toEqual([]);
    expect(await overdue([], [run('2', 'running', 0, OF_USERS)])).toEqual([]);
    expect(await overdue([], [run('2', 'failed', 1, OF_USERS), run('1', 'succeeded', 20, OF_USERS)])).toEqual([]);
    expect(await overdue([], [run('2', 'failed', 1, OF_USERS), run('1', 'succeeded', 25, OF_USERS)])).toEqual([
      'users',
    ]);
    expect(await overdue([], [run('2', 'failed', 1, OF_USERS)])).toEqual(['users']);
  });
});

describe('The health of a source', () => {
  it('is how its newest ended run ended, and how many failed one after the other', async () => {
    const states = ['running', 'failed', 'failed', 'partial', 'failed'] as const;
    const runs = states.map((state, at) => run(`r${at}`, state, at, OF_EMBRAPA));
    const { health } = await watch([], [...runs, run('u1', 'succeeded', 3, OF_USERS)]);
    expect(health).toEqual([
      { source: 'embrapa', run: 'r1', state: 'failed', ended_at: ago(1), failed_runs: 2 },
      { source: 'random-users', run: 'u1', state: 'succeeded', ended_at: ago(3), failed_runs: 0 },
    ]);
  });

  it('is not told by runs that make datasets again of stored bytes', async () => {
    const replays = ['failed', 'succeeded'].map((state, at) => ({
      ...run(`r${at}`, state as Run['state'], at, OF_EMBRAPA),
      replays: { dataset: 'a_b', ...(at === 0 && { version: 1 }) },
    }));
    expect(await watch([dataset('a_b', null)], replays)).toMatchObject({ freshness: [{ overdue: false }], health: [] });
    const { health } = await watch([], [...replays, run('c', 'failed', 3, OF_EMBRAPA)]);
    expect(health).toMatchObject([{ run: 'c', failed_runs: 1 }]);
  });

  it('of one whose every run failed counts them all', async () => {
    const { health } = await watch(
      [],
      [1, 2, 3].map((at) => run(`r${at}`, 'failed', at, OF_EMBRAPA)),
    );
    expect(health).toMatchObject([{ failed_runs: 3 }]);
  });
});
