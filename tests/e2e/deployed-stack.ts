/**
 * A deployed stage as the tests see a stack: found by its CloudFormation outputs, empty at first, with a user of each
 * group and a replica to collect from.
 */
import { randomBytes } from 'node:crypto';
import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRuleNamesByTargetCommand,
} from '@aws-sdk/client-eventbridge';
import {
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  paginateListFunctions,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { generatePassword } from '@granary/admin/passwords';
import { signIn, type Tokens } from '@granary/admin/sign-in';
import { findStage, stackOutputs } from '@granary/admin/stage';
import { makeUsers } from '@granary/admin/users';
import { DEFAULT_VINTAGE } from '@granary/replica/embrapa/file-layouts';
import { startReplica } from '@granary/replica/replica';
import { strangeSources } from '../deploy/stage-sources.ts';
import { giveBackStage, type StageData, takeStage } from './empty-stage.ts';
import type { Role, Stack, StartOptions } from './stack.ts';
import type { DeployedTarget } from './target.ts';

const ROLES: readonly Role[] = ['reader', 'analyst', 'operator'];
const PREFIX = 'e2e-';
/** What the real API of users takes. */
const USERS_LIMIT = { requests_per_minute: 75, path: '/api/v2/users' };
const endpoint = process.env.AWS_ENDPOINT_URL || undefined;

const outputOf = (outputs: Record<string, string>, name: string): string => {
  const value = outputs[name];
  if (value === undefined) throw new Error(`The stage's stacks tell no ${name}: was it deployed whole?`);
  return value;
};

/** API Gateway's own address; where the SDK's variable moves AWS, the path that emulators answer an API at. */
const addressOf = (serviceEndpoint: string, stage: string): string => {
  if (!endpoint) return serviceEndpoint;
  const [id] = new URL(serviceEndpoint).hostname.split('.');
  return `${endpoint.replace(/\/$/, '')}/restapis/${id}/${stage}/_user_request_`;
};

/** Users of the tests' own, one of each group, who are removed afterwards. */
const makePeople = async (target: DeployedTarget) => {
  const place = await findStage(target);
  const users = makeUsers(place);
  // Of a run that was killed.
  for (const { name } of await users.list()) if (name.startsWith(PREFIX)) await users.remove(name);
  const people = {} as Record<Role, { username: string; password: string }>;
  for (const role of ROLES) {
    const [username, password] = [`${PREFIX}${role}-${randomBytes(3).toString('hex')}`, generatePassword()];
    await users.add({ name: username, groups: [`${role}s`], password });
    await users.setPassword(username, password, true);
    people[role] = { username, password };
  }
  const never = () => Promise.reject(new Error('A user of the tests was asked for more than a password.'));
  const tokens = new Map<Role, Promise<Tokens>>();
  const forget = () => tokens.clear();
  return {
    people,
    async token(role: Role): Promise<string> {
      const known =
        tokens.get(role) ?? signIn({ place, ...people[role], questions: { newPassword: never, code: never } });
      tokens.set(role, known);
      return (await known).idToken;
    },
    async addToGroup(role: Role, group: string): Promise<void> {
      await users.groups(people[role].username, { add: [group], remove: [] });
      forget();
    },
    async remove(): Promise<void> {
      for (const { username } of Object.values(people)) await users.remove(username);
      users.close();
    },
  };
};

const isHere = (url: string): boolean => ['127.0.0.1', 'localhost'].includes(new URL(url).hostname);

/** The port of this machine at which a source's address ends: its own, or that of a tunnel. */
const portOf = (url: string): number => {
  const { port, origin } = new URL(url);
  if (isHere(url)) return Number(port);
  const tunnel = Number(process.env.GRANARY_REPLICA_PORT);
  if (tunnel > 0) return tunnel;
  throw new Error(
    `The stage collects from ${origin}, which is not this machine: say by GRANARY_REPLICA_PORT at which port here it ends (and by GRANARY_HOSTS its name).`,
  );
};

/**
 * What the stage was deployed to collect from, at addresses of this machine: a replica that runs there already, or one
 * of the tests' own.
 */
const serveSources = async (urls: { embrapa: string; users: string }) => {
  const [port, users_port] = [urls.embrapa, urls.users].map(portOf);
  const origin = `http://127.0.0.1:${port}`;
  const put = async (change: object): Promise<void> => {
    const answer = await fetch(`${origin}/__replica`, { method: 'PUT', body: JSON.stringify(change) });
    if (!answer.ok) throw new Error(`the replica → ${answer.status}: ${await answer.text()}`);
  };
  const asNew = { vintage: DEFAULT_VINTAGE, faults: [], rate_limit: USERS_LIMIT };
  const there = await put(asNew).then(
    () => true,
    () => false,
  );
  if (there) return { put, close: async () => undefined };
  const replica = await startReplica({
    ...asNew,
    port: port!,
    ...(users_port !== port && { users_port: users_port! }),
    series: 1 + Math.floor(Math.random() * 1000),
  });
  return { put, close: replica.close };
};

const openDeployedStack = async (options: StartOptions, target: DeployedTarget): Promise<Stack> => {
  const { stage, region } = target;
  const aws = { region, ...(endpoint && { endpoint }) };
  const [storage, api] = await Promise.all([
    stackOutputs('storage', stage, region),
    stackOutputs('api', stage, region),
  ]);
  const address = addressOf(outputOf(api, 'ServiceEndpoint'), stage);
  const bucket = outputOf(storage, 'DataBucketName');
  const tables = [outputOf(storage, 'CatalogTableName'), outputOf(storage, 'UsersTableName')];
  const [lambda, events, logs] = [new LambdaClient(aws), new EventBridgeClient(aws), new CloudWatchLogsClient(aws)];
  const functionName = (name: string) => `granary-ingestion-${stage}-${name}`;
  const invoke = async (name: string, event: object): Promise<unknown> => {
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName: functionName(name), Payload: Buffer.from(JSON.stringify(event)) }),
    );
    const text = Buffer.from(answer.Payload ?? []).toString();
    if (answer.FunctionError) throw new Error(`${name}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const describe = (name: string) => lambda.send(new GetFunctionCommand({ FunctionName: functionName(name) }));

  const { Configuration: plan } = await describe('plan');
  const urls = JSON.parse(plan?.Environment?.Variables?.SOURCE_URLS ?? '{}');
  const strange = strangeSources(urls, ['embrapa', 'random_users']);
  if (strange) throw new Error(`The stage '${stage}' is not one for tests. ${strange}`);
  const { embrapa, random_users: users } = urls;
  const data: StageData = { stage, aws, bucket, tables, replicaOnly: isHere(embrapa) && isHere(users) };
  /** They would collect what a test has not asked for yet. */
  const switchSchedules = async (on: boolean): Promise<void> => {
    for (const name of ['plan', 'plan-users']) {
      const { Configuration } = await describe(name);
      const { RuleNames } = await events.send(
        new ListRuleNamesByTargetCommand({ TargetArn: Configuration?.FunctionArn }),
      );
      for (const Name of RuleNames ?? []) {
        await events.send(on ? new EnableRuleCommand({ Name }) : new DisableRuleCommand({ Name }));
      }
    }
  };

  /**
   * Containers that are warm remember versions, which never change; those of before the stage was emptied must not
   * answer for those after.
   */
  const renewContainers = async (emptied: string | undefined): Promise<void> => {
    for await (const { Functions = [] } of paginateListFunctions({ client: lambda }, {})) {
      const own = Functions.filter(({ FunctionName = '' }) =>
        ['api', 'ingestion'].some((service) => FunctionName.startsWith(`granary-${service}-${stage}-`)),
      );
      for (const { FunctionName, Environment } of own) {
        const { E2E_EMPTIED_AT: _, ...known } = Environment?.Variables ?? {};
        const Variables = emptied === undefined ? known : { ...known, E2E_EMPTIED_AT: emptied };
        await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
      }
      for (const { FunctionName } of own) {
        await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 120, minDelay: 1 }, { FunctionName });
      }
    }
  };

  const sources = await serveSources({ embrapa, users });
  await switchSchedules(false);
  await takeStage(data);
  await renewContainers(new Date().toISOString());
  const people = await makePeople(target);

  const url = (path: string): string => {
    // Links and locations that the API gives hold the stage already.
    const own = path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path;
    return address + own;
  };
  const get = async (path: string, headers: Record<string, string> = {}) =>
    fetch(url(path), {
      redirect: 'manual',
      headers: { authorization: `Bearer ${await people.token('reader')}`, ...headers },
    });
  const only = (what: string) => (): never => {
    throw new Error(`Only a stack of this machine has ${what}: say so by needsLocal (tests/e2e/needs-local.ts).`);
  };
  const stack: Stack = {
    ...{ deployed: true, stage, region, address, bucket, state: options.state, aws: () => aws },
    get local() {
      return only('a local.json')();
    },
    get port() {
      return only('ports')();
    },
    output: only('an output'),
    kill: only('processes'),
    url,
    invoke,
    get,
    token: (role = 'reader') => people.token(role),
    addToGroup: people.addToGroup,
    setReplica: sources.put,
    json: async (path) => {
      const answer = await get(path);
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path} → ${answer.status}: ${text.slice(0, 500)}`);
      return JSON.parse(text);
    },
    serviceLogs: async () => {
      const lines: string[] = [];
      for (const service of ['api', 'ingestion']) {
        const logGroupNamePrefix = `/aws/lambda/granary-${service}-${stage}`;
        for await (const { logGroups } of paginateDescribeLogGroups({ client: logs }, { logGroupNamePrefix })) {
          for (const { logGroupName } of logGroups ?? []) {
            for await (const page of paginateFilterLogEvents({ client: logs }, { logGroupName }))
              lines.push(...(page.events ?? []).map(({ message }) => message ?? ''));
          }
        }
      }
      return lines.join('\n');
    },
    stop: async () => {
      open.delete(options.state);
      await people.remove();
      await giveBackStage(data);
      await renewContainers(undefined);
      await switchSchedules(true);
      await sources.close();
      for (const client of [lambda, events, logs]) client.destroy();
      return 0;
    },
  };
  return stack;
};

