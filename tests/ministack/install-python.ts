import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

const run = (command: string, args: readonly string[]): void => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}${error ?? ''}`);
};

/**
 * The Python of a venv with these requirements, made anew when they change: in CI's folder for tools, else in
 * node_modules/.cache.
 * @throws Error that says what is missing.
 */
export const installPython = (name: string, requirements: string): string => {
  const tools = process.env.GRANARY_CI_TOOLS ?? join(root, 'node_modules/.cache/granary');
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const venv = join(tools, `${name}-${hash}`);
  const [python, done] = [join(venv, 'bin/python'), join(venv, 'installed')];
  if (existsSync(done)) return python;
  if (spawnSync('python3', ['-c', 'import venv, ensurepip, sys; sys.exit(sys.version_info < (3, 10))']).status !== 0)
    throw new Error(
      'Python 3.10 or newer with venv was not found, on which these checks run. Install it (Debian: `apt install python3-venv`).',
    );
  mkdirSync(tools, { recursive: true });
  rmSync(venv, { recursive: true, force: true });
  run('python3', ['-m', 'venv', venv]);
  run(python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--no-deps', '-r', requirements]);
  writeFileSync(done, '');
  return python;
};
