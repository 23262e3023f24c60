/** What every message that stands for a part of a run has in common: its run, its number, and since when it waits. */
export type PartMessage = { type: string; run: string; part: number; enqueued_at: string };

/** The queues of parts: `granary-<stage>-<name>`, each with its dead letters in `…-dlq`. */
export const PART_QUEUES = ['collect', 'fetch-users'] as const;
export type PartQueue = (typeof PART_QUEUES)[number];
