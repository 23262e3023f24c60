import { createHash } from 'node:crypto';
import { PART_QUEUES, type PartQueue } from '../../messages/part.ts';
import type { DeadLetter, DeadLetters } from '../../ports/dead-letters.ts';
import type { PartFailure, RunStore } from '../../ports/run-store.ts';
import type { SourceAnswer } from '../../run.ts';
import { messageIn, type QueuedMessage, whoseIs } from './dead-letter-message.ts';

/**
 * A dead letter as operators see it: what failed, why, when, how often. Its body only if it is one of our messages,
 * which name no person.
 */
export type PublicDeadLetter = {
  id: string;
  queue: PartQueue;
  run: string | null;
  part: number | null;
  message: QueuedMessage | null;
  body_bytes: number;
  body_sha256: string;
  reason: string;
  answer?: SourceAnswer;
  failed_at: string | null;
  sent_at: string;
  /** By workers, where its run knows; else by whoever received it. */
  receives: number;
};

export type ListDeadLettersDeps = { letters: DeadLetters; runs: Pick<RunStore, 'failuresOf'> };

/** Should whoever looks die, they are to be seen again soon. */
const HIDE_S = 60;

/**
 * Up to `limit` dead letters of one queue or of all, and about how many there are. Looking leaves them where they are.
 */
export const listDeadLetters =
  ({ letters, runs }: ListDeadLettersDeps) =>
  async ({
    queue,
    limit,
  }: {
    queue?: PartQueue;
    limit: number;
  }): Promise<{ items: PublicDeadLetter[]; total: number }> => {
    const queues = queue ? [queue] : PART_QUEUES;
    const counts = await Promise.all(queues.map((one) => letters.count(one)));
    const seen: DeadLetter[] = [];
    try {
      for (const one of queues) {
        if (seen.length < limit) {
          seen.push(...(await letters.receive(one, { limit: limit - seen.length, hide_s: HIDE_S })));
        }
      }
      const failures = await failuresOf(runs, seen);
      const items = seen.map((letter) => shown(letter, failures));
      const counted = counts.reduce((sum, count) => sum + count, 0);
      return { items, total: Math.max(counted, items.length) };
    } finally {
      // What cannot be released is seen again by itself a minute later.
      await letters.release(seen).catch(() => {});
    }
  };

const keyOf = (run: string, part: number) => `${run}/${part}`;

/** Why the parts of these letters failed, by run and part: each run is asked once. */
const failuresOf = async (
  runs: Pick<RunStore, 'failuresOf'>,
  letters: readonly DeadLetter[],
): Promise<ReadonlyMap<string, PartFailure>> => {
  const parts = new Map<string, number[]>();
  for (const letter of letters) {
    const whose = whoseIs(letter);
    if (whose) parts.set(whose.run, [...(parts.get(whose.run) ?? []), whose.part]);
  }
  const failures = new Map<string, PartFailure>();
  for (const [run, theirs] of parts) {
    for (const failure of await runs.failuresOf(run, theirs)) failures.set(keyOf(run, failure.part), failure);
  }
  return failures;
};

const shown = (letter: DeadLetter, failures: ReadonlyMap<string, PartFailure>): PublicDeadLetter => {
  const { id, queue, body, sent_at } = letter;
  const message = messageIn(letter) ?? null;
  const whose = whoseIs(letter);
  const failure = whose && failures.get(keyOf(whose.run, whose.part));
  return {
    id,
    queue,
    run: whose?.run ?? null,
    part: whose?.part ?? null,
    message,
    body_bytes: Buffer.byteLength(body),
    body_sha256: createHash('sha256').update(body).digest('hex'),
    reason: reasonOf(message, failure),
    ...(failure?.error.answer && { answer: failure.error.answer }),
    failed_at: failure?.error.at ?? null,
    sent_at,
    receives: failure?.receives || letter.receives,
  };
};

const reasonOf = (message: QueuedMessage | null, failure: PartFailure | undefined): string => {
  if (!message) return `The body is no message of this queue${failure ? `: ${failure.error.message}` : ''}`;
  return (
    failure?.error.message ??
    'Its run knows of no failure: the worker never came to say why, or another message ended this part'
  );
};
