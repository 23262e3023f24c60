import { begunRun } from '@granary/domain/run';
import { expect, it } from '@jest/globals';
import { runItem, toRun } from './run-items.ts';

it('The cost of a run counts the work that an earlier release kept in milliseconds as that of a GB', () => {
  const at = '2026-11-20T08:00:00.000Z';
  const run = begunRun({ id: 'r', kind: 'collect', source: 's', started_at: at, parts: 1, lease_until: at });
  const item = runItem(run) as Record<string, unknown>;
  const costOf = (work: object) => toRun({ ...item, ...work } as never).cost_usd_estimate;
  expect(costOf({})).toBe(0);
  expect(costOf({ gb_ms: 90_000 })).toBeCloseTo(90 * 13.3334e-6, 6);
  expect(costOf({ gb_ms: 60_000, work_ms: 30_000 })).toBe(costOf({ gb_ms: 90_000 }));
});
