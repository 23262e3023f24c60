import type { PartQueue } from '../messages/part.ts';

/** A message that failed for the last time, as its queue of dead letters has it. */
export type DeadLetter = {
  /** The queue's own id of it. */
  id: string;
  queue: PartQueue;
  body: string;
  /** When it was first sent, ISO 8601. */
  sent_at: string;
  /** How often it was received, by workers and by those who looked at it here. */
  receives: number;
  receipt_handle: string;
  /** The header of the trace that it was sent in; redriven, it goes on with that. */
  trace?: string;
};

export type DeadLetters = {
  /** About how many there are. */
  count(queue: PartQueue): Promise<number>;
  /** Up to so many, invisible to others for `hide_s` or until released. */
  receive(queue: PartQueue, options: { limit: number; hide_s: number }): Promise<readonly DeadLetter[]>;
  /** Makes them visible again. */
  release(letters: readonly DeadLetter[]): Promise<void>;
  /**
   * Sends each to the queue it came from, with its new body, after its delay, and then deletes it: at worst there are
   * two, never none.
   */
  redrive(letters: readonly { letter: DeadLetter; body: string; delay_s: number }[]): Promise<void>;
};
