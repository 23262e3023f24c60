import { NO_COUNTS, type RunCounts, type RunState } from '../run.ts';

/** How a run ended: a part that never ended counts as failed. */
export const stateAtEnd = (parts: number, partsDone: number, errors: number): Exclude<RunState, 'running'> => {
  const failed = errors + Math.max(0, parts - partsDone);
  if (failed === 0) return 'succeeded';
  return failed >= parts ? 'failed' : 'partial';
};

export const durationSeconds = (started_at: string, ended_at: string): number =>
  Math.max(0, Date.parse(ended_at) - Date.parse(started_at)) / 1000;

export const addCounts = (a: RunCounts, b: RunCounts): RunCounts => {
  const sum = { ...a };
  for (const name of COUNT_NAMES) sum[name] += b[name];
  return sum;
};

export const COUNT_NAMES = Object.keys(NO_COUNTS) as readonly (keyof RunCounts)[];

/** How many errors a run keeps. */
export const ERRORS_KEPT = 50;
/** Longer messages are cut: fifty of them must fit into one item. */
export const ERROR_LENGTH = 1000;
