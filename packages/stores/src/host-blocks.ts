/**
 * `until`: when the host may be asked again, ms since the epoch. `wait_ms`: for how long it was left alone last; 0 once
 * it answered.
 */
export type Blocked = { until: number; wait_ms: number };

/** Some hosts ask for no time at all, or for a moment that is past. */
const SHORTEST_WAIT_MS = 1000;
/** The wait grows to this by itself; a host may ask for more. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * What a refusal at `now` makes of the block before it. A host that goes on refusing whatever wait it asked for is
 * asked half as often each time. Those who were refused together, or while it was blocked, tell the same refusal: it
 * does not grow by their number.
 */
export const blockedBy = (before: Blocked | null, asked_until: number, now: number): Blocked => {
  if (before && before.until > now) return { ...before, until: Math.max(before.until, asked_until) };
  const grown = Math.min((before?.wait_ms ?? 0) * 2, LONGEST_WAIT_MS);
  const wait_ms = Math.max(asked_until - now, grown, SHORTEST_WAIT_MS);
  return { until: now + wait_ms, wait_ms };
};
