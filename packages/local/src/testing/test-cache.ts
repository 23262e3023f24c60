import { join } from 'node:path';

/** A folder that all tests of one `npm test` share (scripts/test.ts makes and drops it); undefined when a test runs by itself. */
export const TEST_CACHE = process.env.GRANARY_TEST_CACHE || undefined;

/**
 * Where the services' configuration is kept once it was read, which takes nine seconds of a processor: for each of jest's workers apart, since who reads it
 * anew empties the folder. `own` when the test runs by itself.
 */
export const templatesCache = (own: string): string =>
  TEST_CACHE === undefined ? own : join(TEST_CACHE, `templates-${process.env.JEST_WORKER_ID ?? 0}`);
