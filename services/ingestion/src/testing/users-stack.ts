import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import {
  GetQueueAttributesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Run } from '@granary/domain/run';
import { listDeadLetters } from '@granary/domain/use-cases/dead-letters/list-dead-letters';
import { redriveDeadLetters } from '@granary/domain/use-cases/dead-letters/redrive-dead-letters';
import type { planUsers } from '@granary/domain/use-cases/users/plan-users';
import type { WorkOnUsersDeps } from '@granary/domain/use-cases/users/work-on-users-page';
import { startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { provision } from '@granary/embedded-aws/provision/provision';
import { loadTemplates } from '@granary/embedded-aws/provision/templates';
import { runEventSourceMapping } from '@granary/local/plugin/sqs-poller';
import { ROOT } from '@granary/local/state';
import { serveJob } from '@granary/runtime/serve-job';
import { serveWorker } from '@granary/runtime/serve-worker';
import { makeDynamoRunStore } from '@granary/stores/dynamo-run-store';
import { makeS3ObjectStore } from '@granary/stores/s3-object-store';
import { makeSqsDeadLetters } from '@granary/stores/sqs-dead-letters';
import type { Context, SQSEvent } from 'aws-lambda';
import { fetchUsersDeps, planUsersDeps, sweepDeps } from '../deps.ts';
import { worker } from '../functions/fetch-users.ts';
import { job as plan } from '../functions/plan-users.ts';
import { job as sweep } from '../functions/sweep.ts';

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
const STAGE = 'local';
export const BUCKET = `granary-${ACCOUNT}-${REGION}-${STAGE}-data`;
const context = { awsRequestId: 'test', getRemainingTimeInMillis: () => 60_000 } as Context;

type Planned = Awaited<ReturnType<ReturnType<typeof planUsers>>>;

/**
 * For tests: fetching of users as it is deployed, on the embedded AWS with what the services' own templates declare.
 * The functions are made by the service's own deps.ts from `env`, their answers treated as Lambda's event source
 * mapping does. `usersUrl`: the source.
 */
export const startUsersStack = async (usersUrl: string, { per_minute = 60_000 } = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'granary-users-'));
  const aws = await startEmbeddedAws({ port: 0, dir: join(folder, 'aws') });
  const templates = await loadTemplates({ root: ROOT, stage: STAGE });
  const needed = templates.filter(({ service }) => service !== 'granary-api');
  await provision(needed, { endpoint: aws.url, account: ACCOUNT, region: REGION, stage: STAGE });

  const queueUrl = (name: string) => `${aws.url}/${ACCOUNT}/granary-${STAGE}-${name}`;
  const env: Record<string, string> = {
    STAGE,
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    CATALOG_TABLE: `granary-${STAGE}-catalog`,
    SQL_DATABASE: `granary_${STAGE}`,
    SQL_WORKGROUP: `granary-${STAGE}`,
    SQL_SECONDS: '300',
    USERS_TABLE: `granary-${STAGE}-users`,
    DATA_BUCKET: BUCKET,
    USERS_KEY_ID: `alias/granary-${STAGE}-users`,
    USERS_LOG_GROUP: `/granary/${STAGE}/users`,
    COLLECT_QUEUE_URL: queueUrl('collect'),
    FETCH_USERS_QUEUE_URL: queueUrl('fetch-users'),
    USERS_PER_MINUTE: String(per_minute),
    SOURCE_URLS: JSON.stringify({ random_users: usersUrl }),
  };
  const before = { ...process.env };
  Object.assign(process.env, env);

  const sqs = new SQSClient({});
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const logs = new CloudWatchLogsClient({});
  const objects = makeS3ObjectStore({ client: new S3Client({}), bucket: BUCKET });
  const runs = makeDynamoRunStore({ client: documents, table: env.CATALOG_TABLE! });
  const letters = makeSqsDeadLetters({
    client: sqs,
    queues: {
      collect: { url: queueUrl('collect'), dead_letters_url: queueUrl('collect-dlq') },
      'fetch-users': { url: queueUrl('fetch-users'), dead_letters_url: queueUrl('fetch-users-dlq') },
    },
  });

  /** Everything that the functions wrote to standard output. */
  const lines: string[] = [];
  const settings = () => ({ service: 'ingestion', stage: STAGE, write: (line: string) => void lines.push(line) });
  const planner = serveJob(plan, { settings, deps: planUsersDeps });
  const sweeper = serveJob(sweep, { settings, deps: sweepDeps });
  // The shortest backoff there is: nobody learns anything from waiting.
  const deps: WorkOnUsersDeps = { ...fetchUsersDeps(), random: () => 0 };

  const messagesOf = async (name: string): Promise<number> => {
    const names = [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ] as const;
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl(name), AttributeNames: [...names] }),
    );
    return names.reduce((sum, attribute) => sum + Number(Attributes[attribute] ?? 0), 0);
  };

  const stopped = new AbortController();
  type Overrides = Partial<WorkOnUsersDeps> | ((body: string) => Partial<WorkOnUsersDeps>);
  /** Overrides that differ by message are asked for with the body of each, which is then delivered alone. */
  const handlerWith = (overrides: Overrides) => {
    const with_ = (own: Partial<WorkOnUsersDeps>) =>
      serveWorker(worker, { settings, deps: () => ({ ...deps, ...own }) });
    if (typeof overrides !== 'function') return with_(overrides);
    return async (event: SQSEvent, context: Context) => {
      const answers = event.Records.map((record) => with_(overrides(record.body))({ Records: [record] }, context));
      const failures = (await Promise.all(answers)).flatMap((answer) => answer?.batchItemFailures ?? []);
      return { batchItemFailures: failures };
    };
  };
  let handler = handlerWith({});
  let polling: Promise<void> | undefined;
  // Once they poll they do so to the end: a receive that is given up may still be given a message, which then nobody
  // works on.
  const poll = (): Promise<void> =>
    runEventSourceMapping({
      sqs,
      mapping: {
        queueUrl: queueUrl('fetch-users'),
        arn: 'arn',
        region: REGION,
        batchSize: 10,
        window_s: 0,
        concurrency: 2,
        reportsItemFailures: true,
      },
      invoke: async (event) => ({ payload: await handler(event as never, context), failed: false }),
      signal: stopped.signal,
      log: (line) => void lines.push(line),
    });

  /** Has workers on the queue, from now on, until `done`; throws when it is not after `timeout_ms`. */
  const workUntil = async (
    done: () => Promise<boolean>,
    { timeout_ms = 60_000, overrides = {} as Overrides } = {},
  ): Promise<void> => {
    handler = handlerWith(overrides);
    polling ??= poll();
    const end = Date.now() + timeout_ms;
    while (!(await done())) {
      if (Date.now() > end) throw new Error(`Not done after ${timeout_ms} ms`);
      await sleep(50);
    }
  };

  const runOf = async (id: string): Promise<Run> => {
    const run = await runs.getRun(id);
    if (!run) throw new Error(`There is no run ${id}.`);
    return run;
  };

  return {
    env,
    folder,
    deps,
    runs,
    sqs,
    objects,
    lines,
    queueUrl,
    messagesOf,
    workUntil,
    runOf,
    sweep: () => sweeper({}, context),
    plan: (input: object) => planner(input, context) as Promise<Planned>,
    /** Plans a run and works until it has ended. */
    async fetch(input: object, options?: Parameters<typeof workUntil>[1]): Promise<Run> {
      handler = handlerWith(options?.overrides ?? {});
      const { run } = (await planner({ force: true, ...input }, context)) as Planned;
      await workUntil(async () => (await runOf(run!.id)).state !== 'running', options);
      return runOf(run!.id);
    },
    /** Until nothing waits in the queue any more: all of it is done, or a dead letter. */
    drained: async (): Promise<boolean> => (await messagesOf('fetch-users')) === 0,
    deadLetters: () => listDeadLetters({ letters, runs })({ queue: 'fetch-users', limit: 1000 }),
    redrive: () =>
      redriveDeadLetters({ letters, clock: Date.now })({ queue: 'fetch-users', per_second: 1000, limit: 1000 }),
    sendBody: (MessageBody: string) =>
      sqs.send(new SendMessageCommand({ QueueUrl: queueUrl('fetch-users'), MessageBody })),
    setVisibility: (seconds: number) =>
      sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl: queueUrl('fetch-users'),
          Attributes: { VisibilityTimeout: String(seconds) },
        }),
      ),
    async itemsOf(table: 'users' | 'catalog'): Promise<Record<string, unknown>[]> {
      const items: Record<string, unknown>[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const page = await documents.send(
          new ScanCommand({ TableName: `granary-${STAGE}-${table}`, ExclusiveStartKey }),
        );
        items.push(...(page.Items ?? []));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return items;
    },
    async events(logStreamName: 'Info' | 'Error' | 'Status'): Promise<Record<string, unknown>[]> {
      const { events = [] } = await logs.send(
        new GetLogEventsCommand({ logGroupName: env.USERS_LOG_GROUP, logStreamName, startFromHead: true }),
      );
      return events.map(({ message }) => JSON.parse(message!));
    },
    async stop(): Promise<void> {
      for (const name of Object.keys(env)) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
      stopped.abort();
      await polling;
      await aws.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

export type UsersStack = Awaited<ReturnType<typeof startUsersStack>>;
