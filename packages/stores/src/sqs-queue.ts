import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { ChangeVisibility, Queue } from '@granary/domain/ports/collecting';
import { batchesOf, inTraceOf, takeBatch } from './sqs-batches.ts';

export type SqsQueueOptions = {
  client: SQSClient;
  url: string;
  /** X-Ray's trace header of this work: whoever receives the message goes on with the trace. */
  traceHeader?: () => string | undefined;
};

export const makeSqsQueue = <Message>(
  options: SqsQueueOptions,
): Queue<Message> & { changeVisibility: ChangeVisibility } => {
  const { client, url, traceHeader } = options;

  const sendBatch = async (batch: SendMessageBatchRequestEntry[]): Promise<void> => {
    const left = await takeBatch(batch, (Entries) =>
      client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries })),
    );
    if (left.length > 0) throw new Error(`SQS did not take ${left.length} messages: ${left[0]!.code}`);
  };

  return {
    async send(messages, { delay_s } = {}) {
      const trace = traceHeader?.();
      const entries = messages.map((message, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify(message),
        DelaySeconds: delay_s,
        ...inTraceOf(trace),
      }));
      for (const batch of batchesOf(entries, ({ MessageBody }) => Buffer.byteLength(MessageBody)))
        await sendBatch(batch);
    },
    async changeVisibility(receiptHandle, seconds) {
      await client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds }),
      );
    },
  };
};
