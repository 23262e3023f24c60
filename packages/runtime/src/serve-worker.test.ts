import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import { z } from 'zod';
import { serveWorker } from './serve-worker.ts';
import { defineWorker, type WorkerDefinition } from './worker.ts';

const Message = z.strictObject({ n: z.int() });
type Message = z.infer<typeof Message>;
type Definition = WorkerDefinition<object, Message>;

const event = (...bodies: unknown[]): SQSEvent =>
  ({
    Records: bodies.map((body, i) => ({
      messageId: `m${i}`,
      receiptHandle: `r${i}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: { ApproximateReceiveCount: '2' },
    })),
  }) as unknown as SQSEvent;

const context = { awsRequestId: 'invocation', getRemainingTimeInMillis: () => 1000 } as Context;

const DONE = { decision: 'done' } as const;
const workerOf = (handle: Definition['handle'], unreadable?: Definition['unreadable'], atEnd?: Definition['atEnd']) => {
  const lines: string[] = [];
  const worker = defineWorker<object, Message>({
    id: 'test',
    queue: 'collect',
    batchSize: 5,
    maximumConcurrency: 2,
    timeout_s: 60,
    memory_mb: 512,
    grants: [],
    message: Message,
    handle,
    unreadable,
    atEnd,
  });
  const settings = () => ({
    service: 'ingestion',
    stage: 'test',
    write: (line: string) => void lines.push(line),
  });
  return { lines, run: serveWorker(worker, { settings, deps: () => ({}) }) };
};

const failed = (...ids: string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

describe('a worker', () => {
  it('works on every record and reports the failed ones by id, so that one bad message never fails its neighbours', async () => {
    const seen: number[] = [];
    const { run } = workerOf(() => async ({ n }) => {
      if (n === 2) throw new Error('no');
      seen.push(n);
      return DONE;
    });
    expect(await run(event({ n: 1 }, { n: 2 }, { n: 3 }), context)).toEqual(failed('m1'));
    expect(seen).toEqual([1, 3]);
  });

  it('leaves a body that is no message to the queue, and gives it to `unreadable`', async () => {
    const bodies: string[] = [];
    const { run, lines } = workerOf(
      () => async () => DONE,
      () => async (body) => void bodies.push(body),
    );
    expect(await run(event('not json', { n: 'x' }, { n: 1 }), context)).toEqual(failed('m0', 'm1'));
    expect(bodies).toEqual(['not json', '{"n":"x"}']);
    expect(lines.join('')).toContain('UnreadableMessage');
  });

  it('leaves to the queue what is to be retried, and logs why; what is done, deferred or stopped is deleted', async () => {
    const decisions = ['done', 'retry', 'defer', 'stop'] as const;
    const { run, lines } = workerOf(() => async ({ n }) => ({ decision: decisions[n]!, error: new Error(`no ${n}`) }));
    expect(await run(event({ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }), context)).toEqual(failed('m1'));
    const parsed = lines.map((line) => JSON.parse(line));
    expect(parsed.flatMap(({ message, outcome }) => (message === 'message' ? [outcome] : []))).toEqual(decisions);
    expect(parsed.filter(({ message }) => message === 'message failed')).toHaveLength(1);
    expect(lines.join('')).toContain('no 1');
  });

  it('leaves a body to the queue even if `unreadable` fails', async () => {
    const { run, lines } = workerOf(
      () => async () => DONE,
      () => async () => {
        throw new Error('the store does not answer');
      },
    );
    expect(await run(event('not json'), context)).toEqual(failed('m0'));
    expect(lines.join('')).toContain('the store does not answer');
  });

  it('gives each record its share of the memory of the function, which all of a batch have together', async () => {
    const shares: number[] = [];
    const { run } = workerOf(() => async (_message, { memory_gb }) => {
      shares.push(memory_gb);
      return DONE;
    });
    await run(event({ n: 1 }, { n: 2 }), context);
    await run(event({ n: 3 }), context);
    expect(shares).toEqual([0.25, 0.25, 0.5]);
  });

  it('gives each record its receive count, its handle and a logger that names it', async () => {
    const { run, lines } = workerOf(() => async (_message, record) => {
      expect(record).toMatchObject({ messageId: 'm0', receiptHandle: 'r0', receiveCount: 2 });
      expect(record.remaining_ms()).toBe(1000);
      record.metrics.add('RowsPublished', 5);
      record.log.info('hello');
      return DONE;
    });
    await run(event({ n: 1 }), context);
    const parsed = lines.map((line) => JSON.parse(line));
    expect(parsed.find(({ message }) => message === 'hello')).toMatchObject({
      message_id: 'm0',
      request_id: 'invocation',
      function: 'test',
    });
    expect(parsed.at(-1)).toMatchObject({ RowsPublished: 5, Messages: 1, MessagesFailed: 0, service: 'ingestion' });
  });

  it('ends each invocation once, after its records and before its metrics, also when some failed', async () => {
    const order: string[] = [];
    const { run, lines } = workerOf(
      () =>
        async ({ n }) => {
          order.push(`record ${n}`);
          if (n === 1) throw new Error('no');
          return DONE;
        },
      undefined,
      () =>
        async ({ metrics }) => {
          order.push('end');
          metrics.add('RowsPublished', 3);
        },
    );
    expect(await run(event({ n: 1 }, { n: 2 }), context)).toEqual(failed('m0'));
    expect(order).toEqual(['record 1', 'record 2', 'end']);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ RowsPublished: 3, Messages: 2, MessagesFailed: 1 });
  });

  it('has the log say which call of an AWS client was refused', async () => {
    const lines: string[] = [];
    const settings = () => ({ service: 'ingestion', stage: 'test', write: (line: string) => void lines.push(line) });
    const shape = { queue: 'collect', batchSize: 1, maximumConcurrency: 2, timeout_s: 60, memory_mb: 512, grants: [] };
    const server = createServer((_, response) => response.writeHead(400, { 'x-amzn-requestid': 'R1' }).end('{}'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const run = serveWorker(
      defineWorker<SQSClient, Message>({
        ...shape,
        id: 'test',
        message: Message,
        handle: (sqs) => async () => {
          await sqs.send(new ListQueuesCommand({}));
          return DONE;
        },
      }),
      {
        settings,
        deps: (capture) => capture(new SQSClient({ region: 'x', credentials, endpoint, maxAttempts: 1 })),
      },
    );
    expect(await run(event({ n: 1 }), context)).toEqual(failed('m0'));
    server.closeAllConnections();
    server.close();
    const line = lines.map((text) => JSON.parse(text)).find(({ message }) => message === 'message failed');
    expect(line.error).toMatchObject({ operation: 'SQS ListQueues', status: 400, request_id: 'R1' });
  });

  it('logs an end that fails, which fails no message', async () => {
    const { run, lines } = workerOf(
      () => async () => DONE,
      undefined,
      () => async () => {
        throw new Error('the log is full');
      },
    );
    expect(await run(event({ n: 1 }), context)).toEqual(failed());
    expect(lines.join('')).toContain('the log is full');
  });
});
