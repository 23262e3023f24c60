/** A stack for end-to-end tests. Long: a local one and what both kinds can do, which are read together. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdminAddUserToGroupCommand, CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { makeInvoke } from '@granary/local/plugin/invoke';
import { PHASE_VARIABLE } from '@granary/local/plugin/schedule-phase';
import { readResources } from '@granary/local/state';
import { madeOnce } from '@granary/local/testing/test-cache';
import { readTarget } from './target.ts';

export type Role = 'reader' | 'analyst' | 'operator';

/** What `.granary/local.json` says of a running stack (docs/contracts.md). */
export type LocalStack = {
  api: string;
  dashboard: string;
  awsEndpoint: string;
  region: string;
  userPoolId: string;
  clientId: string;
  users: Record<Role, { username: string; password: string }>;
  /** Functions are invoked with it. */
  lambdaKey: string;
  /** False once it was stopped. */
  running: boolean;
  pids: Record<string, number>;
};

/** A stack of this machine, or a deployed stage (GRANARY_TARGET). What is of this machine alone throws at the other. */
export type Stack = {
  deployed: boolean;
  stage: string;
  region: string;
  /** Where the API is, without a slash at its end: routes are below it. */
  address: string;
  bucket: string;
  /** A folder of the test's own; on this machine the stack keeps its state there. */
  state: string;
  /** What clients of AWS are made with. */
  aws(): { region: string; endpoint?: string; credentials?: { accessKeyId: string; secretAccessKey: string } };
  /** Of a route, or of a Link or Location of the API's. */
  url(path: string): string;
  /** Invokes a function of ingestion as an operator would; gives what it returned. */
  invoke(name: string, event: object): Promise<unknown>;
  /**
   * Tells the replica what to publish and what to do wrong from now on: `vintage`, `faults`, `rate_limit`
   * (docs/local.md).
   */
  setReplica(change: object): Promise<void>;
  token(user?: Role): Promise<string>;
  /** From the next token on. */
  addToGroup(user: Role, group: string): Promise<void>;
  /** GET with the reader's token. */
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  // biome-ignore lint/suspicious/noExplicitAny: the tests assert what the answers hold.
  json<T = any>(path: string): Promise<T>;
  /** Everything that its functions have logged. */
  serviceLogs(): Promise<string>;
  /** Ctrl-C; resolves with the exit code. Of a deployed stage: leaves it as it was found. */
  stop(): Promise<number | null>;

  // Of this machine alone.
  readonly local: LocalStack;
  readonly port: number;
  output(): string;
  /** `kill -9` of the whole process group. */
  kill(): Promise<void>;
};

const root = join(import.meta.dirname, '../..');

/**
 * The ports of a stack, counted from its gateway's (`--port N` moves them all): gateway, API, ingestion, replica (two),
 * AWS.
 */
export const portsOf = (base: number): number[] => [0, 1, 2, 3, 4, 10, 11, 566].map((offset) => base + offset);

/**
 * A port for `--port`, below the ephemeral range, whose companions are free too. Jest's workers do not look among each
 * other's.
 */
export const freePorts = async (): Promise<number> => {
  const first = Number(process.env.JEST_WORKER_ID ?? 1) % 2 === 1 ? 11_000 : 21_000;
  for (let tries = 0; tries < 50; tries++) {
    const base = first + Math.floor(Math.random() * 900) * 10;
    const free = await Promise.all(portsOf(base).map(isFree));
    if (free.every(Boolean)) return base;
  }
  throw new Error('no free ports for a stack were found');
};

export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

export const newState = (): string => mkdtempSync(join(tmpdir(), 'granary-e2e-'));
export const dropState = (state: string): void => rmSync(state, { recursive: true, force: true });

export type StartOptions = {
  state: string;
  args?: readonly string[];
  env?: Record<string, string>;
  port?: number;
  /**
   * For a test of what comes after the first collection: on this machine the state is a copy of one in which a stack
   * has collected, made once for all such tests; deployed it is collected as ever.
   */
  collected?: boolean;
  /** Resolve when this holds of the output; default: the ready line. */
  until?: (output: string) => boolean;
  timeout_ms?: number;
};

