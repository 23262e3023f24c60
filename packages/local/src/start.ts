/**
 * `npm start`: the whole of Granary on this machine. The story is in `run`; each of its parts is a file beside this one.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { runningElsewhere } from './already-running.ts';
import { makeApiClient } from './api-client.ts';
import { REGION } from './aws/embedded-aws.ts';
import { type Backend, startBackend, throttleOf } from './backend.ts';
import { startService } from './children.ts';
import { collectEverything } from './collect.ts';
import { startGateway } from './gateway/gateway.ts';
import { HELP, parseOptions, type StartOptions } from './options.ts';
import { makeInvoke } from './plugin/invoke.ts';
import { type Ports, portsFrom, untilListening, unusablePort } from './ports.ts';
import { makeProgress } from './progress.ts';
import { sentenceOf } from './sentences.ts';
import { makeSignIn } from './sign-in.ts';
import { startSource } from './source.ts';
import { type LocalStack, ROOT, resourcesPath, STATE_VARIABLE, stateDir, writeLocalStack } from './state.ts';
import { howToCall, summary } from './summary.ts';

/** A failure whose message says all that a user needs. */
class Sentence extends Error {}

const say = (text: string) => process.stdout.write(`${text}\n`);

/** What `--fresh` forgets. Only what a start writes: `--state` may name any folder. */
const STATE_FILES = ['aws', 'cache', 'logs', 'local.json', 'resources.json', 'replica.json'];

const prepareState = async (options: StartOptions, state: string): Promise<void> => {
  const running = await runningElsewhere(state);
  if (running) throw new Sentence(running);
  if (options.fresh) for (const name of STATE_FILES) rmSync(join(state, name), { recursive: true, force: true });
  // Passwords, keys and, one day, people's data lie in it.
  mkdirSync(join(state, 'logs'), { recursive: true, mode: 0o700 });
  // The services wait for this file, and one of an earlier start would name ports of then.
  rmSync(resourcesPath(state), { force: true });
};

const neededPorts = (options: StartOptions, external: string | undefined): (keyof Ports)[] => [
  ...(external ? [] : (['aws'] as const)),
  ...(options.awsOnly ? [] : (['gateway', 'api', 'apiLambda', 'ingestion', 'ingestionLambda', 'replica'] as const)),
];

/** Never a real account: with the embedded AWS every credential of the shell is replaced. */
const awsEnvironment = (endpoint: string, external: string | undefined) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_ACCESS_KEY_ID: (external && process.env.AWS_ACCESS_KEY_ID) || 'local',
  AWS_SECRET_ACCESS_KEY: (external && process.env.AWS_SECRET_ACCESS_KEY) || 'local',
  AWS_SESSION_TOKEN: external && process.env.AWS_SESSION_TOKEN,
  AWS_PROFILE: undefined,
});

const describeStack = (backend: Backend, ports: Ports, pids: LocalStack['pids']): LocalStack => {
  const address = `http://localhost:${ports.gateway}`;
  const { endpoint, userPoolId, clientId, users } = backend;
  const place = { api: address, dashboard: address, awsEndpoint: endpoint, region: REGION };
  return { running: true, ...place, userPoolId, clientId, users, apiKey: '', writeKey: '', pids };
};

