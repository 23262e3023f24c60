import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Python of a virtual environment below bench/out that has these packages; undefined, with a note about what is not
 * measured, where Python or PyPI cannot be had.
 */
export const pythonWith = async (
  name: string,
  packages: readonly string[],
  what: string,
): Promise<string | undefined> => {
  const venv = join(import.meta.dirname, 'out', name);
  try {
    if (!existsSync(join(venv, 'ready'))) {
      mkdirSync(join(venv, '..'), { recursive: true });
      await promisify(execFile)('python3', ['-m', 'venv', venv]);
      await promisify(execFile)(join(venv, 'bin/pip'), ['install', '--quiet', ...packages]);
      mkdirSync(join(venv, 'ready'));
    }
    return join(venv, 'bin/python');
  } catch (error) {
    console.error(`  (${what} is not measured: ${(error as Error).message.split('\n')[0]})`);
    return undefined;
  }
};