/** Said after the collection, or at once with --no-collect. */
const READY = /Ctrl-C stops everything/;

/**
 * Schedules strike every five minutes, and then a stack collects what nobody has asked it for yet: those of a new stack
 * strike as late as they can, more than four minutes from now (users were fetched already in one CI run of many).
 */
const latePhase = () => ({ [PHASE_VARIABLE]: String(new Date().getMinutes() % 5) });

/** As in a shell whose user deploys to another region: the stack on this machine stays in its own. */
const ELSEWHERE = { AWS_REGION: 'eu-west-3', AWS_DEFAULT_REGION: 'eu-west-3', GRANARY_REGION: 'eu-west-3' };

/**
 * The town's sources, which a start puts to the stack, and the portal are left out: most tests count datasets and
 * requests.
 */
export const WITHOUT_TOWN = {
  GRANARY_PORTO_CLARO_URL: 'none',
  GRANARY_PORTO_CLARO_PAGES_URL: 'none',
  GRANARY_DATA_GOV_MA_URL: 'none',
};
export const WITH_TOWN = { GRANARY_PORTO_CLARO_URL: '', GRANARY_PORTO_CLARO_PAGES_URL: '' };

/**
 * The stack that GRANARY_TARGET names, with a state of its own: a new one of this machine (the default), or a deployed
 * stage.
 */
export const startStack = async (options: StartOptions): Promise<Stack> => {
  const target = readTarget();
  if (target === undefined) {
    const { collected, args = [], ...rest } = options;
    const copied = collected && (await copyCollected(options.state));
    return startLocalStack({ ...rest, args: copied ? ['--no-collect', ...args] : args });
  }
  const { startDeployedStack } = await import('./deployed-stack.ts');
  return startDeployedStack(options, target);
};

/** False when a test runs by itself: then it collects, as it would have to be done anyway. */
const copyCollected = async (state: string): Promise<boolean> => {
  const shared = await madeOnce('collected', async (folder) => {
    const stack = await startLocalStack({ state: folder });
    const code = await stack.stop();
    if (code !== 0) throw new Error(`a stack that collected ended with ${code}:\n${stack.output().slice(-3000)}`);
  });
  if (shared !== undefined) cpSync(shared, state, { recursive: true });
  return shared !== undefined;
};

