import type { RunStore } from '../../ports/run-store.ts';
import type { PartOutcome } from '../../run.ts';

/**
 * Ends a part that worked, or mends it when it had failed and was redriven. False when another delivery was faster;
 * then only the requests count, which were made all the same. `at` is ISO 8601.
 */
export const succeedPart =
  (runs: Pick<RunStore, 'endPart' | 'mendPart' | 'addRequests'>) =>
  async (run: string, outcome: Omit<PartOutcome, 'error' | 'receives'>, at: string): Promise<boolean> => {
    if (await runs.endPart(run, outcome, at)) return true;
    if (await runs.mendPart(run, outcome, at)) return true;
    await runs.addRequests(run, outcome.counts.requests);
    return false;
  };
