/** What every message that stands for a part of a run has in common: its run, its number, and since when it waits. */
export type PartMessage = { type: string; run: string; part: number; enqueued_at: string };

/** The queues of parts: `granary-<stage>-<name>`, each with its dead letters in `…-dlq`. */
export const PART_QUEUES = ['collect', 'fetch-users'] as const;
export type PartQueue = (typeof PART_QUEUES)[number];

/**
 * How often a message may be received before the queue moves it to the dead letters: `maxReceiveCount` of its redrive
 * policy.
 */
export const MAX_RECEIVES = 3;
