import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { doneMessages, eventOf } from './batch.ts';
import type { InvocationResult } from './invoke.ts';

export type EventSourceMapping = {
  queueUrl: string;
  arn: string;
  region: string;
  batchSize: number;
  /** How long a batch may wait to be filled, s. */
  window_s: number;
  concurrency: number;
  reportsItemFailures: boolean;
};

const LONG_POLL_S = 20;

const receive = async (
  sqs: SQSClient,
  mapping: EventSourceMapping,
  count: number,
  wait_s: number,
  signal: AbortSignal,
) => {
  const command = new ReceiveMessageCommand({
    QueueUrl: mapping.queueUrl,
    MaxNumberOfMessages: Math.min(10, count),
    WaitTimeSeconds: wait_s,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  return (await sqs.send(command, { abortSignal: signal })).Messages ?? [];
};

/** Waits for a first message, then fills the batch until it is full or its window is over. */
const fillBatch = async (sqs: SQSClient, mapping: EventSourceMapping, signal: AbortSignal): Promise<Message[]> => {
  const batch = await receive(sqs, mapping, mapping.batchSize, LONG_POLL_S, signal);
  const until = Date.now() + mapping.window_s * 1000;
  while (batch.length > 0 && batch.length < mapping.batchSize && Date.now() < until) {
    const left_s = Math.min(LONG_POLL_S, Math.max(0, Math.floor((until - Date.now()) / 1000)));
    const more = await receive(sqs, mapping, mapping.batchSize - batch.length, left_s, signal);
    if (more.length === 0 && left_s === 0) break;
    batch.push(...more);
  }
  return batch;
};

const remove = async (sqs: SQSClient, queueUrl: string, messages: readonly Message[]) => {
  for (let i = 0; i < messages.length; i += 10) {
    const Entries = messages
      .slice(i, i + 10)
      .map((message, n) => ({ Id: String(n), ReceiptHandle: message.ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
};

/**
 * An SQS event source mapping: `concurrency` pollers that hand batches to the function and delete what it dealt with.
 * The rest becomes visible again after the queue's (or the handler's own) visibility time-out and ends in the DLQ by
 * the queue's redrive policy. Resolves when `signal` aborts; messages in flight then stay so.
 */
export const runEventSourceMapping = async (options: {
  sqs: SQSClient;
  mapping: EventSourceMapping;
  invoke: (event: unknown, signal: AbortSignal) => Promise<InvocationResult>;
  signal: AbortSignal;
  log: (line: string) => void;
}): Promise<void> => {
  const { sqs, mapping, invoke, signal, log } = options;
  const poll = async () => {
    while (!signal.aborted) {
      try {
        const messages = await fillBatch(sqs, mapping, signal);
        if (messages.length === 0) continue;
        const result = await invoke(eventOf(messages, mapping.arn, mapping.region), signal);
        await remove(sqs, mapping.queueUrl, doneMessages(messages, result, mapping.reportsItemFailures));
      } catch (error) {
        if (signal.aborted) return;
        log(`${mapping.arn}: ${(error as Error).name}: ${(error as Error).message}`);
        await sleep(1000, undefined, { signal }).catch(() => undefined);
      }
    }
  };
  await Promise.all(Array.from({ length: mapping.concurrency }, poll));
};