/** `npm start` with a state folder and ports of its own, as the leader of a process group. */
const startLocalStack = async (options: StartOptions): Promise<Stack> => {
  const port = options.port ?? (await freePorts());
  const child = spawn(
    'node',
    [
      'scripts/bootstrap.mjs',
      'packages/local/src/start.ts',
      '--state',
      options.state,
      '--port',
      String(port),
      ...(options.args ?? []),
    ],
    {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // jest's own variables and options are not the stack's.
      env: { ...withoutJest(process.env), ...ELSEWHERE, ...WITHOUT_TOWN, ...latePhase(), ...options.env },
    },
  );
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  const until = options.until ?? ((text) => READY.test(text) && existsSync(join(options.state, 'local.json')));
  await reached(
    child,
    () => until(output),
    () => output,
    options.timeout_ms ?? 240_000,
  );

  const local = (): LocalStack => JSON.parse(readFileSync(join(options.state, 'local.json'), 'utf8'));
  const address = `http://127.0.0.1:${port}`;
  const tokens = new Map<string, string>();
  const token = async (user: Role = 'reader'): Promise<string> => {
    const known = tokens.get(user);
    if (known) return known;
    const fresh = await signIn(local(), user);
    tokens.set(user, fresh);
    return fresh;
  };
  const get = async (path: string, headers: Record<string, string> = {}) =>
    fetch(address + path, {
      redirect: 'manual',
      headers: { authorization: `Bearer ${await token()}`, ...headers },
    });
  const aws = () => ({
    endpoint: local().awsEndpoint,
    region: local().region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return {
    get local() {
      return local();
    },
    ...{ deployed: false, stage: 'local', state: options.state, address, port, token, get, aws },
    get region() {
      return local().region;
    },
    get bucket() {
      return readResources(options.state)?.exports['granary-local-data-bucket'] ?? '';
    },
    output: () => output,
    url: (path) => address + path,
    invoke: async (name, event) => {
      const invoke = makeInvoke(`http://127.0.0.1:${port + 4}`, local().lambdaKey);
      const { payload, failed } = await invoke(`granary-ingestion-local-${name}`, event);
      if (failed) throw new Error(`${name}: ${JSON.stringify(payload)}`);
      return payload;
    },
    setReplica: async (change) => {
      const answer = await fetch(`http://127.0.0.1:${port + 10}/__replica`, {
        method: 'PUT',
        body: JSON.stringify(change),
      });
      if (!answer.ok) throw new Error(`the replica → ${answer.status}: ${await answer.text()}`);
    },
    addToGroup: async (user, GroupName) => {
      const cognito = new CognitoIdentityProviderClient(aws());
      const { userPoolId: UserPoolId, users } = local();
      await cognito.send(new AdminAddUserToGroupCommand({ UserPoolId, Username: users[user].username, GroupName }));
      cognito.destroy();
      tokens.delete(user);
    },
    serviceLogs: async () => {
      const folder = join(options.state, 'logs');
      return readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'utf8'))
        .join('\n');
    },
    json: async (path) => {
      const answer = await get(path);
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path} → ${answer.status}: ${text.slice(0, 500)}`);
      return JSON.parse(text);
    },
    stop: () => ended(child, () => child.kill('SIGINT')),
    kill: async () => {
      await ended(child, () => process.kill(-(child.pid as number), 'SIGKILL'));
      // The others of its group may die a moment later, and their ports with them.
      await eventually(
        () => Promise.all(portsOf(port).map(isFree)),
        (free) => free.every(Boolean),
        10_000,
      );
    },
  };
};

/** An id token, the way a user of curl gets it. */
export const signIn = async (local: LocalStack, user: Role): Promise<string> => {
  const { username, password } = local.users[user];
  const answer = await fetch(local.awsEndpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: local.clientId,
      AuthParameters: { USERNAME: username, PASSWORD: password },
    }),
  });
  const body = (await answer.json()) as { AuthenticationResult?: { IdToken: string } };
  if (!body.AuthenticationResult) throw new Error(`no token for ${user}: ${answer.status} ${JSON.stringify(body)}`);
  return body.AuthenticationResult.IdToken;
};

const withoutJest = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(JEST_|NODE_OPTIONS$|NODE_ENV$|AWS_|GRANARY_)/.test(name)),
  );

const reached = (child: ChildProcess, done: () => boolean, output: () => string, timeout_ms: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (error?: Error) => {
      clearInterval(poll);
      clearTimeout(limit);
      child.off('exit', exited);
      if (error) {
        try {
          process.kill(-(child.pid as number), 'SIGKILL');
        } catch {
          // it is gone already
        }
        reject(error);
      } else resolve();
    };
    const exited = (code: number | null) =>
      stop(done() ? undefined : new Error(`npm start ended with ${code}:\n${output()}`));
    const poll = setInterval(() => done() && stop(), 50);
    const limit = setTimeout(
      () => stop(new Error(`npm start did not get there in ${timeout_ms} ms:\n${output()}`)),
      timeout_ms,
    );
    child.once('exit', exited);
  });

const ended = (child: ChildProcess, act: () => void): Promise<number | null> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode);
    child.once('exit', (code) => resolve(code));
    act();
  });

/** Asks until the answer satisfies, or says what the last one was. */
export const eventually = async <T>(
  ask: () => Promise<T>,
  satisfied: (value: T) => boolean,
  timeout_ms = 180_000,
): Promise<T> => {
  const limit = Date.now() + timeout_ms;
  for (;;) {
    const value = await ask();
    if (satisfied(value)) return value;
    if (Date.now() > limit)
      throw new Error(`still not so after ${timeout_ms} ms: ${JSON.stringify(value)?.slice(0, 2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};
