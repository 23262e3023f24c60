import { PART_QUEUES, type PartQueue } from '../../messages/part.ts';
import type { Clock } from '../../ports/collecting.ts';
import type { DeadLetter, DeadLetters } from '../../ports/dead-letters.ts';
import { messageIn } from './dead-letter-message.ts';

export type RedriveInput = {
  queue?: PartQueue;
  /** Only these. */
  ids?: readonly string[];
  /** As many are to be worked on in a second, at most; may be less than one. */
  per_second: number;
  /** At most so many. */
  limit: number;
};

export type Redrive = {
  redriven: { id: string; queue: PartQueue; delay_s: number }[];
  /** Of `ids`. */
  not_found: string[];
  /** About how many dead letters there still are. */
  left: number;
};

/** Longer than all of it takes. */
const HIDE_S = 120;
/** To find letters by their ids, so many are looked at. */
const LOOK_MOST = 2000;
/** Looked at between two checks of whether all ids were found. */
const LOOK = 100;
/** SQS delays a message by 15 minutes at most. */
const LONGEST_DELAY_S = 900;

/**
 * Sends dead letters to their queues again, the later ones later, so that no more than `per_second` come back at a
 * time. A message of ours begins to wait anew: it may be deferred again. What cannot be spread over a quarter of an
 * hour is left for the next time.
 */
export const redriveDeadLetters =
  ({ letters, clock }: { letters: DeadLetters; clock: Clock }) =>
  async ({ queue, ids, per_second, limit }: RedriveInput): Promise<Redrive> => {
    const queues = queue ? [queue] : PART_QUEUES;
    const wanted = ids && new Set(ids);
    const most = Math.min(limit, Math.ceil(per_second * (LONGEST_DELAY_S + 1)));
    const counts = await Promise.all(queues.map((one) => letters.count(one)));
    const seen: DeadLetter[] = [];
    let chosen: DeadLetter[] = [];
    try {
      await look(letters, queues, { seen, wanted, limit: wanted ? LOOK_MOST : most });
      chosen = seen.filter(({ id }) => !wanted || wanted.has(id)).slice(0, most);
      const enqueued_at = new Date(clock()).toISOString();
      const redriven = chosen.map((letter, index) => {
        const message = messageIn(letter);
        const body = message ? JSON.stringify({ ...message, enqueued_at }) : letter.body;
        return { letter, body, delay_s: Math.min(LONGEST_DELAY_S, Math.floor(index / per_second)) };
      });
      if (redriven.length > 0) await letters.redrive(redriven);
      const gone = new Set(chosen.map(({ id }) => id));
      const counted = Math.max(
        seen.length,
        counts.reduce((sum, count) => sum + count, 0),
      );
      const found = new Set(seen.map(({ id }) => id));
      const others = seen.filter(({ id }) => !gone.has(id));
      // Only those that stay: a released letter that was sent would be a message too many.
      seen.splice(0, seen.length, ...others);
      return {
        redriven: redriven.map(({ letter, delay_s }) => ({ id: letter.id, queue: letter.queue, delay_s })),
        not_found: [...(wanted ?? [])].filter((id) => !found.has(id)),
        left: counted - redriven.length,
      };
    } finally {
      // What cannot be released is seen again by itself two minutes later.
      await letters.release(seen).catch(() => {});
    }
  };

/** Receives into `seen`, until all that are wanted are there, or the limit, or nothing is left. */
const look = async (
  letters: DeadLetters,
  queues: readonly PartQueue[],
  { seen, wanted, limit }: { seen: DeadLetter[]; wanted: ReadonlySet<string> | undefined; limit: number },
): Promise<void> => {
  const missing = new Set(wanted);
  for (const queue of queues) {
    while (seen.length < limit && (!wanted || missing.size > 0)) {
      const size = Math.min(LOOK, limit - seen.length);
      const received = await letters.receive(queue, { limit: size, hide_s: HIDE_S });
      seen.push(...received);
      for (const { id } of received) missing.delete(id);
      if (received.length < size) break;
    }
  }
};
