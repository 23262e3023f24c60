import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Provisioned, resolveIntrinsics } from '@granary/embedded-aws/provision/intrinsics';
import { type Resources, scopeOfService } from '@granary/embedded-aws/provision/provision';
import { refusedHost, refusedPage } from '@granary/embedded-aws/refused-callers';
import { HOSTS } from '../hosts.ts';
import { KEY_VARIABLE, knowsKey, STRANGER, takeKeyOff } from '../start-key.ts';
import { ROOT, readResources, stateDir } from '../state.ts';
import { buildBundles, buildsOnce, type EsbuildSettings } from './build-bundles.ts';
import { setPluginContext } from './context.ts';
import { type Environment, resolveEnvironments } from './environments.ts';
import { guardServers } from './guard-servers.ts';
import { makeInvoke, untilAnswers } from './invoke.ts';
import { type KeptBundles, makeKeptBundles } from './kept-bundles.ts';
import { endWithParent } from './parent.ts';
import { PHASE_VARIABLE, putInPhase } from './schedule-phase.ts';
import type { EventSourceMapping } from './sqs-poller.ts';

type SqsEvent = {
  arn: unknown;
  batchSize?: number;
  maximumBatchingWindow?: number;
  maximumConcurrency?: number;
  functionResponseType?: string;
  enabled?: boolean;
};
type FunctionDefinition = {
  name: string;
  handler: string;
  environment?: Environment;
  events?: { sqs?: unknown; schedule?: unknown }[];
};
type Serverless = {
  /** Its Error is shown without a stack. */
  classes: { Error: ErrorConstructor };
  serviceDir: string;
  service: {
    service: string;
    provider: { environment?: Environment; region?: string };
    functions: Record<string, FunctionDefinition>;
    custom?: Record<string, Record<string, unknown>>;
  };
};
type Options = { lambdaPort?: number | string };

/** Below the work folder, as serverless-esbuild's own is. */
const BUILD_FOLDER = '.build';
const DEFAULT_LAMBDA_PORT = 3002;
const DEFAULT_CONCURRENCY = 2;

/**
 * Children of `npm start` begin while the embedded AWS is still being provisioned; by hand it must be there already.
 */
const awaitResources = async (Failure: ErrorConstructor): Promise<Resources> => {
  const until = Date.now() + (process.env.GRANARY_CHILD === '1' ? 60_000 : 0);
  for (;;) {
    const resources = readResources();
    if (resources) return resources;
    if (Date.now() >= until) {
      throw new Failure(
        `No embedded AWS is running: ${stateDir()} has no resources.json. Start it with \`npm start -- --aws-only\` in another terminal.`,
      );
    }
    await sleep(50);
  }
};

/** osls reports an error and then waits for the end of whatever still runs, such as esbuild under `--watch`. */
const endAfterReport = async () => void setTimeout(() => process.exit(1), 500);

/**
 * The serverless plugin that joins a service under `serverless offline` to the running embedded AWS: environments are
 * resolved from what was provisioned, queues are polled, and every route is authenticated as in the cloud. It has hooks
 * for `offline` and the children of `npm start` only, so that packaging and deploying know nothing of it.
 */
export class GranaryLocal {
  readonly hooks: Record<string, () => Promise<void>>;
  readonly serverless: Serverless;
  readonly options: Options;
  readonly stopped = new AbortController();
  /** This start's bundles; undefined where they were there already, or serverless-esbuild builds them. */
  toBuild: { settings: EsbuildSettings; folder: string; kept: KeptBundles } | undefined;

  constructor(serverless: Serverless, options: Options) {
    this.serverless = serverless;
    this.options = options;
    const prepare = () => this.prepare();
    const end = async () => this.stopped.abort();
    this.hooks = {
      'before:offline:start': prepare,
      'before:offline:start:init': prepare,
      'before:offline:start:end': end,
      ...(process.env.GRANARY_CHILD === '1' && { error: endAfterReport }),
    };
    endWithParent();
    this.keepBundles();
  }

