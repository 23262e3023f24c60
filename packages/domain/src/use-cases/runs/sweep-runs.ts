import type { Clock } from '../../ports/collecting.ts';
import type { RunStore } from '../../ports/run-store.ts';

/**
 * Closes runs whose lease is over: their last messages timed out on the last attempt, or their planner died. Without it
 * such a run would keep its source from ever running again. Returns the ids of the runs closed.
 */
export const sweepRuns =
  ({ runs, clock }: { runs: Pick<RunStore, 'closeOverdue'>; clock: Clock }) =>
  (): Promise<readonly string[]> =>
    runs.closeOverdue(new Date(clock()).toISOString());
