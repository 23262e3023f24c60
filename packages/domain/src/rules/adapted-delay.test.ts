import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { adaptedDelay } from './adapted-delay.ts';

describe('The delay between requests to a host', () => {
  /** What it becomes of answers, one after the other. */
  const after = (...answers: [ms: number, status?: number][]): number =>
    answers.reduce((was, [ms, status = 200]) => adaptedDelay(was, { ms, status }) ?? was, 0);

  it('is none as long as the host is not slow', () => {
    expect(after([20], [400], [999])).toBe(0);
  });

  it('is as long as the host takes, a minute at most', () => {
    expect(after([2000])).toBe(2000);
    expect(after([2000], [5000])).toBe(5000);
    expect(after([500_000])).toBe(60_000);
  });

  it('gets shorter by halves when the host gets faster, until there is none', () => {
    expect(after([8000], [100])).toBe(4000);
    expect(after([8000], [100], [3000])).toBe(4000);
    expect(after([8000], [100], [100], [100])).toBe(1000);
    expect(after([8000], [100], [100], [100], [100])).toBe(0);
  });

  it('is never shortened by an error', () => {
    fc.assert(
      fc.property(fc.nat(60_000), fc.nat(100_000), fc.constantFrom(301, 404, 429, 500, 503), (was, ms, status) => {
        expect(adaptedDelay(was, { ms, status }) ?? was).toBeGreaterThanOrEqual(was);
      }),
    );
  });
});
