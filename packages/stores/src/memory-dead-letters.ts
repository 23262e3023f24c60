import { randomUUID } from 'node:crypto';
import { PART_QUEUES, type PartQueue } from '@granary/domain/messages/part';
import type { DeadLetter, DeadLetters } from '@granary/domain/ports/dead-letters';

type Kept = DeadLetter & { hidden_until: number };

export type MemoryDeadLetters = DeadLetters & {
  /** Puts a letter in, as a queue does that gave up; returns its id. */
  add(queue: PartQueue, body: string): string;
  /** What was sent to the queues again. */
  sent: { queue: PartQueue; body: string; delay_s: number }[];
};

/** For tests. */
export const makeMemoryDeadLetters = ({ now = Date.now }: { now?: () => number } = {}): MemoryDeadLetters => {
  const letters = new Map<string, Kept>();
  const sent: MemoryDeadLetters['sent'] = [];
  /** Who received it last may still release or delete it; whoever did before may not. */
  const held = ({ id, receipt_handle }: DeadLetter): Kept | undefined => {
    const kept = letters.get(id);
    return kept?.receipt_handle === receipt_handle ? kept : undefined;
  };
  return {
    sent,
    add(queue, body) {
      if (!PART_QUEUES.includes(queue)) throw new Error(`There is no queue '${queue}'`);
      const id = randomUUID();
      const sent_at = new Date(now()).toISOString();
      letters.set(id, { id, queue, body, sent_at, receives: 3, receipt_handle: '', hidden_until: 0 });
      return id;
    },
    count: async (queue) => [...letters.values()].filter((letter) => letter.queue === queue).length,
    async receive(queue, { limit, hide_s }) {
      const visible = [...letters.values()].filter((letter) => letter.queue === queue && letter.hidden_until <= now());
      return visible.slice(0, limit).map((letter) => {
        letter.receives += 1;
        letter.receipt_handle = randomUUID();
        letter.hidden_until = now() + hide_s * 1000;
        const { hidden_until: _, ...shown } = letter;
        return shown;
      });
    },
    async release(released) {
      for (const letter of released) {
        const kept = held(letter);
        if (kept) kept.hidden_until = 0;
      }
    },
    async redrive(redriven) {
      for (const { letter, body, delay_s } of redriven) {
        sent.push({ queue: letter.queue, body, delay_s });
        if (held(letter)) letters.delete(letter.id);
      }
    },
  };
};