/** By the folder of the state, which a second start has in common with the first. */
const open = new Map<string, Stack>();

type Run = { state: string };
const ended = async (stack: Stack, id: string): Promise<void> => {
  const limit = Date.now() + 120_000;
  while ((await stack.json<Run>(`/v1/runs/${id}`)).state === 'running') {
    if (Date.now() > limit) throw new Error(`The run ${id} has not ended after two minutes.`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};

/**
 * As `npm start` does it for a stack of this machine: it begins empty, unless the same state was started before, and
 * collects everything unless told not to. It is traced anyway. Other arguments and variables than these have no meaning
 * here.
 */
export const startDeployedStack = async (options: StartOptions, target: DeployedTarget): Promise<Stack> => {
  const { state, args = [], env = {} } = options;
  const strange = [
    ...args.filter((arg) => !/^(--no-collect|--tracing|--vintage|\d{4})$/.test(arg)),
    ...Object.keys(env),
  ];
  if (strange.length > 0) {
    throw new Error(
      `A deployed stage cannot be started with ${strange.join(', ')}: say so by needsLocal (tests/e2e/needs-local.ts).`,
    );
  }
  const stack = open.get(state) ?? (await openDeployedStack(options, target));
  open.set(state, stack);
  const vintage = args[args.indexOf('--vintage') + 1];
  if (args.includes('--vintage')) await stack.setReplica({ vintage: Number(vintage) });
  if (args.includes('--no-collect')) return stack;
  const { runs } = (await stack.invoke('plan', { force: true })) as { runs: { id: string }[] };
  const { run } = (await stack.invoke('plan-users', { force: true })) as { run: { id: string } | null };
  for (const { id } of [...runs, ...(run ? [run] : [])]) await ended(stack, id);
  return stack;
};
