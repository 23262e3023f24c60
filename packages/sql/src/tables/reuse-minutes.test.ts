import type { LatestTable } from '@granary/domain/sql-table';
import { makeMemoryQueryEngine } from '@granary/stores/memory-query-engine';
import { makeMemorySqlCatalog } from '@granary/stores/memory-sql-catalog';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { reuseMinutes } from './reuse-minutes.ts';

const MINUTE = 60_000;
/** Athena ends a query then, whether or not anybody swept. */
const LONGEST_MS = 30 * MINUTE;

type Step =
  | { does: 'publish' }
  | { does: 'pass'; ms: number }
  /** `ms`: what the engine takes. `races`: the tables change between the look at them and the start. */
  | { does: 'ask'; table: 'wine' | 'wine_versions'; ms: number; races: boolean };

const ms = (longest: number) =>
  fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: longest }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Step>({ does: 'publish' }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('pass' as const), ms: ms(90 * MINUTE) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('ask' as const),
      table: fc.constantFrom('wine' as const, 'wine_versions' as const),
      ms: ms(LONGEST_MS),
      races: fc.boolean(),
    }),
  },
);

/**
 * Walks through the steps; says how often an earlier result was given, and every answer that was older than its tables
 * when it was asked for.
 */
const walk = async (steps: readonly Step[]) => {
  let now = Date.parse('2026-11-20T12:00:00Z');
  const clock = () => now;
  const tables = makeMemorySqlCatalog({ now: clock });
  let version = 0;
  const publish = async () => {
    version += 1;
    const columns = [{ name: 'year', type: 'int' as const }];
    const latest: LatestTable = { kind: 'latest', dataset: 'wine', columns, version, attempt: String(version) };
    const { version: to, ...rest } = latest;
    await tables.putTable({ ...rest, kind: 'history', from: 1, to, number_column: 'version' });
    await tables.putTable(latest);
  };
  let takes = 0;
  const engine = makeMemoryQueryEngine({
    now: clock,
    // A query reads its tables as they are when it is planned.
    answer: () => ({ columns: [{ name: 'version', type: 'integer' }], rows: [[String(version)]], ms: takes }),
  });
  const limits = { seconds: 300, reuse_minutes: 60, bytes: 1 };
  const stale: string[] = [];
  let reused = 0;
  await publish();
  for (const one of steps) {
    if (one.does === 'publish') await publish();
    if (one.does === 'pass') now += one.ms;
    if (one.does !== 'ask') continue;
    const least = version;
    const deps = { times: tables, clock, limits };
    const reuse_minutes = await reuseMinutes(deps, { tables: [one.table], volatile: false }, undefined);
    if (one.races) await publish();
    takes = one.ms;
    const id = await engine.start({ sql: `SELECT version FROM ${one.table}`, reuse_minutes });
    reused += (await engine.status(id))?.reused ? 1 : 0;
    const { rows } = await engine.page(id, { limit: 1 });
    if (Number(rows[0]?.[0]) < least) stale.push(`version ${rows[0]?.[0]} where ${least} was published`);
  }
  return { stale, reused };
};

describe('a result that is given again', () => {
  it('is never of before a publication, in any order of publishing and asking, though nobody stops what runs too long', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        expect((await walk(steps)).stale).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('is one of before where nothing was published since', async () => {
    const ask: Step = { does: 'ask', table: 'wine', ms: 1000, races: false };
    const pass = (minutes: number): Step => ({ does: 'pass', ms: minutes * MINUTE });
    expect(await walk([pass(100), ask, pass(50), ask, pass(61), ask])).toEqual({ stale: [], reused: 1 });
  });
});
