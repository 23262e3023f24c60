import type { Pace } from '@granary/domain/ports/collecting';

/**
 * The last slots of a host that were given, as many as its burst: moments (ms since the epoch, ascending) and how many
 * slots each has.
 */
export type Slots = readonly (readonly [at: number, count: number])[];

/** Those who find no slot come back within this: SQS delays a message by a quarter of an hour at most. */
const LONGEST_LINE_MS = 840_000;

/** Requests leave late and arrive later still, and the source counts arrivals. */
const LATE_MS = 1000;
/** More moments than this are not told apart: the list has to be a small item, whatever the burst. */
const MOMENTS = 100;

export type Ask = { within_ms: number };
export type Slot = { at: number } | { retry_at: number };

/**
 * Gives each who asks the next slot: now, but not before `not_before`, and not before the slot that was given `burst`
 * ago has left the window of `burst` minutes / `requests_per_minute`. So any such window, a second longer when more
 * than one may go out together, has `burst` at most. `delay_ms`: slots are at least so far apart, if there is no burst.
 * Those for whom there is none soon are given a moment each, behind `line`, which is the last that was given.
 */
export const takeSlots = (
  slots: Slots,
  asks: readonly Ask[],
  { requests_per_minute, burst = 1 }: Pace,
  { now, not_before, delay_ms = 0, line = 0 }: { now: number; not_before: number; delay_ms?: number; line?: number },
): { slots: Slots; line: number; given: Slot[] } => {
  const spacing = Math.ceil((burst * 60_000) / requests_per_minute);
  const window = burst > 1 ? spacing + LATE_MS : Math.max(spacing, delay_ms);
  // Written down later than it is rather than earlier, so that nothing comes too soon.
  const grain = burst <= MOMENTS ? 1 : Math.ceil(window / MOMENTS);
  let kept = slots;
  let last = line;
  const given = asks.map(({ within_ms }): Slot => {
    const at = Math.max(now, not_before, freeAgain(kept, burst) + window);
    if (at > now + within_ms) {
      if (burst > 1) return { retry_at: at };
      // A longer line begins anew: of those who come back together, all but one are told another moment.
      last = last + window > now + LONGEST_LINE_MS ? at : Math.max(at, last + window);
      return { retry_at: last };
    }
    kept = newest(withSlot(kept, Math.ceil(at / grain) * grain), burst);
    return { at };
  });
  return { slots: kept, line: last, given };
};

/** When the slot that was given `burst` ago was; never, as long as there were fewer. */
const freeAgain = (slots: Slots, burst: number): number => {
  let given = 0;
  for (const [at, count] of slots.toReversed()) {
    given += count;
    if (given >= burst) return at;
  }
  return Number.NEGATIVE_INFINITY;
};

/** Clocks differ between workers, so it need not be the last. */
const withSlot = (slots: Slots, at: number): Slots => {
  const same = slots.findIndex(([moment]) => moment === at);
  if (same >= 0) return slots.with(same, [at, slots[same]![1] + 1]);
  const after = slots.findIndex(([moment]) => moment > at);
  return after < 0 ? [...slots, [at, 1]] : slots.toSpliced(after, 0, [at, 1]);
};

/** The last `burst` slots; with those that share a moment with one of them. */
const newest = (slots: Slots, burst: number): Slots => {
  let given = 0;
  let first = slots.length;
  while (first > 0 && given < burst) given += slots[--first]![1];
  return slots.slice(first);
};
