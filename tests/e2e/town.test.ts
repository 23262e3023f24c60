import { TOWN_FILES, TOWN_PAGES } from '@granary/replica/town/town-site';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { listRuns, planNow, type RunAnswer } from './collecting.ts';
import { compareWithDuckDb } from './compare-with-duckdb.ts';
import { needsLocal } from './needs-local.ts';
import { dropState, eventually, newState, type Stack, startStack, WITH_TOWN } from './stack.ts';

/** The second publisher that `npm start` shows: its files are read right, or refused with a reason, and stay so. */
needsLocal('its files are those of the replica').describe('the town of the replica', () => {
  const state = newState();
  let stack: Stack;
  const env = { ...WITH_TOWN, GRANARY_RANDOM_USERS_URL: 'none' };

  beforeAll(async () => {
    stack = await startStack({ state, env });
  }, 360_000);
  afterAll(async () => {
    await stack?.stop();
    dropState(state);
  }, 90_000);

  const runOf = async (source: string, after?: string): Promise<RunAnswer> =>
    (await eventually(
      async () => (await listRuns(stack)).find((run) => run.source === source),
      (run) => run !== undefined && run.state !== 'running' && run.id !== after,
      240_000,
    )) as RunAnswer;

  it('has each table of each file, with its rows, and a reason for each file that holds none', async () => {
    const { items } = await stack.json('/v1/datasets?limit=100');
    const datasets: { id: string; source: string; rows: number | null; refused: object | null }[] = items;
    const ofTown = datasets.filter(({ source }) => source.startsWith('porto_claro'));
    const files = [...TOWN_FILES, ...TOWN_PAGES];
    const rows = files.flatMap(({ holds }) => ('rows' in holds ? holds.rows : []));
    const published = ofTown.filter((dataset) => dataset.rows !== null);
    expect(published.map((dataset) => dataset.rows!).sort()).toEqual([...rows].sort());
    const refused = files.filter(({ holds }) => 'refused' in holds);
    expect(ofTown.filter((dataset) => dataset.refused !== null)).toHaveLength(refused.length);
    const { refused: why } = datasets.find(({ id }) => id === 'porto_claro_book_encrypted_xlsx')!;
    expect(why).toMatchObject({ reason: expect.stringMatching(/encrypted/) });
    const { errors, state: ended } = await runOf('porto_claro');
    expect(ended).toBe('partial');
    expect(errors).toHaveLength(refused.length);
    const reasons = errors.map(({ message }) => message).join('\n');
    for (const { holds } of refused) expect(reasons).toMatch((holds as { refused: RegExp }).refused);
    expect((await runOf('porto_claro_pages')).state).toBe('succeeded');
  });

  it('has profiles and facets that are what DuckDB finds in its files', async () => {
    const { datasets, differences } = await compareWithDuckDb((path) => stack.json(path));
    expect(differences).toEqual([]);
    expect(datasets.filter((id) => id.startsWith('porto_claro')).length).toBeGreaterThan(35);
  }, 240_000);

  it('says in its summary what was published, and what was refused and why', () => {
    expect(stack.output()).toMatch(/porto_claro_book_three_xlsx\w* +1 +24/);
    expect(stack.output()).toMatch(/porto_claro_book_encrypted_xlsx: .*encrypted/);
  });

  it('is unchanged when it is collected again, also after a restart', async () => {
    const before = await runOf('porto_claro');
    await planNow(stack);
    const again = await runOf('porto_claro', before.id);
    expect(again.versions).toEqual([]);
    expect(again.counts.unchanged).toBeGreaterThan(30);
    await stack.stop();
    stack = await startStack({ state, port: stack.port, env });
    const restarted = await runOf('porto_claro', again.id);
    expect(restarted.versions).toEqual([]);
  }, 360_000);
});
