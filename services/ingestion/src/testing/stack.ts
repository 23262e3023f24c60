import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { CollectionMessage } from '@granary/domain/messages/collect';
import type { Run } from '@granary/domain/run';
import type { SourceDefinition } from '@granary/domain/source';
import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { makeRobotsFiles } from '@granary/domain/use-cases/collect/robots-files';
import { fixedSources } from '@granary/domain/use-cases/testing/fixed-sources';
import { serveWorker } from '@granary/runtime/serve-worker';
import { embrapa } from '@granary/sources/testing/shipped';
import { makeRunLog } from '@granary/stores/cloudwatch-run-log';
import { makeDynamoCatalog } from '@granary/stores/dynamo-catalog';
import { makeDynamoHostBudget } from '@granary/stores/dynamo-host-budget';
import { makeDynamoResourceStore } from '@granary/stores/dynamo-resource-store';
import { makeDynamoRunStore } from '@granary/stores/dynamo-run-store';
import { makeGlueSqlCatalog } from '@granary/stores/glue-sql-catalog';
import { makeHttpFetcher } from '@granary/stores/http-fetcher';
import { makeS3ObjectStore } from '@granary/stores/s3-object-store';
import { makeSqsQueue } from '@granary/stores/sqs-queue';
import { startEmulators } from '@granary/stores/testing/emulators';
import { startGlueEmulator } from '@granary/stores/testing/glue';
import type { Context } from 'aws-lambda';
import { type CollectDeps, worker } from '../functions/collect.ts';

/**
 * For tests: ingestion as it is deployed, its stores on emulators over HTTP, its queue read by `workers` that treat the
 * handler's answers as Lambda's event source mapping does. `base_url` is the source's address.
 */
export const startStack = async (base_url: string, overrides: Partial<SourceDefinition> = {}) => {
  const emulators = await startEmulators();
  const glue = await startGlueEmulator();
  const folder = await mkdtemp(join(tmpdir(), 'granary-test-'));
  const place = { client: emulators.documents, table: await emulators.createCatalogTable('granary-test-catalog') };
  const { url, deadLetters } = await emulators.createQueue('granary-test-collect');
  const queue = makeSqsQueue<CollectionMessage>({ client: emulators.sqs, url });
  // Ten thousand a minute: the budget is at work, but nobody waits for it.
  const source = { ...embrapa, requests_per_minute: 10_000, ...overrides };
  const fetch = makeHttpFetcher({ origins: [base_url], tmpdir: folder, total_ms: 5_000 });
  /** Why lines of runs were not written. */
  const reported: unknown[] = [];
  const bucket = await emulators.createBucket('granary-test-data');
  const objects = makeS3ObjectStore({ client: emulators.s3, bucket });
  const database = await glue.createDatabase('granary_test');
  const budget = makeDynamoHostBudget(place);
  const asking = { budget, fetch, clock: Date.now, sleep: (ms: number) => sleep(ms) };
  const deps = {
    ...asking,
    robots: makeRobotsFiles({ ...asking, objects }),
    source,
    sources: fixedSources(source),
    findSource: (id: string) => (id === source.id ? source : undefined),
    baseUrl: () => base_url,
    catalog: makeDynamoCatalog(place),
    runs: makeDynamoRunStore(place),
    resources: makeDynamoResourceStore(place),
    objects,
    tables: makeGlueSqlCatalog({ client: glue.client, database, bucket }),
    runLog: makeRunLog({
      objects,
      name: () => randomBytes(6).toString('hex'),
      report: (error) => reported.push(error),
    }),
    queue,
    changeVisibility: queue.changeVisibility,
    random: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
    tmpdir: folder,
  } satisfies CollectDeps & Record<string, unknown>;

  const settings = () => ({ service: 'ingestion', stage: 'test', write: () => {} });
  const handler = serveWorker(worker, { settings, deps: () => deps });

  const receive = async (from: string, MaxNumberOfMessages: number): Promise<Message[]> => {
    const MessageSystemAttributeNames = ['All' as const];
    const request = new ReceiveMessageCommand({ QueueUrl: from, MaxNumberOfMessages, MessageSystemAttributeNames });
    return (await emulators.sqs.send(request)).Messages ?? [];
  };

  /** One poll: receives a batch, invokes the handler, deletes what it did not report. */
  const poll = async (): Promise<void> => {
    const messages = await receive(url, worker.batchSize);
    if (messages.length === 0) return void (await sleep(50));
    const Records = messages.map(({ MessageId, ReceiptHandle, Body, Attributes }) => ({
      messageId: MessageId!,
      receiptHandle: ReceiptHandle!,
      body: Body!,
      attributes: Attributes as never,
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: '',
      awsRegion: 'us-east-1',
    }));
    const { batchItemFailures } = await handler({ Records }, { awsRequestId: 'test' } as Context);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const Entries = messages
      .filter(({ MessageId }) => !failed.has(MessageId!))
      .map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId!, ReceiptHandle: ReceiptHandle! }));
    if (Entries.length > 0) await emulators.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
  };

  /** Polls with so many workers until `done` says so; throws after `timeout_ms`. */
  const workUntil = async (done: () => Promise<boolean>, { workers = 5, timeout_ms = 60_000 } = {}): Promise<void> => {
    const end = Date.now() + timeout_ms;
    let finished = false;
    const loop = async (): Promise<void> => {
      while (!finished) await poll();
    };
    const loops = Array.from({ length: workers }, loop);
    try {
      while (!(await done())) {
        if (Date.now() > end) throw new Error(`Not done after ${timeout_ms} ms`);
        await sleep(50);
      }
    } finally {
      finished = true;
      await Promise.all(loops);
    }
  };

  const collect = async (options?: { workers?: number; timeout_ms?: number }): Promise<Run> => {
    const { runs } = await planCollection(deps)({ force: true });
    const id = runs[0]!.id;
    await workUntil(async () => (await deps.runs.getRun(id))!.state !== 'running', options);
    return (await deps.runs.getRun(id))!;
  };

  return {
    deps,
    emulators,
    url,
    reported,
    collect,
    workUntil,
    deadLetters: () => receive(deadLetters, 10),
    sendBody: (MessageBody: string) => emulators.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody })),
    async stop(): Promise<void> {
      await fetch.close();
      await Promise.all([emulators.stop(), glue.stop()]);
      await rm(folder, { recursive: true });
    },
  };
};

export type Stack = Awaited<ReturnType<typeof startStack>>;
