import type { $ZodType } from 'zod/v4/core';
import type { AtEnd, FunctionShape, Invocation } from './definition.ts';

/** The message's envelope, and what the invocation offers. */
export type WorkerRecord = Invocation & {
  messageId: string;
  receiptHandle: string;
  /** How often the queue has handed it out, this time included: 1 at first. */
  receiveCount: number;
};

/** A record that failed: `message` is undefined when its body could not be read at all. */
export type WorkerFailure<Message> = { error: unknown; message: Message | undefined; body: string };

export type WorkerDefinition<Deps, Message> = FunctionShape & {
  kind: 'worker';
  /** `collect` stands for the queue `granary-<stage>-collect`, declared as the resource `CollectQueue` of its service. */
  queue: string;
  batchSize: number;
  /** A figure, or the stage parameter that holds it. */
  maximumConcurrency: number | `\${param:${string}}`;
  /** Parses the body inside the record's own boundary: an unreadable one fails alone. */
  message: $ZodType<Message>;
  handle: (deps: Deps) => (message: Message, record: WorkerRecord) => Promise<void>;
  /**
   * Decides about a failure, and acts on it (delays, re-sends, records). `retry` leaves the message to the queue's
   * redrive policy, `done` deletes it. Without it, or when it throws itself, every failure is retried.
   */
  onFailure?: (deps: Deps) => (failure: WorkerFailure<Message>, record: WorkerRecord) => Promise<'retry' | 'done'>;
  /** After all records of the batch were worked on. */
  atEnd?: AtEnd<Deps>;
};

/** The identity, for inference: the file of a worker exports `worker = defineWorker({…})` and `handler = serveWorker(worker, { settings, deps })`. */
export const defineWorker = <Deps, Message>(
  worker: Omit<WorkerDefinition<Deps, Message>, 'kind'>,
): WorkerDefinition<Deps, Message> => ({ kind: 'worker', ...worker });
