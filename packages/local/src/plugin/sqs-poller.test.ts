import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type EmbeddedAws, startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { InvocationResult } from './invoke.ts';
import { runEventSourceMapping } from './sqs-poller.ts';

type Event = {
  Records: { messageId: string; body: string; attributes: Record<string, string>; messageAttributes: object }[];
};
const dir = mkdtempSync(join(tmpdir(), 'granary-poller-'));
let aws: EmbeddedAws;
let sqs: SQSClient;
let queues = 0;

beforeAll(async () => {
  aws = await startEmbeddedAws({ port: 0, dir });
  sqs = new SQSClient({
    endpoint: aws.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
  });
});
afterAll(async () => {
  sqs.destroy();
  await aws.close();
  rmSync(dir, { recursive: true });
});

/** A queue with its DLQ; messages come back after a second, and are dead after `receives`. */
const makeQueue = async (bodies: readonly string[], receives = 3) => {
  const name = `q${++queues}`;
  const { QueueUrl: dead } = await sqs.send(new CreateQueueCommand({ QueueName: `${name}-dlq` }));
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${name}-dlq`,
    maxReceiveCount: receives,
  });
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: '1', RedrivePolicy } }),
  );
  const Entries = bodies.map((MessageBody, i) => ({
    Id: String(i),
    MessageBody,
    MessageAttributes: { traceparent: { DataType: 'String', StringValue: `t-${i}` } },
  }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  return { queueUrl: QueueUrl!, dead: dead!, arn: `arn:aws:sqs:us-east-1:000000000000:${name}` };
};

const left = async (QueueUrl: string) => {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  );
  return Object.values(Attributes!).reduce((sum, count) => sum + Number(count), 0);
};

const until = async (holds: () => boolean | Promise<boolean>) => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
};

/** Runs a mapping over a handler until `holds`, then stops it. */
const run = async (
  queue: { queueUrl: string; arn: string },
  handle: (event: Event) => InvocationResult | Promise<InvocationResult>,
  holds: () => boolean | Promise<boolean>,
  settings: { batchSize?: number; concurrency?: number; window_s?: number } = {},
) => {
  const stop = new AbortController();
  const mapping = {
    ...queue,
    region: 'us-east-1',
    batchSize: 10,
    window_s: 0,
    concurrency: 1,
    reportsItemFailures: true,
    ...settings,
  };
  const running = runEventSourceMapping({
    sqs,
    mapping,
    signal: stop.signal,
    log: () => undefined,
    invoke: async (event) => handle(event as Event),
  });
  await until(holds);
  stop.abort();
  await running;
};

describe('runEventSourceMapping', () => {
  it('hands a message on with its attributes, its receive count and its queue, and deletes it', async () => {
    const queue = await makeQueue(['body']);
    const events: Event[] = [];
    const handle = (event: Event) => {
      events.push(event);
      return { payload: null, failed: false };
    };
    await run(queue, handle, async () => events.length > 0 && (await left(queue.queueUrl)) === 0);
    expect(events[0]!.Records[0]).toMatchObject({
      body: 'body',
      eventSource: 'aws:sqs',
      eventSourceARN: queue.arn,
      attributes: { ApproximateReceiveCount: '1' },
      messageAttributes: { traceparent: { stringValue: 't-0', dataType: 'String' } },
    });
  });

  it('gives only the failed message again, and after three receives it is a dead letter, its neighbours long gone', async () => {
    const queue = await makeQueue(['good 1', 'poison', 'good 2']);
    const seen: string[] = [];
    const handle = ({ Records }: Event) => {
      seen.push(...Records.map((record) => record.body));
      const failures = Records.filter((record) => record.body === 'poison');
      return {
        payload: { batchItemFailures: failures.map((record) => ({ itemIdentifier: record.messageId })) },
        failed: false,
      };
    };
    await run(queue, handle, async () => (await left(queue.dead)) === 1);
    expect(seen.filter((body) => body === 'poison')).toHaveLength(3);
    expect(seen.filter((body) => body.startsWith('good')).sort()).toEqual(['good 1', 'good 2']);
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.dead }));
    expect(Messages?.[0]?.Body).toBe('poison');
    expect(await left(queue.queueUrl)).toBe(0);
  });

  it('gives the whole batch again when the handler throws', async () => {
    const queue = await makeQueue(['a', 'b']);
    const batches: string[][] = [];
    const handle = ({ Records }: Event) => {
      batches.push(Records.map((record) => record.body).sort());
      return batches.length === 1 ? { payload: { errorMessage: 'x' }, failed: true } : { payload: null, failed: false };
    };
    await run(queue, handle, async () => batches.length > 1 && (await left(queue.queueUrl)) === 0);
    expect(batches.flat().sort()).toEqual(['a', 'a', 'b', 'b']);
  });

  it('never hands out more than the batch size, and works on as many batches at once as it may', async () => {
    const queue = await makeQueue(Array.from({ length: 10 }, (_, i) => String(i)));
    const sizes: number[] = [];
    let [busy, most, done] = [0, 0, 0];
    const handle = async ({ Records }: Event) => {
      sizes.push(Records.length);
      most = Math.max(most, ++busy);
      await until(() => most === 3);
      busy--;
      done += Records.length;
      return { payload: null, failed: false };
    };
    await run(queue, handle, () => done === 10, { batchSize: 2, concurrency: 3 });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2);
    expect(most).toBe(3);
  });

  it('waits for the batch to fill within its window', async () => {
    const queue = await makeQueue(['early']);
    const batches: number[] = [];
    setTimeout(
      () =>
        void sqs.send(
          new SendMessageBatchCommand({ QueueUrl: queue.queueUrl, Entries: [{ Id: '0', MessageBody: 'late' }] }),
        ),
      200,
    );
    const handle = ({ Records }: Event) => {
      batches.push(Records.length);
      return { payload: null, failed: false };
    };
    await run(queue, handle, () => batches.length > 0, { batchSize: 2, window_s: 5 });
    expect(batches).toEqual([2]);
  });
});
