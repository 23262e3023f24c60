import { setImmediate } from 'node:timers/promises';

let last: Promise<unknown> = Promise.resolve();

/**
 * Does work that only computes: of all that this process has to do one at a time, in the order in which they ask, each
 * in a new turn of the event loop. Answers that come together would be worked on in one turn otherwise, and the
 * requests that go out after the first of them would wait for the last. Throws what `work` throws.
 */
export const oneAtATime = <T>(work: () => T): Promise<T> => {
  const done = last.then(() => setImmediate()).then(work);
  last = done.catch(() => {});
  return done;
};
