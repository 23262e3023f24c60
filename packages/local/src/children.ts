import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sentence } from './sentences.ts';
import { serviceEnded } from './service-ended.ts';

export type Child = {
  name: string;
  pid: number;
  log: string;
  /** Rejects with a Sentence when the process ends without having been asked to. Never resolves. */
  ended: Promise<never>;
  stop(): Promise<void>;
};

const GRACE_MS = 4000;

/**
 * Each container of serverless-offline is a thread with a heap of its own, dozens of them in one process. What is young
 * in a heap may take 48 MB before it is looked at, unless told otherwise; a thread that answers one request at a time
 * needs a fraction.
 */
const SMALL_HEAPS = '--max-semi-space-size=2';
/**
 * glibc gives each thread an arena to allocate from, up to eight for each core, and gives little of one back: some 300
 * MB of what twenty readers made of a service. Other systems pass over the variable.
 */
const FEW_ARENAS = { MALLOC_ARENA_MAX: '2' };

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/**
 * Starts a service under `serverless offline` with its output in `log`. The IPC channel tells it when we are gone,
 * however we end (plugin/parent.ts); nothing is ever sent over it.
 */
export const startService = (options: {
  root: string;
  service: string;
  httpPort: number;
  lambdaPort: number;
  log: string;
  env: Record<string, string | undefined>;
}): Child => {
  const { root, service, httpPort, lambdaPort, log, env } = options;
  const cwd = join(root, 'services', service);
  const sls = join(cwd, 'node_modules', 'serverless', 'bin', 'serverless.js');
  const output = openSync(log, 'w');
  const ports = ['--httpPort', String(httpPort), '--lambdaPort', String(lambdaPort)];
  const child = spawn(
    process.execPath,
    [SMALL_HEAPS, sls, 'offline', '--stage', 'local', '--host', '127.0.0.1', '--noSponsor', ...ports],
    {
      cwd,
      env: { ...FEW_ARENAS, ...env, GRANARY_CHILD: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', output, output, 'ipc'],
    },
  );
  closeSync(output);

  let stopping = false;
  const ended = new Promise<never>((_resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (stopping) return;
      const how = signal ?? `exit code ${code}`;
      reject(new Sentence(serviceEnded({ service, how, log: readFileSync(log, 'utf8'), path: log })));
    });
  });
  // Whoever is interested awaits it; until then a failure is not an unhandled one.
  ended.catch(() => undefined);

  return {
    name: service,
    pid: child.pid ?? 0,
    log,
    ended,
    async stop() {
      stopping = true;
      if (hasEnded(child)) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      await exit;
      clearTimeout(kill);
    },
  };
};
