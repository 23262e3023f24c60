/**
 * The composition root of ingestion: the only file that reads the environment and knows which stores stand behind the
 * ports.
 */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { CollectionMessage } from '@granary/domain/messages/collect';
import type { FetchUsersMessage } from '@granary/domain/messages/fetch-users';
import type { ObjectStore } from '@granary/domain/ports/object-store';
import type { RunLog } from '@granary/domain/ports/run-log';
import { readPrivateOrigins } from '@granary/domain/rules/private-origins';
import { readSourceUrls } from '@granary/domain/source-urls';
import type { PlanDeps } from '@granary/domain/use-cases/collect/plan-collection';
import { makeRobotsFiles } from '@granary/domain/use-cases/collect/robots-files';
import type { WatchDeps } from '@granary/domain/use-cases/collect/watch-sources';
import type { WorkDeps } from '@granary/domain/use-cases/collect/work-on-part';
import { makeFindSource, makeKnownSources } from '@granary/domain/use-cases/sources/known-sources';
import type { PlanUsersDeps } from '@granary/domain/use-cases/users/plan-users';
import type { WorkOnUsersDeps } from '@granary/domain/use-cases/users/work-on-users-page';
import { makeLogger } from '@granary/runtime/logger';
import type { Settings } from '@granary/runtime/settings';
import { traceHeader } from '@granary/runtime/trace';
import { type Capture, isTraced, uncaptured } from '@granary/runtime/tracing';
import { TABLE_KINDS } from '@granary/sources/kinds.gen';
import { usersSource } from '@granary/sources/registry';
import { TABLE_SOURCES } from '@granary/sources/sources.gen';
import { makeAthenaQueryEngine } from '@granary/stores/athena-query-engine';
import { makeBodyFetcher } from '@granary/stores/body-fetcher';
import { makeRunLog } from '@granary/stores/cloudwatch-run-log';
import { makeDynamoCatalog } from '@granary/stores/dynamo-catalog';
import { makeDynamoHostBudget } from '@granary/stores/dynamo-host-budget';
import { makeDynamoResourceStore } from '@granary/stores/dynamo-resource-store';
import { makeDynamoRunStore } from '@granary/stores/dynamo-run-store';
import { makeDynamoSourceStore } from '@granary/stores/dynamo-source-store';
import { makeDynamoUserStore } from '@granary/stores/dynamo-user-store';
import { makeGlueSqlCatalog } from '@granary/stores/glue-sql-catalog';
import { makeHttpFetcher } from '@granary/stores/http-fetcher';
import { makeKmsVault } from '@granary/stores/kms-vault';
import { type LogGroup, makeStatusLog } from '@granary/stores/log-streams';
import { makeS3ObjectStore } from '@granary/stores/s3-object-store';
import { makeSqsQueue } from '@granary/stores/sqs-queue';
import { removeStaleFiles } from '@granary/stores/stale-files';

const need = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
};

/** `whole`: without a fraction. */
const needNumber = (name: string, { most, whole }: { most: number; whole: boolean }): number => {
  const value = Number(need(name));
  if (value > 0 && value <= most && (!whole || Number.isInteger(value))) return value;
  throw new Error(
    `The environment variable ${name} must be a ${whole ? 'whole ' : ''}number above 0, at most ${most}.`,
  );
};

export const settings = (): Settings => ({
  service: 'ingestion',
  stage: need('STAGE'),
  log_level: process.env.LOG_LEVEL,
  tracing: isTraced(process.env),
});

const clock = Date.now;
/** Attempts are named by it, so it must differ between workers that start at the same moment. */
const random = (): number => randomBytes(6).readUIntBE(0, 6) / 2 ** 48;

/**
 * All parts of a run write to one item. A worker that finds it busy waits up to some ten seconds, and so does not spend
 * a receive of its message.
 */
const DYNAMO_ATTEMPTS = 6;

/** Glue takes few writes a second from a whole account, and two hundred datasets may change at once. */
const GLUE_ATTEMPTS = 6;

const catalogTable = (capture: Capture) => ({
  client: DynamoDBDocumentClient.from(capture(new DynamoDBClient({ maxAttempts: DYNAMO_ATTEMPTS })), {
    marshallOptions: { removeUndefinedValues: true },
  }),
  table: need('CATALOG_TABLE'),
});

const queue = <Message>(capture: Capture, url: string) =>
  makeSqsQueue<Message>({
    client: capture(new SQSClient({})),
    url,
    traceHeader,
  });
const collectQueue = (capture: Capture) => queue<CollectionMessage>(capture, need('COLLECT_QUEUE_URL'));
const usersQueue = (capture: Capture) => queue<FetchUsersMessage>(capture, need('FETCH_USERS_QUEUE_URL'));

const dataBucket = (capture: Capture): ObjectStore =>
  makeS3ObjectStore({ client: capture(new S3Client({})), bucket: need('DATA_BUCKET') });

/** The log of runs, in S3; with `logs`, as for runs of users, in CloudWatch Logs too. */
const runLog = (objects: ObjectStore, logs?: LogGroup): RunLog => {
  const { service, stage, log_level: level } = settings();
  const log = makeLogger({ service, level }).with({ stage });
  return makeRunLog({
    objects,
    logs,
    name: () => randomBytes(6).toString('hex'),
    report: (error) => log.error('lines of runs were not written', { error }),
  });
};
const usersLog = (capture: Capture): LogGroup => ({
  client: capture(new CloudWatchLogsClient({})),
  group: need('USERS_LOG_GROUP'),
});
const usersRunLog = (capture: Capture, objects: ObjectStore): RunLog => runLog(objects, usersLog(capture));

