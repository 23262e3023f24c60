import {
  GranaryError,
  MessageNotBelieved,
  PartsUnderWay,
  PublicationBusy,
  SourceThrottled,
  VersionHeld,
} from '../../errors.ts';
import { MAX_RECEIVES, type PartMessage } from '../../messages/part.ts';
import type { ChangeVisibility, Clock, Queue, Random } from '../../ports/collecting.ts';
import type { RunStore } from '../../ports/run-store.ts';
import { jittered } from '../../rules/backoff.ts';
import { ANSWER_LENGTH, ERROR_LENGTH } from '../../rules/run-end.ts';
import { NO_COUNTS, type ResourceCounts, type RunCounts, type SourceAnswer } from '../../run.ts';
import type { UserCounts } from '../../user.ts';
import { RUN_LEASE_MS } from './plan-run.ts';

export type FailDeps<M extends PartMessage> = {
  runs: RunStore;
  queue: Queue<M>;
  changeVisibility: ChangeVisibility;
  clock: Clock;
  random: Random;
};

/** `receive_count`: 1 the first time. */
export type Delivery = {
  receive_count: number;
  receipt_handle: string;
  /** Its share of the function's memory, in GB: messages of a batch are worked on side by side. */
  memory_gb: number;
};

/** What was decided about a message that failed, and done about it: the words of {@link ../../errors.ts Decision}. */
export type Failed =
  /** Enqueued once more, to be delivered after `delay_s`; this message is done. */
  | { decision: 'defer'; delay_s: number; error: unknown }
  /** Recorded on the run; this message is done. */
  | { decision: 'stop'; error: unknown }
  /**
   * The message stays in the queue, which delivers it again, or after its last receive moves it to the dead letters.
   */
  | { decision: 'retry'; last: boolean; error: unknown };

export type FailureFacts = {
  /** That this delivery sent to the source. */
  requests: number;
  dataset: string | null;
  url: string | null;
  /** Users that were written all the same, and whatever else counts though the part failed. */
  users?: UserCounts;
  counts?: Partial<RunCounts>;
  resources?: Partial<ResourceCounts>;
  /** `<dataset>@<version>` that were published all the same. */
  versions?: readonly string[];
  /** Errors of class `stop` go to the dead letters too, from where they are redriven once the cause is mended. */
  stop_is_dead_letter?: boolean;
};

/** Nothing is deferred longer than this after it was first enqueued. */
const LONGEST_DEFERRAL_MS = 6 * 3_600_000;
/** SQS delays a message by 15 minutes at most. */
const LONGEST_DELAY_S = 900;
const BACKOFF_S = { base: 5, cap: 20 };
/** A dead letter need not wait. */
const LAST_VISIBILITY_S = 1;
/** Until a message comes back whose failure could not even be dealt with: our own stores do not answer. */
const UNDEALT_VISIBILITY_S = 30;

/**
 * Decides what becomes of a message whose work failed. The error's class says which: `stop` ends the part with its
 * error; `defer` enqueues it anew, so that waiting for a source never spends a receive; `retry` leaves it to the queue
 * after a jittered while, and on the last receive ends the part first. Every request counts: with the part where this
 * delivery ended it, else by itself. Never throws: what cannot be dealt with is left to the queue.
 */
export const failPart =
  <M extends PartMessage>(deps: FailDeps<M>) =>
  async (message: M, delivery: Delivery, error: unknown, facts: FailureFacts): Promise<Failed> => {
    try {
      return await decide(deps, message, delivery, error, facts);
    } catch (second) {
      // The queue has it back by itself, only later.
      await deps.changeVisibility(delivery.receipt_handle, UNDEALT_VISIBILITY_S).catch(() => {});
      return { decision: 'retry', last: false, error: second };
    }
  };

/** Whether such a failure ends the part, as far as the class of its error and the number of its receives say so. */
export const isLastFailure = ({ receive_count }: Delivery, error: unknown): boolean => {
  const decision = error instanceof GranaryError ? error.decision : 'retry';
  return decision === 'stop' || (decision === 'retry' && receive_count >= MAX_RECEIVES);
};

