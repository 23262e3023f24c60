import { sampleSources } from '@granary/local/sample-sources';
import { TOWN_FILES, TOWN_PAGES } from '@granary/replica/town/town-site';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { endedRun, planNow, type RunAnswer } from './collecting.ts';
import { compareWithDuckDb } from './compare-with-duckdb.ts';
import { needsLocal } from './needs-local.ts';
import { dropState, newState, type Stack, startStack, WITH_TOWN } from './stack.ts';

type ListedDataset = {
  id: string;
  rows: number | null;
  rows_quarantined: number | null;
  refused: { reason: string } | null;
};

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

  const ended = (source: string, after?: RunAnswer) => endedRun(stack, after, source);

  it('has each table of each file, with its rows, and a reason for each file that holds none', async () => {
    const { items }: { items: ListedDataset[] } = await stack.json('/v1/datasets?limit=100');
    const run = await ended('porto_claro');
    expect(run.state).toBe('partial');
    const declared = sampleSources('http://town.test/').flatMap(({ datasets }) => datasets.map(({ id }) => id));
    // The tables of a file with several have names that begin with its own.
    const fileOf = (id: string) =>
      declared.filter((one) => id === one || id.startsWith(`${one}_`)).sort((a, b) => b.length - a.length)[0];
    const sum = (figures: number[]) => figures.reduce((all, one) => all + one, 0);
    const asWanted = [...TOWN_FILES, ...TOWN_PAGES].map(({ holds }, at) => {
      const id = declared[at]!;
      if ('refused' in holds)
        return { id, rows: [], quarantined: 0, reasons: Array(2).fill(expect.stringMatching(holds.refused)) };
      return { id, rows: [...holds.rows].sort((a, b) => a - b), quarantined: holds.quarantined ?? 0, reasons: [] };
    });
    const asFound = declared.map((id) => {
      const own = items.filter((dataset) => fileOf(dataset.id) === id);
      const published = own.filter(({ rows }) => rows !== null);
      const errors = run.errors.filter(({ dataset }) => dataset === id).map(({ message }) => message);
      return {
        id,
        rows: published.map(({ rows }) => rows!).sort((a, b) => a - b),
        quarantined: sum(published.map(({ rows_quarantined }) => rows_quarantined!)),
        reasons: [...own.flatMap(({ refused }) => refused?.reason ?? []), ...errors],
      };
    });
    expect(asFound).toEqual(asWanted);
    expect(run.errors).toHaveLength(asWanted.filter(({ reasons }) => reasons.length > 0).length);
    expect((await ended('porto_claro_pages')).state).toBe('succeeded');
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
    const before = await ended('porto_claro');
    await planNow(stack);
    const again = await ended('porto_claro', before);
    expect(again.versions).toEqual([]);
    expect(again.counts.unchanged).toBeGreaterThan(30);
    await stack.stop();
    stack = await startStack({ state, port: stack.port, env });
    const restarted = await ended('porto_claro', again);
    expect(restarted.versions).toEqual([]);
  }, 360_000);
});