/** The sources of the repository that this stage collects, and the addresses that replace theirs. */
const kinds = async () => TABLE_KINDS;
const collecting = () => {
  const urls = readSourceUrls(need('SOURCE_URLS'));
  return { urls, shipped: urls.collected(TABLE_SOURCES), users: usersSource };
};

export const planDeps = (capture: Capture = uncaptured): PlanDeps => {
  const table = catalogTable(capture);
  const { urls, shipped } = collecting();
  const known = { shipped, kinds, store: makeDynamoSourceStore(table) };
  return {
    sources: makeKnownSources(known),
    findSource: makeFindSource(known),
    baseUrl: urls.baseUrl,
    catalog: makeDynamoCatalog(table),
    runs: makeDynamoRunStore(table),
    queue: collectQueue(capture),
    clock,
    random,
  };
};

/** A delivery ends, or is ended, long before its files are that old. */
const STALE_MS = 600_000;

export const collectDeps = (capture: Capture = uncaptured): WorkDeps & { runLog: RunLog } => {
  removeStaleFiles({ tmpdir: tmpdir(), older_than_ms: STALE_MS });
  const table = catalogTable(capture);
  const messages = collectQueue(capture);
  const objects = dataBucket(capture);
  const { urls, shipped } = collecting();
  const asking = {
    budget: makeDynamoHostBudget(table),
    fetch: makeHttpFetcher({
      origins: shipped.flatMap((source) => urls.replaced(source) ?? []),
      mayBePrivate: readPrivateOrigins(process.env.PRIVATE_ORIGINS ?? ''),
      contact: process.env.CONTACT,
      tmpdir: tmpdir(),
    }),
    clock,
    sleep: (ms: number) => setTimeout(ms),
  };
  return {
    ...asking,
    robots: makeRobotsFiles({ ...asking, objects }),
    findSource: makeFindSource({ shipped, kinds, store: makeDynamoSourceStore(table) }),
    baseUrl: urls.baseUrl,
    catalog: makeDynamoCatalog(table),
    runs: makeDynamoRunStore(table),
    resources: makeDynamoResourceStore(table),
    objects,
    tables: makeGlueSqlCatalog({
      client: capture(new GlueClient({ maxAttempts: GLUE_ATTEMPTS })),
      database: need('SQL_DATABASE'),
      bucket: need('DATA_BUCKET'),
    }),
    queue: messages,
    changeVisibility: messages.changeVisibility,
    runLog: runLog(objects),
    random,
    tmpdir: tmpdir(),
  };
};

/** Undefined when users are not collected here. */
export const planUsersDeps = (capture: Capture = uncaptured): PlanUsersDeps | undefined => {
  const { urls, users } = collecting();
  if (urls.collected([users]).length === 0) return undefined;
  const table = catalogTable(capture);
  return {
    source: users,
    edits: makeDynamoSourceStore(table),
    runs: makeDynamoRunStore(table),
    queue: usersQueue(capture),
    runLog: usersRunLog(capture, dataBucket(capture)),
    clock,
    random,
  };
};

/** Requests that may go out together: a whole minute's, but no more than one host is to be sent at once. */
const LARGEST_BURST = 100;
const MOST_PER_MINUTE = 60_000;

export const fetchUsersDeps = (capture: Capture = uncaptured): WorkOnUsersDeps => {
  const table = catalogTable(capture);
  const messages = usersQueue(capture);
  const objects = dataBucket(capture);
  const { urls, users } = collecting();
  const replaced = urls.replaced(users);
  const requests_per_minute = process.env.USERS_PER_MINUTE
    ? needNumber('USERS_PER_MINUTE', { most: MOST_PER_MINUTE, whole: false })
    : users.requests_per_minute;
  return {
    source: users,
    baseUrl: () => urls.baseUrl(users),
    pace: { requests_per_minute, burst: Math.min(LARGEST_BURST, Math.max(1, Math.floor(requests_per_minute))) },
    runs: makeDynamoRunStore(table),
    budget: makeDynamoHostBudget(table),
    fetchBody: makeBodyFetcher({ origins: replaced ? [replaced] : [], contact: process.env.CONTACT }),
    vault: makeKmsVault({ client: capture(new KMSClient({})), key_id: need('USERS_KEY_ID') }),
    users: makeDynamoUserStore({ client: table.client, table: need('USERS_TABLE') }),
    pages: objects,
    queue: messages,
    changeVisibility: messages.changeVisibility,
    runLog: usersRunLog(capture, objects),
    clock,
    sleep: (ms) => setTimeout(ms),
    random,
  };
};

/** Athena itself ends no query sooner than after half an hour. */
const MOST_QUERY_SECONDS = 1800;

export const sweepDeps = (capture: Capture = uncaptured) => ({
  runs: makeDynamoRunStore(catalogTable(capture)),
  runLog: makeStatusLog(usersLog(capture)),
  engine: makeAthenaQueryEngine({
    client: capture(new AthenaClient({})),
    workgroup: need('SQL_WORKGROUP'),
    database: need('SQL_DATABASE'),
    bucket: need('DATA_BUCKET'),
  }),
  limit_ms: needNumber('SQL_SECONDS', { most: MOST_QUERY_SECONDS, whole: true }) * 1000,
  clock,
});

export const watchDeps = (capture: Capture = uncaptured): WatchDeps => {
  const { urls, shipped, users } = collecting();
  const table = catalogTable(capture);
  const known = makeKnownSources({
    shipped: [...shipped, ...urls.collected([users])],
    kinds,
    store: makeDynamoSourceStore(table),
  });
  return {
    catalog: makeDynamoCatalog(table),
    runs: makeDynamoRunStore(table),
    async schedules() {
      const active = (await known.list()).filter(({ state }) => state === 'active');
      return Object.fromEntries(active.map(({ id, configuration }) => [id, configuration.schedule]));
    },
    users: users.id,
    clock,
  };
};
