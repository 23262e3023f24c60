/** A host that answers sooner than this is not slow: its pace alone holds. */
const SLOW_MS = 1000;
const LONGEST_MS = 60_000;
/** Smaller changes are not worth a write. */
const NOTABLE = 0.25;

/**
 * How far apart requests to a host are to be once it has answered after `ms`, so that about one is under way at a time:
 * as long as it takes to answer, approached by halves when it gets faster. An answer that is none of a 2xx or 304 is
 * often a quick one, and never shortens it. undefined: as it was.
 */
export const adaptedDelay = (was_ms: number, { ms, status }: { ms: number; status: number }): number | undefined => {
  const target = ms < SLOW_MS ? 0 : ms;
  const middle = (was_ms + target) / 2;
  const next = Math.min(LONGEST_MS, Math.round(middle < SLOW_MS ? target : Math.max(target, middle)));
  const isGood = (status >= 200 && status < 300) || status === 304;
  if (next < was_ms && !isGood) return undefined;
  return Math.abs(next - was_ms) > was_ms * NOTABLE ? next : undefined;
};
