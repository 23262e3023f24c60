/**
 * AWS as nobody here wrote it: ministack of the Python registry with our rules (rules.py) on top, IAM enforced, on
 * 127.0.0.1 alone. Wants Python
 * 3.10 or newer with venv; nothing else of Granary does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installPython } from './install-python.ts';

/** The account whose root ministack takes this access key id for. */
export const ACCOUNT = '123456789012';

export type Ministack = {
  endpoint: string;
  account: string;
  region: string;
  /** Its own output, and what IAM decided (see decisions.py), one JSON a line. */
  log: string;
  decisions: string;
  /** From now on `decisions` gets again what was decided before, when it is decided anew. */
  beginChapter(): void;
  /** What a client of AWS reads of its environment: the account's root, in `region`. */
  env: Record<string, string>;
  stop(): Promise<void>;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Starts it empty; what it keeps lies in a temporary folder that goes with it. */
export const startMinistack = async (
  options: { port?: number; region?: string; account?: string } = {},
): Promise<Ministack> => {
  const python = installPython('ministack', join(import.meta.dirname, 'requirements.txt'));
  const port = options.port ?? (await freePort());
  const [account, region] = [options.account ?? ACCOUNT, options.region ?? 'us-east-1'];
  const folder = mkdtempSync(join(tmpdir(), 'granary-ministack-'));
  const [log, decisions] = [join(folder, 'ministack.log'), join(folder, 'decisions.jsonl')];
  writeFileSync(decisions, '');
  const child = spawn(python, [join(import.meta.dirname, 'rules.py')], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      // Functions run on the Node that the lockfile pins, and with nothing of this process's environment.
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: folder,
      TMPDIR: folder,
      ...{ PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' },
      ...{ GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1', AUTH: 'true', MINISTACK_ACCOUNT_ID: account },
      ...{ MINISTACK_REGION: region, AWS_DEFAULT_REGION: region },
      // It would listen on every address for things.
      IOT_MTLS_ENABLED: '0',
      GRANARY_DECISIONS: decisions,
    },
  });
  const output = createWriteStream(log);
  child.stdout?.pipe(output, { end: false });
  child.stderr?.pipe(output, { end: false });
  const stop = async () => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  for (let tries = 0; !(await answers(endpoint)); tries++) {
    if (child.exitCode !== null || tries > 300) {
      const said = readFileSync(log, 'utf8').slice(-4000);
      await stop();
      throw new Error(`ministack did not start (exit code ${child.exitCode}):\n${said}`);
    }
    await sleep(200);
  }
  const env = {
    ...{ AWS_ENDPOINT_URL: endpoint, AWS_REGION: region, AWS_DEFAULT_REGION: region },
    ...{ AWS_ACCESS_KEY_ID: account, AWS_SECRET_ACCESS_KEY: 'test', AWS_EC2_METADATA_DISABLED: 'true' },
  };
  const beginChapter = () => void child.kill('SIGUSR1');
  return { endpoint, account, region, log, decisions, beginChapter, env, stop };
};

const answers = (endpoint: string): Promise<boolean> =>
  fetch(`${endpoint}/_ministack/health`).then(
    (answer) => answer.ok,
    () => false,
  );

/** It and the functions it runs: they are one process group. */
const ended = async (child: ChildProcess): Promise<void> => {
  const group = (signal: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid as number), signal);
    } catch {
      // it is gone
    }
  };
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    group('SIGTERM');
    await Promise.race([gone, sleep(5000, undefined, { ref: false })]);
  }
  group('SIGKILL');
};
