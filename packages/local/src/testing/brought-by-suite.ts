/**
 * What only a suite of `.ci/suites` brings (another engine, that it starts): elsewhere such a test is left out, and
 * `npm test` says so in a line.
 * `npm test -- --wanting` knows nothing of these: it runs what a machine may have by itself (wanted.ts).
 */
import type { Wanted } from './wanted.ts';

export { describeWith, itWith } from './wanted.ts';

/** `value` is what the suite sets in the environment. */
export const broughtBy = (suite: string, value: string | undefined): Wanted => ({
  name: `.ci/suites/${suite}`,
  path: value || undefined,
});
