/**
 * Long: the composition root of the API, the only file that reads the environment and knows which stores stand behind
 * the ports.
 */
import { tmpdir } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { CollectionMessage, ReplayMessage } from '@granary/domain/messages/collect';
import type { FetchUsersMessage } from '@granary/domain/messages/fetch-users';
import type { Fetcher } from '@granary/domain/ports/collecting';
import type { RunLog } from '@granary/domain/ports/run-log';
import type { ReadAudit } from '@granary/domain/ports/unmasked-reads';
import { readPrivateOrigins } from '@granary/domain/rules/private-origins';
import type { Source } from '@granary/domain/source';
import { readSourceUrls } from '@granary/domain/source-urls';
import type { StartReplayDeps } from '@granary/domain/use-cases/collect/start-replay';
import type { PreviewDeps } from '@granary/domain/use-cases/preview/preview-source';
import { defineSource, makeFindSource, makeKnownSources } from '@granary/domain/use-cases/sources/known-sources';
import type { PlanUsersDeps } from '@granary/domain/use-cases/users/plan-users';
import { makeCognitoVerifier } from '@granary/runtime/http/verify-token';
import type { ApiSettings } from '@granary/runtime/settings';
import { traceHeader } from '@granary/runtime/trace';
import { type Capture, isTraced, uncaptured } from '@granary/runtime/tracing';
import { TABLE_SOURCES, USERS_SOURCE } from '@granary/sources/sources.gen';
import type { SqlDeps } from '@granary/sql/sql-deps';
import { makeAthenaQueryEngine } from '@granary/stores/athena-query-engine';
import { makeDynamoCatalog } from '@granary/stores/dynamo-catalog';
import { makeDynamoHostBudget } from '@granary/stores/dynamo-host-budget';
import { makeDynamoReadBudget } from '@granary/stores/dynamo-read-budget';
import { makeDynamoResourceStore } from '@granary/stores/dynamo-resource-store';
import { makeDynamoRunStore } from '@granary/stores/dynamo-run-store';
import { makeDynamoSourceStore } from '@granary/stores/dynamo-source-store';
import { makeDynamoUserStore } from '@granary/stores/dynamo-user-store';
import { makeGlueSqlCatalog } from '@granary/stores/glue-sql-catalog';
import { makeKmsVault } from '@granary/stores/kms-vault';
import { makeS3ObjectReader } from '@granary/stores/s3-object-reader';
import { makeS3ObjectStore } from '@granary/stores/s3-object-store';
import { makeSqsDeadLetters } from '@granary/stores/sqs-dead-letters';
import { makeSqsQueue } from '@granary/stores/sqs-queue';
import type { SourcesDeps } from './sources/sources-deps.ts';
import type { UsersDeps } from './users/users-page.ts';
import { makeKeptBodies } from './wide-tables/kept-bodies.ts';

const KEPT_BODIES_BYTES = 64 * 2 ** 20;

const need = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
};

const needCount = (name: string, least = 1): number => {
  const value = Number(need(name));
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`The environment variable ${name} must be a whole number, ${least} at least.`);
};

const documents = (capture: Capture) =>
  DynamoDBDocumentClient.from(capture(new DynamoDBClient({})), { marshallOptions: { removeUndefinedValues: true } });

/** The pool's public keys are part of Cognito's endpoint: where the SDK's own variables move that, the keys are too. */
const jwksUri = (pool: string): string | undefined => {
  const endpoint = process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER || process.env.AWS_ENDPOINT_URL;
  return endpoint ? `${endpoint.replace(/\/$/, '')}/${pool}/.well-known/jwks.json` : undefined;
};

export const settings = (): ApiSettings => ({
  service: 'api',
  stage: need('STAGE'),
  log_level: process.env.LOG_LEVEL,
  tracing: isTraced(process.env),
  cors_origins: need('CORS_ORIGINS')
    .split(',')
    .map((origin) => origin.trim()),
  verify_token: makeCognitoVerifier({
    user_pool_id: need('USER_POOL_ID'),
    client_id: need('USER_POOL_CLIENT_ID'),
    jwks_uri: jwksUri(need('USER_POOL_ID')),
  }),
});

export const systemDeps = () => ({});

export const catalogDeps = (capture: Capture = uncaptured) => {
  const table = { client: documents(capture), table: need('CATALOG_TABLE') };
  return {
    catalog: makeDynamoCatalog(table),
    runs: makeDynamoRunStore(table),
    region: process.env.AWS_REGION,
  };
};

export const dataDeps = (capture: Capture = uncaptured) => {
  const table = { client: documents(capture), table: need('CATALOG_TABLE') };
  return {
    catalog: makeDynamoCatalog(table),
    runs: makeDynamoRunStore(table),
    objects: makeS3ObjectReader({ client: capture(new S3Client({})), bucket: need('DATA_BUCKET') }),
    bodies: makeKeptBodies({ max_bytes: KEPT_BODIES_BYTES }),
    now: Date.now,
  };
};

