import { GranaryError, PublicationBusy, SourceThrottled } from '../errors.ts';
import { type CollectMessage, MAX_RECEIVES } from '../messages/collect.ts';
import type { ChangeVisibility, Queue } from '../ports/collecting.ts';
import { jittered } from '../rules/backoff.ts';
import { ERROR_LENGTH } from '../rules/run-end.ts';
import { NO_COUNTS } from '../run.ts';
import { type CollectDeps, type Collected, collectResource } from './collect-resource.ts';
import { RUN_LEASE_MS } from './plan-collection.ts';

export type WorkDeps = CollectDeps & { queue: Queue<CollectMessage>; changeVisibility: ChangeVisibility };

/** `receive_count`: 1 the first time. */
export type Delivery = { receive_count: number; receipt_handle: string };

export type Worked =
  | Collected
  /** Enqueued once more, to be delivered after `delay_s`; this message is done. */
  | { outcome: 'deferred'; delay_s: number; error: unknown }
  /** Recorded on the run; this message is done. */
  | { outcome: 'failed'; error: unknown }
  /** The message stays in the queue, which delivers it again, or after its last receive moves it to the dead letters. */
  | { outcome: 'left-to-queue'; last: boolean; error: unknown };

/** Nothing is deferred longer than this after it was first enqueued. */
const LONGEST_DEFERRAL_MS = 6 * 3_600_000;
/** SQS delays a message by 15 minutes at most. */
const LONGEST_DELAY_S = 900;
const BACKOFF_S = { base: 5, cap: 20 };
/** A dead letter need not wait. */
const LAST_VISIBILITY_S = 1;

/**
 * Works on one message and decides what becomes of it when that fails. The error's class says which: `stop` ends the part with its
 * error; `defer` enqueues it anew, so that waiting for a source never spends a receive; `retry` leaves it to the queue after a
 * jittered while, and on the last receive ends the part first. The requests of the delivery that ended the part are counted.
 */
export const workOnPart =
  (deps: WorkDeps) =>
  async (message: CollectMessage, delivery: Delivery): Promise<Worked> => {
    let requests = 0;
    try {
      return await collectResource(deps)(message, () => {
        requests += 1;
      });
    } catch (error) {
      const decision = error instanceof GranaryError ? error.decision : 'retry';
      if (decision === 'defer' && deps.clock() - Date.parse(message.enqueued_at) < LONGEST_DEFERRAL_MS) {
        return defer(deps, message, error);
      }
      if (decision === 'retry') return leaveToQueue(deps, message, delivery, error, requests);
      await endWithError(deps, message, error, requests);
      return { outcome: 'failed', error };
    }
  };

const defer = async (deps: WorkDeps, message: CollectMessage, error: unknown): Promise<Worked> => {
  const now = deps.clock();
  const until = error instanceof SourceThrottled || error instanceof PublicationBusy ? error.until : now;
  // Up to two seconds more, so that not everybody who waits for the same moment comes back at once.
  const delay_s = Math.min(LONGEST_DELAY_S, Math.max(1, Math.ceil((until - now) / 1000 + 2 * deps.random())));
  await deps.runs.extendLease(message.run, new Date(now + delay_s * 1000 + RUN_LEASE_MS).toISOString());
  await deps.queue.send([message], { delay_s });
  return { outcome: 'deferred', delay_s, error };
};

const leaveToQueue = async (
  deps: WorkDeps,
  message: CollectMessage,
  { receive_count, receipt_handle }: Delivery,
  error: unknown,
  requests: number,
): Promise<Worked> => {
  const last = receive_count >= MAX_RECEIVES;
  if (last) await endWithError(deps, message, error, requests);
  const seconds = last ? LAST_VISIBILITY_S : Math.ceil(jittered(receive_count, BACKOFF_S, deps.random));
  await deps.changeVisibility(receipt_handle, seconds);
  return { outcome: 'left-to-queue', last, error };
};

const endWithError = async (
  deps: WorkDeps,
  message: CollectMessage,
  error: unknown,
  requests: number,
): Promise<void> => {
  const at = new Date(deps.clock()).toISOString();
  const { dataset, url } = message.resource;
  const ended = { part: message.part, versions: [], counts: { ...NO_COUNTS, requests, errors: 1 } };
  await deps.runs.endPart(message.run, { ...ended, error: { dataset, url, message: sentence(error), at } }, at);
};

/** Our own errors are sentences for people; what others say may hold anything, so only its kind is told. */
const sentence = (error: unknown): string => {
  const text =
    error instanceof GranaryError
      ? error.message
      : `The work failed unexpectedly (${error instanceof Error ? error.name : typeof error}); the function's log has the details`;
  return text.slice(0, ERROR_LENGTH);
};
