/**
 * For tests: what a container of `fetch-users` and the event source mapping before it are, in a process that can be
 * killed. Everything it needs is in its environment, as in Lambda. Writes `ready` when it begins to poll.
 */
import { SQSClient } from '@aws-sdk/client-sqs';
import { runEventSourceMapping } from '@granary/local/plugin/sqs-poller';
import type { Context } from 'aws-lambda';
import { handler } from '../functions/fetch-users.ts';

const context = { awsRequestId: 'test', getRemainingTimeInMillis: () => 60_000 } as Context;

process.stdout.write('ready\n');
await runEventSourceMapping({
  sqs: new SQSClient({}),
  mapping: {
    queueUrl: process.env.FETCH_USERS_QUEUE_URL!,
    arn: 'arn:aws:sqs:us-east-1:000000000000:granary-local-fetch-users',
    region: 'us-east-1',
    batchSize: 5,
    window_s: 0,
    concurrency: 2,
    reportsItemFailures: true,
  },
  invoke: async (event) => ({ payload: await handler(event as never, context), failed: false }),
  signal: new AbortController().signal,
  log: (line) => void process.stderr.write(`${line}\n`),
});
