import type { ReadBudget } from '@granary/domain/ports/unmasked-reads';
import { describe, expect, it } from '@jest/globals';

/**
 * What every ReadBudget does. `make` gives unused budgets that read this clock (ms): each call of what it gives is one
 * more process.
 */
export const readBudgetContract = (name: string, make: (now: () => number) => Promise<() => ReadBudget>): void => {
  const NOON = Date.parse('2026-11-29T12:00:00Z');

  describe(`X4: ${name} as a ReadBudget`, () => {
    it('gives what a day has to each reader, to the last one, and no more', async () => {
      const budget = (await make(() => NOON))();
      expect(await budget.take('ana', 60, 100)).toBe(true);
      expect(await budget.take('ana', 41, 100)).toBe(false);
      // What was refused was not counted.
      expect(await budget.take('ana', 40, 100)).toBe(true);
      expect(await budget.take('ana', 1, 100)).toBe(false);
      expect(await budget.take('bob', 100, 100)).toBe(true);
      expect(await budget.take('eve', 101, 100)).toBe(false);
      expect(await budget.take('eve', 1, 0)).toBe(false);
    });

    it('is one for all processes, however many ask at once, and after a restart', async () => {
      const another = await make(() => NOON);
      const asked = await Promise.all(Array.from({ length: 30 }, () => another().take('ana', 7, 100)));
      expect(asked.filter(Boolean)).toHaveLength(14);
      expect(await another().take('ana', 3, 100)).toBe(false);
      expect(await another().take('ana', 2, 100)).toBe(true);
    });

    it('begins anew at midnight (UTC)', async () => {
      let now = Date.parse('2026-11-29T23:59:59.999Z');
      const budget = (await make(() => now))();
      expect(await budget.take('ana', 100, 100)).toBe(true);
      expect(await budget.take('ana', 1, 100)).toBe(false);
      now += 1;
      expect(await budget.take('ana', 100, 100)).toBe(true);
    });
  });
};
