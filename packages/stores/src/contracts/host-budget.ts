import type { HostBudget } from '@granary/domain/ports/collecting';
import { describe, expect, it } from '@jest/globals';

/**
 * What every HostBudget does. `make` gives unused budgets that read this clock (ms since the epoch): each call of what
 * it gives is how one more process sees them.
 */
export const hostBudgetContract = (name: string, make: (now: () => number) => Promise<() => HostBudget>): void => {
  const sixty = { requests_per_minute: 60, within_ms: 10_000 };
  const T0 = 1_800_000_000_000;

  describe(`${name} as a HostBudget`, () => {
    it('gives slots at the rate of the host, each once, up to the longest wait', async () => {
      const budget = (await make(() => T0))();
      const slots = await Promise.all(Array.from({ length: 14 }, () => budget.take('example.test', sixty)));
      const taken = slots.flatMap((slot) => ('at' in slot ? [slot.at] : [])).sort((a, b) => a - b);
      expect(taken).toEqual(Array.from({ length: 11 }, (_, index) => T0 + index * 1000));
      expect(slots.filter((slot) => 'retry_at' in slot)).toHaveLength(3);
      expect(await budget.take('other.test', sixty)).toEqual({ at: T0 });
    });

    it('does not give back the time that nobody used', async () => {
      let now = T0;
      const budget = (await make(() => now))();
      expect(await budget.take('example.test', sixty)).toEqual({ at: T0 });
      now += 60_000;
      expect(await budget.take('example.test', sixty)).toEqual({ at: now });
      expect(await budget.take('example.test', sixty)).toEqual({ at: now + 1000 });
    });

    it('gives no slot while the host is blocked, and never shortens a block', async () => {
      let now = T0;
      const budget = (await make(() => now))();
      expect(await budget.blockedUntil('example.test')).toBe(0);
      await budget.block('example.test', T0 + 60_000);
      await budget.block('example.test', T0 + 5_000);
      expect(await budget.blockedUntil('EXAMPLE.test')).toBe(T0 + 60_000);
      expect(await budget.take('example.test', sixty)).toEqual({ retry_at: T0 + 60_000 });
      now = T0 + 55_000;
      expect(await budget.take('example.test', sixty)).toEqual({ at: T0 + 60_000, after_refusal: true });
      expect(await budget.take('example.test', sixty)).toEqual({ at: T0 + 61_000, after_refusal: true });
    });

    it('E13: leaves a host alone twice as long after each refusal, whatever wait it asks for, up to an hour', async () => {
      let now = T0;
      const budgets = await make(() => now);
      const waits: number[] = [];
      for (let refusal = 0; refusal < 15; refusal++) {
        // A second, none at all, and a moment that is past; each time another worker is refused.
        const until = await budgets().block('example.test', now + [1000, 0, -60_000][refusal % 3]!);
        waits.push((until - now) / 1000);
        expect(await budgets().blockedUntil('example.test')).toBe(until);
        now = until;
      }
      expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600]);
      expect(await budgets().block('example.test', now + 7_200_000)).toBe(now + 7_200_000);
    });

    it('E13: takes refusals of the same moment for one', async () => {
      const budget = (await make(() => T0))();
      const untils = await Promise.all(Array.from({ length: 5 }, () => budget.block('example.test', T0 + 1000)));
      expect(untils).toEqual(Array(5).fill(T0 + 1000));
    });

    it('E13: forgets refusals once the host answers who came after them, but not while it is blocked', async () => {
      let now = T0;
      const budget = (await make(() => now))();
      const wait = async () => (await budget.block('example.test', now)) - now;
      expect(await budget.take('example.test', sixty)).toEqual({ at: T0 });
      expect(await wait()).toBe(1000);
      await budget.answered('example.test');
      now += 5_000;
      expect(await budget.take('example.test', sixty)).toEqual({ at: now, after_refusal: true });
      expect(await wait()).toBe(2000);
      now += 5_000;
      await budget.answered('EXAMPLE.test');
      expect(await budget.take('example.test', sixty)).toEqual({ at: now });
      expect(await wait()).toBe(1000);
      await budget.answered('never-asked.test');
    });

    it('tells each who finds no slot another moment, and begins the line anew before it is a quarter of an hour', async () => {
      const budget = (await make(() => T0))();
      const all: number[] = [];
      for (let n = 0; n < 860; n++) {
        const slot = await budget.take('example.test', sixty);
        if ('retry_at' in slot) all.push(slot.retry_at);
      }
      const line = Array.from({ length: 830 }, (_, n) => T0 + (11 + n) * 1000);
      expect(all).toEqual([...line, ...line.slice(0, 19)]);
    });

    const timesOf = (slots: readonly ({ at: number } | { retry_at: number })[]) =>
      slots.flatMap((slot) => ('at' in slot ? [slot.at] : [])).sort((a, b) => a - b);

    it('keeps requests to a slow host apart, until it is fast again', async () => {
      const open = await make(() => T0);
      await open().setDelay('Example.test', 4000);
      const slow = await Promise.all([1, 2, 3, 4].map(() => open().take('example.test', sixty)));
      // Whoever comes first gets the first slot.
      expect(timesOf(slow).map((at) => at - T0)).toEqual([0, 4000, 8000]);
      expect(slow).toContainEqual({ at: T0, delay_ms: 4000 });
      await open().setDelay('example.test', 0);
      expect(await open().take('example.test', sixty)).toEqual({ at: T0 + 9000 });
    });

    const burst = { requests_per_minute: 75, burst: 75, within_ms: 10_000 };
    it('lets a burst go out together, and the next one a minute and a second later', async () => {
      let now = T0;
      const budget = (await make(() => now))();
      const slots = await Promise.all(Array.from({ length: 80 }, () => budget.take('example.test', burst)));
      expect(timesOf(slots)).toEqual(Array(75).fill(T0));
      expect(slots.filter((slot) => 'retry_at' in slot)).toEqual(Array(5).fill({ retry_at: T0 + 61_000 }));
      now = T0 + 30_000;
      expect(await budget.take('example.test', burst)).toEqual({ retry_at: T0 + 61_000 });
      now = T0 + 55_000;
      expect(await budget.take('example.test', burst)).toEqual({ at: T0 + 61_000 });
      now = T0 + 62_000;
      const next = await Promise.all(Array.from({ length: 80 }, () => budget.take('example.test', burst)));
      expect(timesOf(next)).toEqual(Array(74).fill(now));
    });

    it('begins a burst no sooner than the host wants', async () => {
      const budget = (await make(() => T0))();
      await budget.block('example.test', T0 + 5_000);
      const slots = await Promise.all(Array.from({ length: 80 }, () => budget.take('example.test', burst)));
      expect(timesOf(slots)).toEqual(Array(75).fill(T0 + 5_000));
    });

    it('is one budget for five processes at once: never more than a burst in any minute', async () => {
      let now = T0;
      const open = await make(() => now);
      const processes = Array.from({ length: 5 }, open);
      const all: number[] = [];
      for (let round = 0; round < 6; round++) {
        const asks = processes.flatMap((budget) =>
          Array.from({ length: 25 }, () => budget.take('example.test', burst)),
        );
        all.push(...timesOf(await Promise.all(asks)));
        now += 17_000 + round;
      }
      expect(all).toHaveLength(150);
      all.sort((a, b) => a - b);
      for (let index = 75; index < all.length; index++) {
        expect(all[index]! - all[index - 75]!).toBeGreaterThanOrEqual(61_000);
      }
    });
  });
};
