/** `npm start` as a process: what it leaves behind, however it ends. What it serves is tested in tests/e2e. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Ports, portsFrom, unusablePort } from './ports.ts';
import { ROOT, readLocalStack } from './state.ts';

const ALL: (keyof Ports)[] = ['gateway', 'api', 'apiLambda', 'ingestion', 'ingestionLambda', 'replica', 'aws'];
let state: string;
let port: number;
let started: ChildProcess[];

const freePort = async (): Promise<number> => {
  for (;;) {
    const candidate = 20_000 + Math.floor(Math.random() * 20_000);
    if ((await unusablePort(portsFrom(candidate), ALL)) === undefined) return candidate;
  }
};

const start = (...args: string[]) => {
  const script = join(ROOT, 'packages/local/src/start.ts');
  const child = spawn(process.execPath, [script, '--state', state, '--port', String(port), ...args], { cwd: ROOT });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const says = async (words: RegExp) => {
    while (!words.test(output)) {
      if (child.exitCode !== null) throw new Error(`It ended without saying ${words}:\n${output}`);
      await sleep(50);
    }
  };
  return { child, ended, says, output: () => output };
};

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
/** Resolves when no process of the stack lives and every port is free. */
const untilGone = async (pids: readonly number[]) => {
  while (pids.some(isAlive) || (await unusablePort(portsFrom(port), ALL)) !== undefined) await sleep(50);
};

beforeEach(async () => {
  state = join(mkdtempSync(join(tmpdir(), 'granary-start-')), 'state');
  port = await freePort();
  started = [];
});
afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(dirname(state), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

describe('npm start', () => {
  it('leaves no process and no port when it is stopped, and says when a second one is started', async () => {
    const first = start('--no-collect');
    await first.says(/Granary is ready/);
    const { pids, api } = readLocalStack(state)!;
    expect((await fetch(`${api.replace('localhost', '127.0.0.1')}/health`)).status).toBe(200);

    // Keys and passwords lie in it.
    expect(statSync(state).mode & 0o077).toBe(0);

    const second = start('--no-collect');
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`Granary runs already: http://localhost:${port} (process ${pids.start})`);

    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);
    await untilGone(Object.values(pids));
    expect(readLocalStack(state)?.running).toBe(false);
  }, 120_000);

  it('takes its services with it when it is killed, and starts again with its data', async () => {
    const first = start('--no-collect');
    await first.says(/Granary is ready/);
    const before = readLocalStack(state)!;
    first.child.kill('SIGKILL');
    await untilGone(Object.values(before.pids));

    const second = start('--no-collect');
    await second.says(/Granary is ready/);
    const { users, clientId, pids } = readLocalStack(state)!;
    expect({ users, clientId }).toEqual({ users: before.users, clientId: before.clientId });
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    await untilGone(Object.values(pids));
  }, 120_000);
});
