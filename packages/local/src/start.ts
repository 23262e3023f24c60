/**
 * `npm start`: the whole of Granary on this machine. The story is in `run`; each of its parts is a file beside this
 * one.
 */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { REGION } from '@granary/embedded-aws/embedded-aws';
import { makeApiClient } from './api-client.ts';
import { type Backend, startBackend, throttleOf } from './backend.ts';
import { makeBundleFolder } from './bundle-folder.ts';
import { startService } from './children.ts';
import { collectEverything } from './collect-everything.ts';
import { startGateway } from './gateway/gateway.ts';
import { alarmSpeed, measureGateway, measureService } from './measure-stack.ts';
import { nextSteps, tokenCommand } from './next-steps.ts';
import { swallowedByNpm } from './npm-swallowed.ts';
import { HELP, parseOptions, type StartOptions } from './options.ts';
import { makePasswordSignIn } from './password-sign-in.ts';
import { makeInvoke } from './plugin/invoke.ts';
import { type Ports, portsFrom, untilListening, unusablePort } from './ports.ts';
import { prepareState } from './prepare-state.ts';
import { makeProgress } from './progress.ts';
import { putSampleSources } from './sample-sources.ts';
import { Sentence, sentenceOf } from './sentences.ts';
import { KEY_VARIABLE } from './start-key.ts';
import { configuredSources, startSources } from './start-sources.ts';
import { type LocalStack, ROOT, STATE_VARIABLE, stateDir, writeLocalStack } from './state.ts';
import { summary } from './summary.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

const neededPorts = (options: StartOptions, external: string | undefined): (keyof Ports)[] => [
  ...(external ? [] : (['aws'] as const)),
  ...(options.awsOnly
    ? []
    : ([
        'gateway',
        'api',
        'apiLambda',
        'ingestion',
        'ingestionLambda',
        'replica',
        'replicaUsers',
        'replicaPortal',
      ] as const)),
];

/** Never a real account: with the embedded AWS every credential of the shell is replaced. */
const awsEnvironment = (endpoint: string, external: string | undefined) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  // What the services' own configuration reads (config/provider.yml).
  GRANARY_REGION: REGION,
  AWS_ACCESS_KEY_ID: (external && process.env.AWS_ACCESS_KEY_ID) || 'local',
  AWS_SECRET_ACCESS_KEY: (external && process.env.AWS_SECRET_ACCESS_KEY) || 'local',
  AWS_SESSION_TOKEN: external && process.env.AWS_SESSION_TOKEN,
  AWS_PROFILE: undefined,
});

const describeStack = (backend: Backend, ports: Ports, pids: LocalStack['pids'], lambdaKey = ''): LocalStack => {
  const address = `http://localhost:${ports.gateway}`;
  const { endpoint, userPoolId, clientId, users } = backend;
  const place = { api: address, dashboard: address, awsEndpoint: endpoint, region: REGION };
  return { running: true, ...place, userPoolId, clientId, users, lambdaKey, pids };
};

