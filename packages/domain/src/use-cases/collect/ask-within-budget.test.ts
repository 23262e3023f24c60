import { makeMemoryHostBudget } from '@granary/stores/memory-host-budget';
import { describe, expect, it } from '@jest/globals';
import { SourceUnavailable } from '../../errors.ts';
import type { Pace } from '../../ports/collecting.ts';
import { askWithinBudget } from './ask-within-budget.ts';

/** A host that answers as it is told; `slots`: when it was asked, in ms since the beginning. */
const makeHost = () => {
  const begun = Date.parse('2026-11-20T08:00:00.000Z');
  let now = begun;
  const clock = () => now;
  const sleep = async (ms: number) => {
    now += ms;
  };
  const slots: number[] = [];
  const url = new URL('http://slow.test/');
  const deps = { budget: makeMemoryHostBudget({ now: clock }), clock, sleep };
  const ask = (answer: { ms: number; status: number }, pace: Pace = { requests_per_minute: 60_000 }) =>
    askWithinBudget(deps)(
      pace,
      () => {},
      async ({ before, answered }) => {
        await before(url);
        slots.push(now - begun);
        await answered(url, answer);
        if (answer.status >= 500) throw new SourceUnavailable('it failed');
      },
    );
  return { ask, slots };
};

describe('A host that is slow', () => {
  it('is asked about once at a time, and an error, however quick, does not hurry that', async () => {
    const { ask, slots } = makeHost();
    await ask({ ms: 20, status: 200 });
    await ask({ ms: 4000, status: 200 });
    await ask({ ms: 3900, status: 200 });
    await expect(ask({ ms: 5, status: 500 })).rejects.toThrow('it failed');
    await ask({ ms: 10, status: 200 });
    await ask({ ms: 10, status: 200 });
    await ask({ ms: 10, status: 200 });
    expect(slots).toEqual([0, 1, 4001, 8001, 12_001, 14_001, 15_001]);
  });

  it('is asked as its limit says where that is of a burst', async () => {
    const { ask, slots } = makeHost();
    const pace = { requests_per_minute: 60, burst: 60 };
    for (let n = 0; n < 3; n++) await ask({ ms: 9000, status: 200 }, pace);
    expect(slots).toEqual([0, 0, 0]);
  });
});
