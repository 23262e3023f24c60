import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A folder that all tests of one `npm test` share (scripts/test.ts makes and drops it). */
const CACHE = process.env.GRANARY_TEST_CACHE || undefined;

/**
 * What several test files need and takes long to make: the folder `name` that `make` filled, once per `npm test`,
 * whichever file asks first; the others wait. Undefined when a test runs by itself: there is nobody to share with.
 * Rejects with what `make` said for all of them.
 */
export const madeOnce = async (
  name: string,
  make: (folder: string) => Promise<unknown>,
): Promise<string | undefined> => {
  if (CACHE === undefined) return undefined;
  const folder = join(CACHE, name);
  const [done, failed] = [`${folder}.done`, `${folder}.failed`];
  // Who makes the folder fills it.
  if (mkdirSync(folder, { recursive: true }) !== undefined)
    await make(folder).then(
      () => writeFileSync(done, ''),
      (error) => writeFileSync(failed, String(error)),
    );
  while (!existsSync(done)) {
    if (existsSync(failed)) throw new Error(readFileSync(failed, 'utf8'));
    await sleep(100);
  }
  return folder;
};