  /**
   * serverless-esbuild rebuilds on every change of a file and serverless-offline then ends the functions that are at
   * work, whose callers wait for the time-out. `npm start` asks for that by `--watch` only, and else does without
   * serverless-esbuild (../esbuild-plugin.ts).
   */
  keepBundles(): void {
    const { serviceDir, service } = this.serverless;
    const settings = service.custom?.esbuild;
    if (!buildsOnce() || !settings) return;
    const location = join(String(settings.outputWorkFolder), BUILD_FOLDER);
    Object.assign(this.offlineSettings(), { location });
    const kept = makeKeptBundles(ROOT, basename(serviceDir));
    const folder = join(serviceDir, location);
    if (!kept.restore(folder)) this.toBuild = { settings, folder, kept };
  }

  async buildBundles(): Promise<void> {
    if (!this.toBuild) return;
    const { settings, folder, kept } = this.toBuild;
    this.toBuild = undefined;
    const { serviceDir, service } = this.serverless;
    const handlers = Object.values(service.functions).map(({ handler }) => handler);
    await buildBundles(serviceDir, settings, handlers, folder);
    kept.keep(folder);
  }

  async prepare(): Promise<void> {
    const { service } = this.serverless;
    this.configureOffline();
    this.guardPorts();
    await this.buildBundles();
    this.markAsCommonJs();
    if (process.env[PHASE_VARIABLE]) putInPhase(service.functions, Number(process.env[PHASE_VARIABLE]));
    const resources = await awaitResources(this.serverless.classes.Error);
    if (!process.env.AWS_ENDPOINT_URL) {
      // The keys of a shell are for where the shell points; here they would sign download addresses that only the local
      // key may.
      process.env.AWS_ENDPOINT_URL = resources.endpoint;
      for (const name of ['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN']) delete process.env[`AWS_${name}`];
      delete process.env.AWS_PROFILE;
    }
    // Wherever the shell deploys to: the stack on this machine has one region, which is in its names.
    service.provider.region = resources.region;
    process.env.AWS_REGION = resources.region;
    process.env.AWS_ACCESS_KEY_ID ??= 'local';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'local';
    const scope = scopeOfService(resources, service.service);
    if (process.env.GRANARY_TRACING === '1') this.traceFunctions(resources.endpoint);
    await resolveEnvironments({ 'the provider': service.provider, ...service.functions }, scope);

    const lambdaUrl = `http://127.0.0.1:${this.lambdaPort()}`;
    const invoke = makeInvoke(lambdaUrl, process.env[KEY_VARIABLE]);
    setPluginContext({
      resources,
      invoke,
      functionNames: Object.fromEntries(Object.entries(service.functions).map(([key, { name }]) => [key, name])),
    });
    // serverless-offline blocks the rest of this hook chain until it ends, so the pollers wait for it on their own.
    void this.poll(resources, lambdaUrl, invoke).catch((error: Error) => {
      console.error(`[granary] ${error.message}`);
      process.exit(1);
    });
  }

  /**
   * As Lambda does where tracing is on: it says where its X-Ray daemon is. The embedded one has the port of the
   * embedded AWS.
   */
  traceFunctions(endpoint: string): void {
    const { provider } = this.serverless.service;
    provider.environment = {
      ...provider.environment,
      TRACING: 'true',
      AWS_XRAY_DAEMON_ADDRESS: new URL(endpoint).host,
    };
  }

  offlineSettings(): Record<string, unknown> {
    const { service } = this.serverless;
    service.custom ??= {};
    service.custom['serverless-offline'] ??= {};
    return service.custom['serverless-offline'];
  }

  lambdaPort(): number {
    return Number(this.options.lambdaPort ?? this.offlineSettings().lambdaPort ?? DEFAULT_LAMBDA_PORT);
  }

