/** The composition root of ingestion: the only file that reads the environment and knows which stores stand behind the ports. */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { CollectMessage } from '@granary/domain/messages/collect';
import type { SourceDefinition } from '@granary/domain/source';
import type { PlanDeps } from '@granary/domain/use-cases/plan-collection';
import type { WorkDeps } from '@granary/domain/use-cases/work-on-part';
import type { Settings } from '@granary/runtime/settings';
import { type Capture, isTraced, uncaptured } from '@granary/runtime/tracing';
import { sourceById, sources } from '@granary/sources/registry';
import { makeDynamoCatalog } from '@granary/stores/dynamo-catalog';
import { makeDynamoHostBudget } from '@granary/stores/dynamo-host-budget';
import { makeDynamoRunStore } from '@granary/stores/dynamo-run-store';
import { makeHttpFetcher } from '@granary/stores/http-fetcher';
import { makeS3ObjectStore } from '@granary/stores/s3-object-store';
import { makeSqsQueue } from '@granary/stores/sqs-queue';
import { removeStaleFiles } from '@granary/stores/stale-files';

const need = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
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

const table = (capture: Capture) => ({
  client: DynamoDBDocumentClient.from(capture(new DynamoDBClient({})), {
    marshallOptions: { removeUndefinedValues: true },
  }),
  table: need('CATALOG_TABLE'),
});

const queue = (capture: Capture) =>
  makeSqsQueue<CollectMessage>({
    client: capture(new SQSClient({})),
    url: need('COLLECT_QUEUE_URL'),
    traceHeader: () => process.env._X_AMZN_TRACE_ID,
  });

/** What the operator put in the place of a source's address, if anything. */
const replacedUrl = ({ base_url_variable }: SourceDefinition): string | undefined => {
  const value = process.env[base_url_variable]?.trim();
  if (!value) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  // Addresses are published with the datasets and stand in errors: a password in one would be everybody's.
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new Error(
      `The environment variable ${base_url_variable} must be an http or https address without user and password.`,
    );
  }
  return value;
};

export const planDeps = (capture: Capture = uncaptured): PlanDeps => {
  const place = table(capture);
  return {
    sources,
    baseUrl: (source) => replacedUrl(source) ?? source.base_url,
    catalog: makeDynamoCatalog(place),
    runs: makeDynamoRunStore(place),
    queue: queue(capture),
    clock,
    random,
  };
};

/** A delivery ends, or is ended, long before its files are that old. */
const STALE_MS = 600_000;

export const collectDeps = (capture: Capture = uncaptured): WorkDeps => {
  removeStaleFiles({ tmpdir: tmpdir(), older_than_ms: STALE_MS });
  const place = table(capture);
  const collectQueue = queue(capture);
  return {
    sourceById,
    catalog: makeDynamoCatalog(place),
    runs: makeDynamoRunStore(place),
    budget: makeDynamoHostBudget(place),
    objects: makeS3ObjectStore({ client: capture(new S3Client({})), bucket: need('DATA_BUCKET') }),
    fetch: makeHttpFetcher({ origins: sources.flatMap((source) => replacedUrl(source) ?? []), tmpdir: tmpdir() }),
    queue: collectQueue,
    changeVisibility: collectQueue.changeVisibility,
    clock,
    sleep: (ms) => setTimeout(ms),
    random,
    tmpdir: tmpdir(),
  };
};

export const sweepDeps = (capture: Capture = uncaptured) => ({ runs: makeDynamoRunStore(table(capture)), clock });