const run = async (options: StartOptions, stopped: AbortSignal, atEnd: (end: () => unknown) => void): Promise<void> => {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  const state = stateDir();
  const external = process.env.AWS_ENDPOINT_URL || undefined;
  const ports = portsFrom(options.port);
  await prepareState(options, state);
  const unusable = await unusablePort(ports, neededPorts(options, external));
  if (unusable) throw new Sentence(unusable);

  const backendStarts = startBackend({
    state,
    port: ports.aws,
    external,
    // What the machine cannot do ends it all; a failed request is its caller's matter.
    onFailure: (error) => void (sentenceOf(error, state) && fail(error)),
  });
  backendStarts.catch(() => undefined);
  if (options.awsOnly) {
    const backend = await backendStarts;
    atEnd(backend.close);
    const stack = describeStack(backend, ports, { start: process.pid });
    writeLocalStack(stack, state);
    atEnd(() => writeLocalStack({ ...stack, running: false }, state));
    say(`The embedded AWS is ready at ${backend.endpoint} (${seconds().toFixed(1)} s). Ctrl-C stops it.`);
    return;
  }

  const source = await startSource({ options, state, port: ports.replica });
  atEnd(source.close);
  const endpoint = external ?? `http://127.0.0.1:${ports.aws}`;
  const env = {
    ...process.env,
    ...awsEnvironment(endpoint, external),
    ...source.env,
    [STATE_VARIABLE]: state,
    GRANARY_PORT: String(ports.gateway),
    GRANARY_WATCH: options.watch ? '1' : '0',
    ESB_DIR: `.esbuild-local-${ports.gateway}`,
  };
  const service = (name: string, httpPort: number, lambdaPort: number) => {
    const log = join(state, 'logs', `${name}.log`);
    // The bundles are made anew at each start.
    atEnd(() => rmSync(join(ROOT, 'services', name, env.ESB_DIR), { recursive: true, force: true }));
    const child = startService({ root: ROOT, service: name, httpPort, lambdaPort, log, env });
    atEnd(child.stop);
    child.ended.catch((error: Error) => fail(error));
    return child;
  };
  const api = service('api', ports.api, ports.apiLambda);
  const ingestion = service('ingestion', ports.ingestion, ports.ingestionLambda);
  const backend = await backendStarts;
  atEnd(backend.close);

  const token = makeSignIn({ awsEndpoint: backend.endpoint, clientId: backend.clientId, ...backend.users.reader });
  const client = makeApiClient({ baseUrl: `http://127.0.0.1:${ports.gateway}`, token });
  const gateway = await startGateway({
    port: ports.gateway,
    apiPort: ports.api,
    corsOrigins: [`http://localhost:${ports.gateway}`, `http://127.0.0.1:${ports.gateway}`],
    throttle: throttleOf(backend.templates),
    status: async () => {
      const [datasets, runs] = await Promise.all([client.datasets(), client.newestRuns(10)]);
      return { address: `http://localhost:${ports.gateway}`, awsEndpoint: backend.endpoint, datasets, runs };
    },
  });
  atEnd(gateway.close);
  const listening = [ports.api, ports.apiLambda, ports.ingestionLambda];
  await Promise.race([untilListening(listening, stopped), api.ended, ingestion.ended]);

  const stack = describeStack(backend, ports, { start: process.pid, api: api.pid, ingestion: ingestion.pid });
  writeLocalStack(stack, state);
  atEnd(() => writeLocalStack({ ...stack, running: false }, state));
  say(`Granary is ready: ${gateway.address} (${seconds().toFixed(1)} s)`);

  if (options.collect) {
    say(`Collecting from ${source.name} …`);
    const collecting = performance.now();
    const invoke = makeInvoke(`http://127.0.0.1:${ports.ingestionLambda}`);
    const runs = await collectEverything({ invoke, api: client, progress: makeProgress(), signal: stopped });
    say(`\n${summary(await client.datasets(), runs, (performance.now() - collecting) / 1000)}`);
  }
  say(
    `\n${gateway.address}\n\n  ${howToCall(gateway.address, options.state && state)}\n\nDemo users: ${join(state, 'local.json')}. Logs: ${join(state, 'logs')}. Ctrl-C stops everything.`,
  );
};

const ends: (() => unknown)[] = [];
const stopping = new AbortController();
let failed = false;

/** Undoes what was started, the last first. */
const stop = async (): Promise<void> => {
  if (stopping.signal.aborted) return;
  stopping.abort();
  for (const end of ends.reverse()) {
    try {
      await end();
    } catch (error) {
      if (!failed) process.stderr.write(`${(error as Error).message}\n`);
    }
  }
  process.exit(failed ? 1 : 0);
};

const fail = (error: unknown): void => {
  if (failed || stopping.signal.aborted) return;
  failed = true;
  const message = error instanceof Sentence ? error.message : sentenceOf(error, stateDir());
  process.stderr.write(`\n${message ?? inspect(error)}\n`);
  void stop();
};

/** Whoever started us may be killed without a word (SIGKILL); we then belong to another process. */
const watchParent = async (): Promise<void> => {
  const parent = process.ppid;
  while (!stopping.signal.aborted) {
    await sleep(1000, undefined, { ref: false });
    if (process.ppid !== parent) await stop();
  }
};

const main = async (): Promise<void> => {
  let options: StartOptions;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 2;
    return;
  }
  if (options.help) {
    say(HELP);
    return;
  }
  if (options.state) process.env[STATE_VARIABLE] = resolve(options.state);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop());
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  void watchParent();
  try {
    await run(options, stopping.signal, (end) => ends.push(end));
  } catch (error) {
    fail(error);
  }
};

await main();
