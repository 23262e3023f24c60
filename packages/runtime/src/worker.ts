import type { $ZodType } from 'zod/v4/core';
import type { AtEnd, FunctionShape, Invocation } from './definition.ts';

/** The message's envelope, and what the invocation offers. */
export type WorkerRecord = Invocation & {
  messageId: string;
  receiptHandle: string;
  /** How often the queue has handed it out, this time included: 1 at first. */
  receiveCount: number;
  /** Its share of the function's memory, in GB: the records of a batch are worked on side by side. */
  memory_gb: number;
};

/**
 * What became of a message; whoever decided has acted on it (delayed, sent anew, recorded). `retry` leaves it to the
 * queue, which hands it out again or, after its last receive, moves it to the dead letters. All others are deleted: the
 * work is `done`, a copy comes later (`defer`), or nothing more is to be done (`stop`).
 */
export type Ending = { decision: 'done' | 'defer' | 'stop' } | { decision: 'retry'; error: unknown };

export type WorkerDefinition<Deps, Message> = FunctionShape & {
  kind: 'worker';
  /**
   * `collect` stands for the queue `granary-<stage>-collect`, declared as the resource `CollectQueue` of its service.
   */
  queue: string;
  batchSize: number;
  /** A figure, or the stage parameter that holds it. */
  maximumConcurrency: number | `\${param:${string}}`;
  /** Parses the body inside the record's own boundary: an unreadable one fails alone. */
  message: $ZodType<Message>;
  /** An error that it throws has not been dealt with: the message is left to the queue. */
  handle: (deps: Deps) => (message: Message, record: WorkerRecord) => Promise<Ending>;
  /**
   * Told of a body that is no message, which stays in the queue: to make it visible soon, or to record whose it was.
   */
  unreadable?: (deps: Deps) => (body: string, record: WorkerRecord) => Promise<void>;
  /** After all records of the batch were worked on. */
  atEnd?: AtEnd<Deps>;
};

/**
 * The identity, for inference: the file of a worker exports `worker = defineWorker({…})` and `handler =
 * serveWorker(worker, { settings, deps })`.
 */
export const defineWorker = <Deps, Message>(
  worker: Omit<WorkerDefinition<Deps, Message>, 'kind'>,
): WorkerDefinition<Deps, Message> => ({ kind: 'worker', ...worker });
