import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Sentence } from './sentences.ts';

/**
 * Makes the empty folder for a service's bundles and returns what takes it away again; one that a killed start of the
 * same port left there goes first. Throws a Sentence when the clone cannot be written to.
 */
export const makeBundleFolder = (root: string, service: string, name: string): (() => void) => {
  const folder = join(root, 'services', service, name);
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    remove();
    mkdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw error;
    throw new Sentence(
      `The folder ${join(root, 'services', service)} cannot be written (${code}), and a start builds the functions in it. Make the clone yours, or clone it again to where you may write.`,
    );
  }
  return remove;
};
