import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNT_ID } from '@granary/embedded-aws/embedded-aws';
import { runningElsewhere } from './already-running.ts';
import { Sentence } from './sentences.ts';
import { readResources, resourcesPath } from './state.ts';

/** What `--fresh` forgets. Only what a start writes: `--state` may name any folder. */
const STATE_FILES = ['aws', 'cache', 'logs', 'local.json', 'resources.json', 'replica.json'];

/**
 * Whether the bucket of the last start was named before names carried the region: what the catalog names is not in
 * today's.
 */
const isOfBefore = (state: string): boolean =>
  readResources(state)?.exports?.['granary-local-data-bucket'] === `granary-${ACCOUNT_ID}-local-data`;

/**
 * Makes the folder of the state ready for a start. Throws a Sentence when another start uses it or it cannot be a
 * folder.
 */
export const prepareState = async (options: { fresh: boolean }, state: string): Promise<void> => {
  const running = await runningElsewhere(state);
  if (running) throw new Sentence(running);
  if (!options.fresh && isOfBefore(state)) {
    throw new Sentence(
      `The state in ${state} is of an earlier Granary, which named its bucket otherwise. Begin anew, everything is collected again: npm start -- --fresh`,
    );
  }
  try {
    if (options.fresh) for (const name of STATE_FILES) rmSync(join(state, name), { recursive: true, force: true });
    // Passwords, keys and, one day, people's data lie in it.
    mkdirSync(join(state, 'logs'), { recursive: true, mode: 0o700 });
    // The services wait for this file, and one of an earlier start would name ports of then.
    rmSync(resourcesPath(state), { force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTDIR' && code !== 'EEXIST') throw error;
    throw new Sentence(
      `The state cannot be kept in ${state}: a file stands where a folder is needed. Name another one: npm start -- --state DIR`,
    );
  }
};
