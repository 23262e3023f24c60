import type { HostBudget } from '@granary/domain/ports/collecting';
import { describe, expect, it } from '@jest/globals';

/** What every HostBudget does. `make` gives an unused one that reads this clock (ms since the epoch). */
export const hostBudgetContract = (name: string, make: (now: () => number) => Promise<HostBudget>): void => {
  const sixty = { requests_per_minute: 60, within_ms: 10_000 };
  const T0 = 1_800_000_000_000;

  describe(`${name} as a HostBudget`, () => {
    it('gives slots at the rate of the host, each once, up to the longest wait', async () => {
      const budget = await make(() => T0);
      const slots = await Promise.all(Array.from({ length: 14 }, () => budget.take('example.test', sixty)));
      const taken = slots.flatMap((slot) => ('at' in slot ? [slot.at] : [])).sort((a, b) => a - b);
      expect(taken).toEqual(Array.from({ length: 11 }, (_, index) => T0 + index * 1000));
      expect(slots.filter((slot) => 'retry_at' in slot)).toHaveLength(3);
      expect(await budget.take('other.test', sixty)).toEqual({ at: T0 });
    });

    it('does not give back the time that nobody used', async () => {
      let now = T0;
      const budget = await make(() => now);
      expect(await budget.take('example.test', sixty)).toEqual({ at: T0 });
      now += 60_000;
      expect(await budget.take('example.test', sixty)).toEqual({ at: now });
      expect(await budget.take('example.test', sixty)).toEqual({ at: now + 1000 });
    });

    it('gives no slot while the host is blocked, and never shortens a block', async () => {
      let now = T0;
      const budget = await make(() => now);
      expect(await budget.blockedUntil('example.test')).toBe(0);
      await budget.block('example.test', T0 + 60_000);
      await budget.block('example.test', T0 + 5_000);
      expect(await budget.blockedUntil('EXAMPLE.test')).toBe(T0 + 60_000);
      expect(await budget.take('example.test', sixty)).toEqual({ retry_at: T0 + 60_000 });
      now = T0 + 55_000;
      expect(await budget.take('example.test', sixty)).toEqual({ at: T0 + 60_000 });
      expect(await budget.take('example.test', sixty)).toEqual({ at: T0 + 61_000 });
    });
  });
};