  /**
   * Requests name this machine, and come from no page in a browser but by the gateway; functions are invoked by who has
   * the key of the start.
   */
  guardPorts(): void {
    const key = process.env[KEY_VARIABLE];
    const lambdaPort = this.lambdaPort();
    guardServers((request, port) => {
      const refused = refusedHost(request, HOSTS);
      if (refused) return refused;
      const known = key !== undefined && knowsKey(request, key);
      takeKeyOff(request);
      if (known) return undefined;
      return refusedPage(request) ?? (port === lambdaPort && key !== undefined ? STRANGER : undefined);
    });
  }

  /** What is the same for every service, so that no serverless.yml has to speak of it. */
  configureOffline(): void {
    const { service } = this.serverless;
    Object.assign(this.offlineSettings(), {
      host: '127.0.0.1',
      noPrependStageInUrl: true,
      // API Gateway hands on every Cookie; hapi would answer 400 to one that is not as it likes.
      disableCookieValidation: true,
    });
    service.custom!.offline = {
      ...service.custom!.offline,
      customAuthenticationProvider: '@granary/local/authentication',
    };
  }

  /**
   * The bundles are CommonJS in files named `.js`. In the cloud nothing says otherwise; here the service's package.json
   * does, so the folder of the bundles (where serverless-esbuild sends serverless-offline) gets one of its own.
   */
  markAsCommonJs(): void {
    const { location } = this.offlineSettings();
    if (typeof location !== 'string') return;
    writeFileSync(join(this.serverless.serviceDir, location, 'package.json'), '{ "type": "commonjs" }\n');
  }

  async poll(resources: Resources, lambdaUrl: string, invoke: ReturnType<typeof makeInvoke>): Promise<void> {
    const mappings = await this.eventSourceMappings(resources);
    if (mappings.length === 0) return;
    await untilAnswers(lambdaUrl, this.stopped.signal);
    // Not before the servers are up: loading the SDK would delay them.
    const [{ SQSClient }, { runEventSourceMapping }] = await Promise.all([
      import('@aws-sdk/client-sqs'),
      import('./sqs-poller.ts'),
    ]);
    const sqs = new SQSClient({ endpoint: process.env.AWS_ENDPOINT_URL, region: resources.region });
    const signal = this.stopped.signal;
    const log = (line: string) => console.error(`[granary] ${line}`);
    await Promise.all(
      mappings.map(({ functionName, mapping }) =>
        runEventSourceMapping({ sqs, mapping, signal, log, invoke: (event) => invoke(functionName, event, signal) }),
      ),
    );
  }

  async eventSourceMappings(resources: Resources): Promise<{ functionName: string; mapping: EventSourceMapping }[]> {
    const { service } = this.serverless;
    const scope = scopeOfService(resources, service.service);
    const queues = Object.values(resources.stacks).flatMap((stack) => Object.values(stack)) as Provisioned[];
    const mappings = [];
    for (const { name, events } of Object.values(service.functions)) {
      for (const { sqs } of events ?? []) {
        if (!sqs) continue;
        const event: SqsEvent =
          typeof sqs === 'string' || !('arn' in (sqs as object)) ? { arn: sqs } : (sqs as SqsEvent);
        if (event.enabled === false) continue;
        const arn = String(await resolveIntrinsics(event.arn, scope));
        const queueUrl = queues.find(({ attributes }) => attributes.Arn === arn)?.ref;
        if (!queueUrl) throw new Error(`The queue ${arn} that ${name} listens to was not provisioned.`);
        const mapping = {
          queueUrl,
          arn,
          region: resources.region,
          batchSize: event.batchSize ?? 10,
          window_s: event.maximumBatchingWindow ?? 0,
          concurrency: event.maximumConcurrency ?? DEFAULT_CONCURRENCY,
          reportsItemFailures: event.functionResponseType === 'ReportBatchItemFailures',
        };
        mappings.push({ functionName: name, mapping });
      }
    }
    return mappings;
  }
}
