import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { PartQueue } from '@granary/domain/messages/part';
import type { DeadLetter, DeadLetters } from '@granary/domain/ports/dead-letters';
import { BATCH, batchesOf, inTraceOf, takeBatch } from './sqs-batches.ts';

export type SqsDeadLettersOptions = {
  client: SQSClient;
  queues: Readonly<Record<PartQueue, { url: string; dead_letters_url: string }>>;
};

/**
 * What one answer leaves out the next may give: a short poll asks some of SQS's servers only, a long one all of them.
 */
const POLLS_S = [0, 1];

/**
 * The queues' own dead letters, which SQS moved there. A letter is read by receiving it, so whoever reads releases it
 * again. Redriving sends it to its queue and then deletes it: StartMessageMoveTask could neither pick letters nor give
 * them a body that says since when they wait.
 */
export const makeSqsDeadLetters = ({ client, queues }: SqsDeadLettersOptions): DeadLetters => {
  const receiveInto = async (
    found: Map<string, DeadLetter>,
    queue: PartQueue,
    { limit, hide_s }: { limit: number; hide_s: number },
  ): Promise<void> => {
    for (let empty = 0; found.size < limit && empty < POLLS_S.length; ) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queues[queue].dead_letters_url,
          MaxNumberOfMessages: Math.min(BATCH, limit - found.size),
          VisibilityTimeout: hide_s,
          WaitTimeSeconds: POLLS_S[empty],
          MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount', 'AWSTraceHeader'],
        }),
      );
      empty = Messages.length === 0 ? empty + 1 : 0;
      for (const message of Messages) found.set(message.MessageId!, letterOf(queue, message));
    }
  };

  const release = async (letters: readonly DeadLetter[]): Promise<void> => {
    await forEachQueue(letters, async (queue, batch) => {
      const entries = batch.map(({ receipt_handle }, index) => ({
        Id: String(index),
        ReceiptHandle: receipt_handle,
        VisibilityTimeout: 0,
      }));
      const QueueUrl = queues[queue].dead_letters_url;
      await takeBatch(entries, (Entries) =>
        client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })),
      );
    });
  };

  /** Sends and deletes up to ten; returns why some could not be sent, if so. */
  const redriveBatch = async (queue: PartQueue, batch: readonly Redriven[]): Promise<string | undefined> => {
    const { url, dead_letters_url } = queues[queue];
    const entries = batch.map(({ letter, body, delay_s }, index) => ({
      Id: String(index),
      MessageBody: body,
      DelaySeconds: delay_s,
      ...inTraceOf(letter.trace),
    }));
    const unsent = await takeBatch(entries, (Entries) =>
      client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries })),
    );
    const kept = new Set(unsent.map(({ entry }) => entry.Id));
    const sent = batch.flatMap(({ letter }, index) => {
      const Id = String(index);
      return kept.has(Id) ? [] : [{ Id, ReceiptHandle: letter.receipt_handle }];
    });
    const undeleted =
      sent.length === 0
        ? []
        : await takeBatch(sent, (Entries) =>
            client.send(new DeleteMessageBatchCommand({ QueueUrl: dead_letters_url, Entries })),
          );
    if (unsent.length > 0) return `SQS did not take ${unsent.length} messages: ${unsent[0]!.code}`;
    if (undeleted.length > 0) return `SQS did not delete ${undeleted.length} dead letters: ${undeleted[0]!.code}`;
    return undefined;
  };

  return {
    async count(queue) {
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: queues[queue].dead_letters_url,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      return Object.values(Attributes).reduce((sum, value) => sum + Number(value), 0);
    },
    async receive(queue, options) {
      const found = new Map<string, DeadLetter>();
      try {
        await receiveInto(found, queue, options);
        return [...found.values()];
      } catch (error) {
        await release([...found.values()]).catch(() => {});
        throw error;
      }
    },
    release,
    async redrive(letters) {
      let problem: string | undefined;
      for (const queue of new Set(letters.map(({ letter }) => letter.queue))) {
        const ours = letters.filter(({ letter }) => letter.queue === queue);
        for (const batch of batchesOf(ours, ({ body }) => Buffer.byteLength(body))) {
          const failed = await redriveBatch(queue, batch);
          problem ??= failed;
        }
      }
      if (problem) throw new Error(problem);
    },
  };
};

type Redriven = { letter: DeadLetter; body: string; delay_s: number };

const letterOf = (queue: PartQueue, { MessageId, Body, Attributes, ReceiptHandle }: Message): DeadLetter => ({
  id: MessageId!,
  queue,
  body: Body ?? '',
  sent_at: new Date(Number(Attributes?.SentTimestamp ?? 0)).toISOString(),
  receives: Number(Attributes?.ApproximateReceiveCount ?? 0),
  receipt_handle: ReceiptHandle!,
  ...(Attributes?.AWSTraceHeader && { trace: Attributes.AWSTraceHeader }),
});

const forEachQueue = async (
  letters: readonly DeadLetter[],
  work: (queue: PartQueue, batch: readonly DeadLetter[]) => Promise<void>,
): Promise<void> => {
  for (const queue of new Set(letters.map((letter) => letter.queue))) {
    for (const batch of batchesOf(letters.filter((letter) => letter.queue === queue))) await work(queue, batch);
  }
};
