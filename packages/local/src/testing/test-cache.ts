/**
 * A folder that all tests of one `npm test` share (scripts/test.ts makes and drops it); undefined when a test runs by
 * itself.
 */
export const TEST_CACHE = process.env.GRANARY_TEST_CACHE || undefined;
