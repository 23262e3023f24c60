import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { ChangeVisibility, Queue } from '@granary/domain/ports/collecting';

/** What SQS takes at once. */
const BATCH = 10;
const TRIES = 3;

export type SqsQueueOptions = {
  client: SQSClient;
  url: string;
  /** X-Ray's trace header of this invocation: whoever receives the message goes on with the trace. */
  traceHeader?: () => string | undefined;
};

export const makeSqsQueue = <Message>(
  options: SqsQueueOptions,
): Queue<Message> & { changeVisibility: ChangeVisibility } => {
  const { client, url, traceHeader } = options;

  /** Sends up to ten; those that SQS does not take are sent again, twice. */
  const sendBatch = async (entries: SendMessageBatchRequestEntry[]): Promise<void> => {
    let left = entries;
    let failed: BatchResultErrorEntry[] = [];
    for (let attempt = 0; attempt < TRIES && left.length > 0; attempt++) {
      if (attempt > 0) await sleep(100 * 2 ** attempt * Math.random());
      const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: left }));
      failed = answer.Failed ?? [];
      const again = new Set(failed.map(({ Id }) => Id));
      left = left.filter(({ Id }) => again.has(Id));
    }
    if (left.length > 0) throw new Error(`SQS did not take ${left.length} messages: ${failed[0]?.Code}`);
  };

  return {
    async send(messages, { delay_s } = {}) {
      const trace = traceHeader?.();
      const entries = messages.map((message, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify(message),
        DelaySeconds: delay_s,
        ...(trace && { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } } }),
      }));
      for (let start = 0; start < entries.length; start += BATCH) await sendBatch(entries.slice(start, start + BATCH));
    },
    async changeVisibility(receiptHandle, seconds) {
      await client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds }),
      );
    },
  };
};
