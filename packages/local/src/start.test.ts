/** `npm start` as a process: what it leaves behind, however it ends. What it serves is tested in tests/e2e. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive } from './is-alive.ts';
import { type Ports, portsFrom, unusablePort } from './ports.ts';
import { ROOT, readLocalStack } from './state.ts';

const ALL: (keyof Ports)[] = [
  'gateway',
  'api',
  'apiLambda',
  'ingestion',
  'ingestionLambda',
  'replica',
  'replicaUsers',
  'replicaPortal',
  'aws',
];
let state: string;
let port: number;
let started: ChildProcess[];

const freePort = async (): Promise<number> => {
  for (;;) {
    const candidate = 20_000 + Math.floor(Math.random() * 20_000);
    if ((await unusablePort(portsFrom(candidate), ALL)) === undefined) return candidate;
  }
};

const start = (option: string, more: Record<string, string> = {}) => {
  const script = join(ROOT, 'packages/local/src/start.ts');
  const env = { ...process.env, ...more };
  const child = spawn(process.execPath, [script, '--state', state, '--port', String(port), option], { cwd: ROOT, env });
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
    expect(first.output()).toMatch(/Stopped\.\n$/);
  }, 360_000);

  it('ends as a whole, in sentences, when one of its services is killed', async () => {
    const { child, ended, says, output } = start('--no-collect');
    await says(/Ctrl-C stops everything/);
    const { pids } = readLocalStack(state)!;
    process.kill(pids.api!, 'SIGKILL');
    expect(await ended).toBe(1);
    expect(output()).toMatch(/The api service ended by itself \(SIGKILL\)\..*Start again with npm start\./s);
    expect(output()).not.toMatch(/^\s+at |│/m);
    await untilGone(Object.values(pids));
    expect(child.exitCode).toBe(1);
  }, 360_000);

  it('does not begin with an address of the source that is none', async () => {
    const { ended, output } = start('--no-collect', { GRANARY_EMBRAPA_URL: 'foo' });
    expect(await ended).toBe(1);
    expect(output()).toBe("\nGRANARY_EMBRAPA_URL must be an http(s) address, not 'foo'.\n");
    expect(existsSync(state)).toBe(false);
  });

  // It once refused to start, also for whoever has a `port` in a .npmrc.
  it('goes on when npm has settings of the names of ours, and says that they do nothing', async () => {
    const { ended, output } = start('--no-collect', { GRANARY_EMBRAPA_URL: 'foo', npm_config_vintage: '2024' });
    expect(await ended).toBe(1);
    expect(output()).toMatch(/^Not used: --vintage\. .*\n\n\nGRANARY_EMBRAPA_URL must be/);
  });

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
  }, 360_000);
});
