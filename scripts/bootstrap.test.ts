/**
 * bootstrap.mjs as a process, in a clone of nothing but itself: what becomes of its child when whoever started it is
 * gone.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';

let clone: string;
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'granary-bootstrap-'));
  mkdirSync(join(clone, 'scripts'));
  mkdirSync(join(clone, 'node_modules', 'node', 'bin'), { recursive: true });
  copyFileSync(join(import.meta.dirname, 'bootstrap.mjs'), join(clone, 'scripts', 'bootstrap.mjs'));
  symlinkSync(process.execPath, join(clone, 'node_modules', 'node', 'bin', 'node'));
  // Nothing is to be installed.
  writeFileSync(join(clone, 'pnpm-lock.yaml'), '');
  writeFileSync(join(clone, 'node_modules', '.bootstrap-stamp'), createHash('sha256').update('').digest('hex'));
  writeFileSync(
    join(clone, 'waits.mjs'),
    "import { writeFileSync } from 'node:fs'; setInterval(() => {}, 1000); writeFileSync('pid', String(process.pid));",
  );
});
afterEach(() => rmSync(clone, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

const until = async (condition: () => boolean) => {
  while (!condition()) await sleep(50);
};
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it.each(['SIGTERM', 'SIGKILL'] as const)(
  'ends what it started when its parent, as npm, ends by %s',
  async (signal) => {
    const start = `require('node:child_process').spawn(process.execPath, ['scripts/bootstrap.mjs', 'waits.mjs']); setInterval(() => {}, 1000)`;
    const npm = spawn(process.execPath, ['-e', start], { cwd: clone, stdio: 'ignore' });
    const ended = once(npm, 'exit');
    const file = join(clone, 'pid');
    await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '');
    const pid = Number(readFileSync(file, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    npm.kill(signal);
    await ended;
    await until(() => !isAlive(pid));
  },
  20_000,
);

it('runs a script on this Node where it is of the version that is pinned, and hands its options on', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
  expect(devDependencies.node.split('.')[0]).toBe(process.versions.node.split('.')[0]);
  rmSync(join(clone, 'node_modules', 'node'), { recursive: true });
  writeFileSync(join(clone, 'says.mjs'), 'console.log(JSON.stringify([process.execPath, process.execArgv.at(-1)]))');
  const said = execFileSync(process.execPath, ['scripts/bootstrap.mjs', '--max-semi-space-size=4', 'says.mjs'], {
    cwd: clone,
    encoding: 'utf8',
  });
  expect(JSON.parse(said)).toEqual([process.execPath, '--max-semi-space-size=4']);
});

it('keeps what is compiled in the clone, unless told where', async () => {
  writeFileSync(join(clone, 'says.mjs'), 'console.log(process.env.NODE_COMPILE_CACHE)');
  const said = (env: Record<string, string>) =>
    execFileSync(process.execPath, ['scripts/bootstrap.mjs', 'says.mjs'], {
      cwd: clone,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...env },
    }).trim();
  const place = join(realpathSync(clone), 'node_modules', '.cache', 'granary', 'compiled');
  expect(said({})).toBe(place);
  expect(existsSync(place)).toBe(true);
  expect(said({ NODE_COMPILE_CACHE: join(clone, 'other') })).toBe(join(clone, 'other'));
});
