import type { Random } from '../ports/collecting.ts';

/**
 * Exponential backoff with full jitter, in the unit of `base`: between a tenth of it and all of it, so that those who
 * failed together do not come back together
 * (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
 */
export const jittered = (attempt: number, { base, cap }: { base: number; cap: number }, random: Random): number => {
  const ceiling = Math.min(cap, base * 2 ** Math.max(0, attempt - 1));
  return ceiling * (0.1 + 0.9 * random());
};