export const docsDeps = (capture: Capture = uncaptured) => ({
  catalog: makeDynamoCatalog({ client: documents(capture), table: need('CATALOG_TABLE') }),
  data_origin: dataOrigin(),
});

/** Where presigned URLs lead: the bucket's own host, or where the SDK's variables move S3. */
const dataOrigin = (): string => {
  const endpoint = process.env.AWS_ENDPOINT_URL_S3 || process.env.AWS_ENDPOINT_URL;
  if (endpoint) return new URL(endpoint).origin;
  return `https://${need('DATA_BUCKET')}.s3.${need('AWS_REGION')}.amazonaws.com`;
};

export const plotsDeps = (capture: Capture = uncaptured) => ({
  catalog: makeDynamoCatalog({ client: documents(capture), table: need('CATALOG_TABLE') }),
  objects: makeS3ObjectReader({ client: capture(new S3Client({})), bucket: need('DATA_BUCKET') }),
});

/** Decisions about versions: what collecting does once it has made the tables of a version, and no more. */
export const decisionsDeps = (capture: Capture = uncaptured) => {
  const bucket = need('DATA_BUCKET');
  return {
    catalog: makeDynamoCatalog({ client: documents(capture), table: need('CATALOG_TABLE') }),
    objects: makeS3ObjectStore({ client: capture(new S3Client({})), bucket }),
    tables: makeGlueSqlCatalog({ client: capture(new GlueClient({})), database: need('SQL_DATABASE'), bucket }),
    clock: Date.now,
    random: Math.random,
  };
};

/** A preview ends, or is ended, long before its files are that old. */
const STALE_MS = 60_000;

/** What collecting asks sources with, and no more: a preview reaches no store but the budget of hosts. */
export const previewDeps = (capture: Capture = uncaptured): Omit<PreviewDeps, 'sources'> => {
  const urls = readSourceUrls(need('SOURCE_URLS'));
  return {
    budget: makeDynamoHostBudget({ client: documents(capture), table: need('CATALOG_TABLE') }),
    fetch: fetcher(TABLE_SOURCES.flatMap((source) => urls.replaced(source) ?? [])),
    clock: Date.now,
    sleep: (ms) => setTimeout(ms),
    random: Math.random,
    tmpdir: tmpdir(),
  };
};

/** Loaded when it is asked for something: in the bundles of all others it would be dead weight. */
const fetcher = (origins: readonly string[]): Fetcher => {
  let made: Promise<Fetcher> | undefined;
  const make = async (): Promise<Fetcher> => {
    const [{ makeHttpFetcher }, { removeStaleFiles }] = await Promise.all([
      import('@granary/stores/http-fetcher'),
      import('@granary/stores/stale-files'),
    ]);
    removeStaleFiles({ tmpdir: tmpdir(), older_than_ms: STALE_MS });
    return makeHttpFetcher({
      ...{ origins, mayBePrivate: privateOrigins(), tmpdir: tmpdir() },
      contact: process.env.CONTACT,
    });
  };
  return async (request) => {
    made ??= make();
    return (await made)(request);
  };
};

export const historyDeps = (capture: Capture = uncaptured) => {
  const table = { client: documents(capture), table: need('CATALOG_TABLE') };
  return {
    catalog: makeDynamoCatalog(table),
    configurations: makeDynamoSourceStore(table),
    objects: makeS3ObjectStore({ client: capture(new S3Client({})), bucket: need('DATA_BUCKET') }),
    now: Date.now,
  };
};

export const recordsDeps = (capture: Capture = uncaptured) => ({
  catalog: makeDynamoCatalog({ client: documents(capture), table: need('CATALOG_TABLE') }),
  objects: makeS3ObjectStore({ client: capture(new S3Client({})), bucket: need('DATA_BUCKET') }),
  now: Date.now,
});

export const queryDeps = (capture: Capture = uncaptured): SqlDeps => {
  const bucket = need('DATA_BUCKET');
  const database = need('SQL_DATABASE');
  const workgroup = need('SQL_WORKGROUP');
  return {
    catalog: makeDynamoCatalog({ client: documents(capture), table: need('CATALOG_TABLE') }),
    times: makeGlueSqlCatalog({ client: capture(new GlueClient({})), database, bucket }),
    engine: makeAthenaQueryEngine({ client: capture(new AthenaClient({})), workgroup, database, bucket }),
    objects: makeS3ObjectReader({ client: capture(new S3Client({})), bucket }),
    clock: Date.now,
    sleep: (ms) => setTimeout(ms),
    limits: {
      seconds: needCount('SQL_SECONDS'),
      reuse_minutes: needCount('SQL_REUSE_MINUTES', 0),
      bytes: needCount('SQL_BYTES'),
    },
  };
};