const run = async (options: StartOptions, stopped: AbortSignal, atEnd: (end: () => unknown) => void): Promise<void> => {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  const state = stateDir();
  const namedState = process.env[STATE_VARIABLE] && state;
  const external = process.env.AWS_ENDPOINT_URL || undefined;
  const ports = portsFrom(options.port);
  configuredSources();
  await prepareState(options, state);
  const unusable = await unusablePort(ports, neededPorts(options, external), options.state);
  if (unusable) throw new Sentence(unusable);
  say(`Starting ${options.awsOnly ? 'the embedded AWS' : 'the services'} …`);

  const backendStarts = startBackend({
    state,
    port: ports.aws,
    external,
    tracing: options.tracing,
    alarmSpeed: alarmSpeed(),
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

  const sources = await startSources({ options, state, ports });
  atEnd(sources.close);
  const endpoint = external ?? `http://127.0.0.1:${ports.aws}`;
  const lambdaKey = randomBytes(24).toString('hex');
  const env = {
    ...process.env,
    ...awsEnvironment(endpoint, external),
    ...sources.env,
    [STATE_VARIABLE]: state,
    [KEY_VARIABLE]: lambdaKey,
    GRANARY_PORT: String(ports.gateway),
    GRANARY_WATCH: options.watch ? '1' : '0',
    GRANARY_TRACING: options.tracing ? '1' : '0',
    ESB_DIR: `.esbuild-local-${ports.gateway}`,
  };
  const service = (name: string, httpPort: number, lambdaPort: number) => {
    const log = join(state, 'logs', `${name}.log`);
    // Bundles are copied there, or built where the sources changed (plugin/kept-bundles.ts).
    atEnd(makeBundleFolder(ROOT, name, env.ESB_DIR));
    const child = startService({ root: ROOT, service: name, httpPort, lambdaPort, log, env });
    atEnd(child.stop);
    child.ended.catch((error: Error) => fail(error));
    return child;
  };
  const api = service('api', ports.api, ports.apiLambda);
  const ingestion = service('ingestion', ports.ingestion, ports.ingestionLambda);
  const backend = await backendStarts;
  atEnd(backend.close);
  for (const { name, log } of [api, ingestion]) atEnd(measureService(name, log, backend).stop);

  const { endpoint: awsEndpoint, clientId, users } = backend;
  const signInAs = (name: keyof typeof users) => makePasswordSignIn({ awsEndpoint, clientId, ...users[name] });
  const baseUrl = `http://127.0.0.1:${ports.gateway}`;
  const client = makeApiClient({ baseUrl, token: signInAs('reader') });
  const gateway = await startGateway({
    port: ports.gateway,
    apiPort: ports.api,
    key: lambdaKey,
    // As config/stages.yml tells the functions: pages that are developed on this machine are served on some port of it.
    corsOrigins: ['http://localhost:*', 'http://127.0.0.1:*'],
    throttle: throttleOf(backend.templates),
    onAnswer: measureGateway(backend),
    status: async () => {
      const [datasets, runs] = await Promise.all([client.datasets(), client.newestRuns(10)]);
      const place = { address: `http://localhost:${ports.gateway}`, awsEndpoint: backend.endpoint };
      return {
        ...place,
        tokenCommand: tokenCommand(namedState),
        usersFile: join(state, 'local.json'),
        datasets,
        runs,
        alarms: backend.alarms(),
      };
    },
  });
  atEnd(gateway.close);
  const listening = [ports.api, ports.apiLambda, ports.ingestionLambda];
  await Promise.race([untilListening(listening, stopped, join(state, 'logs')), api.ended, ingestion.ended]);

  const pids = { start: process.pid, api: api.pid, ingestion: ingestion.pid };
  const stack = describeStack(backend, ports, pids, lambdaKey);
  writeLocalStack(stack, state);
  atEnd(() => writeLocalStack({ ...stack, running: false }, state));
  say(`Granary is ready: ${gateway.address} (${seconds().toFixed(1)} s)`);

  if (sources.town) await putSampleSources(makeApiClient({ baseUrl, token: signInAs('operator') }), sources.town);
  if (options.collect) {
    say([`Collecting from ${sources.name} …`, ...sources.leftOut].join('\n'));
    const collecting = performance.now();
    const invoke = makeInvoke(`http://127.0.0.1:${ports.ingestionLambda}`, lambdaKey);
    const progress = makeProgress({ hosts: sources.hosts });
    const { runs, problems } = await collectEverything({ invoke, api: client, progress, signal: stopped });
    say(`\n${summary(await client.datasets(), runs, (performance.now() - collecting) / 1000, problems)}`);
  }
  const steps = nextSteps({
    address: gateway.address,
    state: namedState,
    datasets: await client.datasets(),
    users: await client.hasUsers(),
    collected: options.collect,
  });
  say(
    `\n${gateway.address}\n\n${steps}\n\nDemo users: ${join(state, 'local.json')}. Logs: ${join(state, 'logs')}. Ctrl-C stops everything.`,
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
  if (!failed) say('Stopped.');
  process.exit(failed ? 1 : 0);
};

const fail = (error: unknown): void => {
  if (failed || stopping.signal.aborted) return;
  failed = true;
  process.stderr.write(`\n${sentenceOf(error, stateDir()) ?? inspect(error)}\n`);
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
  const swallowed = swallowedByNpm(process.argv.slice(2), process.env);
  if (swallowed) process.stderr.write(`${swallowed}\n\n`);
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