const decide = async <M extends PartMessage>(
  deps: FailDeps<M>,
  message: M,
  delivery: Delivery,
  error: unknown,
  facts: FailureFacts,
): Promise<Failed> => {
  if (error instanceof MessageNotBelieved) return refuse(deps, delivery, error);
  const decision = error instanceof GranaryError ? error.decision : 'retry';
  if (decision === 'defer' && deps.clock() - Date.parse(message.enqueued_at) < LONGEST_DEFERRAL_MS) {
    return defer(deps, message, error, facts);
  }
  if (decision === 'retry' || facts.stop_is_dead_letter) return retry(deps, message, delivery, error, facts);
  await endWithError(deps, message, delivery, error, facts);
  return { decision: 'stop', error };
};

/** To the dead letters by the queue's own way, without a word on the run: it may be anybody's. */
const refuse = async <M extends PartMessage>(
  { changeVisibility }: FailDeps<M>,
  { receive_count, receipt_handle }: Delivery,
  error: MessageNotBelieved,
): Promise<Failed> => {
  await changeVisibility(receipt_handle, LAST_VISIBILITY_S);
  return { decision: 'retry', last: receive_count >= MAX_RECEIVES, error };
};

const defer = async <M extends PartMessage>(
  deps: FailDeps<M>,
  message: M,
  error: unknown,
  { requests }: FailureFacts,
): Promise<Failed> => {
  const now = deps.clock();
  const isTold = error instanceof SourceThrottled || error instanceof PublicationBusy || error instanceof PartsUnderWay;
  const until = isTold ? error.until : now;
  // Up to two seconds more, so that not everybody who waits for the same moment comes back at once.
  const delay_s = Math.min(LONGEST_DELAY_S, Math.max(1, Math.ceil((until - now) / 1000 + 2 * deps.random())));
  await deps.runs.addRequests(message.run, requests);
  // Who waits for the other parts is no sign of their life.
  if (!(error instanceof PartsUnderWay))
    await deps.runs.extendLease(message.run, new Date(now + delay_s * 1000 + RUN_LEASE_MS).toISOString());
  await deps.queue.send([message], { delay_s });
  return { decision: 'defer', delay_s, error };
};

const retry = async <M extends PartMessage>(
  deps: FailDeps<M>,
  message: M,
  delivery: Delivery,
  error: unknown,
  facts: FailureFacts,
): Promise<Failed> => {
  const { receive_count, receipt_handle } = delivery;
  const last = receive_count >= MAX_RECEIVES;
  if (last) await endWithError(deps, message, delivery, error, facts);
  else await deps.runs.addRequests(message.run, facts.requests);
  const seconds = last ? LAST_VISIBILITY_S : Math.ceil(jittered(receive_count, BACKOFF_S, deps.random));
  await deps.changeVisibility(receipt_handle, seconds);
  return { decision: 'retry', last, error };
};

const endWithError = async <M extends PartMessage>(
  { runs, clock }: FailDeps<M>,
  { run, part }: M,
  { receive_count }: Delivery,
  error: unknown,
  { requests, dataset, url, users, counts, resources, versions = [] }: FailureFacts,
): Promise<void> => {
  const at = new Date(clock()).toISOString();
  const answer = answerIn(error);
  const held = error instanceof VersionHeld && { held: error.version };
  const ended = await runs.endPart(
    run,
    {
      part,
      counts: { ...NO_COUNTS, ...counts, requests, errors: 1 },
      versions,
      ...(users && { users }),
      ...(resources && { resources }),
      error: { dataset, url, message: sentence(error), at, ...(answer && { answer }), ...held },
      receives: receive_count,
    },
    at,
  );
  // It had failed before and was redriven, or another delivery was faster.
  if (!ended) await runs.addRequests(run, requests);
};

/** Our own errors are sentences for people; what others say may hold anything, so only its kind is told. */
const sentence = (error: unknown): string => {
  const text =
    error instanceof GranaryError
      ? error.message
      : `The work failed unexpectedly (${error instanceof Error ? error.name : typeof error}); the function's log has the details`;
  return text.slice(0, ERROR_LENGTH);
};

const answerIn = (error: unknown): SourceAnswer | undefined => {
  if (!(error instanceof GranaryError) || !('answer' in error)) return undefined;
  const answer = error.answer as SourceAnswer | undefined;
  return answer && { ...answer, content: answer.content?.slice(0, ANSWER_LENGTH) ?? null };
};