export const usersDeps = (capture: Capture = uncaptured): UsersDeps => {
  const client = documents(capture);
  return {
    users: makeDynamoUserStore({ client, table: need('USERS_TABLE') }),
    vault: makeKmsVault({ client: capture(new KMSClient({})), key_id: need('USERS_KEY_ID') }),
    audit: usersAudit(capture),
    budget: makeDynamoReadBudget({ client, table: need('CATALOG_TABLE') }),
    most_unmasked: needCount('UNMASKED_PER_DAY', 0),
    clock: Date.now,
  };
};

/** Loaded when an analyst reads: all others would wait for a client that they do not need. */
const usersAudit = (capture: Capture): ReadAudit => {
  const group = need('USERS_LOG_GROUP');
  const of = { service: 'api', stage: need('STAGE') };
  let made: Promise<ReadAudit> | undefined;
  const make = async (): Promise<ReadAudit> => {
    const { CloudWatchLogsClient } = await import('@aws-sdk/client-cloudwatch-logs');
    const { makeReadAudit } = await import('@granary/stores/read-audit');
    return makeReadAudit({ client: capture(new CloudWatchLogsClient({})), group }, of);
  };
  return {
    write: async (read) => {
      made ??= make();
      await (await made).write(read);
    },
  };
};

export const operationsDeps = (capture: Capture = uncaptured) => {
  const sqs = capture(new SQSClient({}));
  const table = { client: documents(capture), table: need('CATALOG_TABLE') };
  const runs = makeDynamoRunStore(table);
  const fetchUsers = need('FETCH_USERS_QUEUE_URL');
  const clock = Date.now;
  const urls = readSourceUrls(need('SOURCE_URLS'));
  const plan: PlanUsersDeps = {
    source: USERS_SOURCE,
    edits: makeDynamoSourceStore(table),
    runs,
    queue: makeSqsQueue<FetchUsersMessage>({
      client: sqs,
      url: fetchUsers,
      traceHeader,
    }),
    runLog: unlogged,
    clock,
    random: Math.random,
  };
  const letters = makeSqsDeadLetters({
    client: sqs,
    queues: {
      collect: { url: need('COLLECT_QUEUE_URL'), dead_letters_url: need('COLLECT_DLQ_URL') },
      'fetch-users': { url: fetchUsers, dead_letters_url: need('FETCH_USERS_DLQ_URL') },
    },
  });
  const replay: StartReplayDeps = {
    catalog: makeDynamoCatalog(table),
    runs,
    queue: makeSqsQueue<ReplayMessage>({ client: sqs, url: need('COLLECT_QUEUE_URL'), traceHeader }),
    clock,
    random: Math.random,
  };
  return { plan, usersUrl: () => urls.baseUrl(USERS_SOURCE), letters, replay, runs, clock };
};

/** Sources as operators edit them, and the start of their collection. */
export const sourcesDeps = (capture: Capture = uncaptured): SourcesDeps => {
  const table = { client: documents(capture), table: need('CATALOG_TABLE') };
  const urls = readSourceUrls(need('SOURCE_URLS'));
  const store = makeDynamoSourceStore(table);
  const catalog = makeDynamoCatalog(table);
  const known = { kinds, store };
  const sources = makeKnownSources({ ...known, shipped: [...TABLE_SOURCES, USERS_SOURCE] });
  const plan = {
    sources,
    findSource: makeFindSource({ ...known, shipped: TABLE_SOURCES }),
    baseUrl: urls.baseUrl,
    catalog,
    runs: makeDynamoRunStore(table),
    queue: makeSqsQueue<CollectionMessage>({
      client: capture(new SQSClient({})),
      url: need('COLLECT_QUEUE_URL'),
      traceHeader,
    }),
    clock: Date.now,
    random: Math.random,
  };
  const define = async (configuration: Source) => defineSource(await kinds(), configuration);
  return {
    resources: makeDynamoResourceStore(table),
    ...{ sources, store, catalog, plan, refusalOf, checkSource, define },
    users: USERS_SOURCE.id,
    clock: Date.now,
  };
};

/** Loaded when a source is put or collected. Of tables alone: there is one source of users, and it is shipped. */
const kinds = async () => (await import('@granary/sources/kinds.gen')).TABLE_KINDS;
const checkSource = async (written: unknown): Promise<Source> => {
  const { checkSource: check } = await import('@granary/sources/check-source');
  return check(written, await kinds());
};
const refusalOf = async (url: string, base_url: string): Promise<string | undefined> => {
  const { makeAddressCheck } = await import('@granary/stores/public-agent');
  return makeAddressCheck({ mayBePrivate: privateOrigins() })(url, base_url);
};
/** Origins that sources which are put at run time may have though they are private. */
const privateOrigins = () => readPrivateOrigins(process.env.PRIVATE_ORIGINS ?? '');

/**
 * The log of a run is its workers': they write when an invocation ends, with clients of S3 and CloudWatch that this
 * function would load for one line. Who started a run, by the id of the pool, is a line of this function.
 */
const unlogged: RunLog = { info: () => {}, error: () => {}, status: async () => {}, flush: async () => {} };
