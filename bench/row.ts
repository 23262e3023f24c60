/** One line of the table that `npm run bench` prints: a figure beside its peer, measured in the same run. */
export type BenchRow = {
  /** Number of the goal in the performance page, as text: `1`, `3 (gzip 6)`. Empty for a figure without a goal. */
  goal: string;
  what: string;
  value: number;
  unit: string;
  peer: string;
  /** value / peer, in the sense of the goal. */
  ratio: number;
  limit: number;
  met: boolean;
};
