import type { Pace } from '@granary/domain/ports/collecting';

/**
 * The last slots of a host that were given, as many as its burst: moments (ms since the epoch, ascending) and how many
 * slots each has.
 */
export type Slots = readonly (readonly [at: number, count: number])[];

/** Requests leave late and arrive later still, and the source counts arrivals. */
const LATE_MS = 1000;
/** More moments than this are not told apart: the list has to be a small item, whatever the burst. */
const MOMENTS = 100;

export type Ask = { within_ms: number };
export type Slot = { at: number } | { retry_at: number };

/**
 * Gives each who asks the next slot: now, but not before `not_before`, and not before the slot that was given `burst`
 * ago has left the window of `burst` minutes / `requests_per_minute`. So any such window, a second longer when more
 * than one may go out together, has `burst` at most.
 */
export const takeSlots = (
  slots: Slots,
  asks: readonly Ask[],
  { requests_per_minute, burst = 1 }: Pace,
  { now, not_before }: { now: number; not_before: number },
): { slots: Slots; given: Slot[] } => {
  const window = Math.ceil((burst * 60_000) / requests_per_minute) + (burst > 1 ? LATE_MS : 0);
  // Written down later than it is rather than earlier, so that nothing comes too soon.
  const grain = burst <= MOMENTS ? 1 : Math.ceil(window / MOMENTS);
  let kept = slots;
  const given = asks.map(({ within_ms }): Slot => {
    const at = Math.max(now, not_before, freeAgain(kept, burst) + window);
    if (at > now + within_ms) return { retry_at: at };
    kept = newest(withSlot(kept, Math.ceil(at / grain) * grain), burst);
    return { at };
  });
  return { slots: kept, given };
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
