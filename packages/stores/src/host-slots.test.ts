import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Slots, takeSlots } from './host-slots.ts';

const T0 = 1_800_000_000_000;

describe('Slots of a host', () => {
  it('are never more than a burst in any window, whoever asks, when, and by whichever clock', () => {
    const steps = fc.array(
      fc.record({
        pass: fc.integer({ min: 0, max: 40_000 }),
        // Clocks of workers differ.
        skew: fc.integer({ min: -2_000, max: 2_000 }),
        asks: fc.integer({ min: 1, max: 30 }),
        within_ms: fc.constantFrom(0, 10_000, 100_000),
        block: fc.option(fc.integer({ min: 0, max: 90_000 }), { freq: 5 }),
      }),
      { maxLength: 60 },
    );
    const paces = fc.record({
      requests_per_minute: fc.integer({ min: 1, max: 300 }),
      burst: fc.integer({ min: 1, max: 300 }),
    });
    fc.assert(
      fc.property(steps, paces, (all, pace) => {
        let slots: Slots = [];
        let [time, not_before] = [T0, 0];
        const given: number[] = [];
        for (const { pass, skew, asks, within_ms, block } of all) {
          time += pass;
          if (block !== null) not_before = Math.max(not_before, time + block);
          const now = time + skew;
          const answer = takeSlots(slots, Array(asks).fill({ within_ms }), pace, { now, not_before });
          slots = answer.slots;
          for (const slot of answer.given) {
            if ('retry_at' in slot) expect(slot.retry_at).toBeGreaterThan(now + within_ms);
            else {
              expect(slot.at).toBeGreaterThanOrEqual(Math.max(now, not_before));
              expect(slot.at).toBeLessThanOrEqual(now + within_ms);
              given.push(slot.at);
            }
          }
        }
        given.sort((a, b) => a - b);
        const { requests_per_minute, burst } = pace;
        const window = (burst * 60_000) / requests_per_minute + (burst > 1 ? 1000 : 0);
        for (let index = burst; index < given.length; index++) {
          expect(given[index]! - given[index - burst]!).toBeGreaterThanOrEqual(window);
        }
        expect(slots.length).toBeLessThanOrEqual(202);
      }),
      { numRuns: 300 },
    );
  });

  it('are all given, none later than it must be', () => {
    const pace = { requests_per_minute: 75, burst: 75 };
    const asks = Array(200).fill({ within_ms: 1e9 });
    const { given } = takeSlots([], asks, pace, { now: T0, not_before: 0 });
    expect(given).toEqual(given.map((_, index) => ({ at: T0 + 61_000 * Math.floor(index / 75) })));
  });

  it('make a small list however large the burst is, and cost a hundredth of the rate at most', () => {
    const pace = { requests_per_minute: 6000, burst: 6000 };
    let slots: Slots = [];
    let [now, given] = [T0, 0];
    for (; now < T0 + 61_000; now += 5) {
      const answer = takeSlots(slots, [{ within_ms: 0 }], pace, { now, not_before: 0 });
      slots = answer.slots;
      if ('at' in answer.given[0]!) given += 1;
    }
    expect(slots.length).toBeLessThanOrEqual(102);
    expect(given).toBe(6000);
    const soon = takeSlots(slots, [{ within_ms: 10_000 }], pace, { now, not_before: 0 });
    expect(soon.given[0]).toEqual({ at: expect.any(Number) });
    expect((soon.given[0] as { at: number }).at).toBeLessThanOrEqual(now + 700);
  });
});
