import type { Clock } from '../../ports/collecting.ts';
import type { QueryEngine } from '../../ports/query-engine.ts';

/**
 * Stops queries that run longer than they may, queued or running: whoever asked may not be asking any more. Returns the
 * ids of those that it stopped; one that could not be stopped keeps no other from it, and is thrown about at the end.
 */
export const stopOverdueQueries =
  ({ engine, clock, limit_ms }: { engine: Pick<QueryEngine, 'underWay' | 'stop'>; clock: Clock; limit_ms: number }) =>
  async (): Promise<readonly string[]> => {
    const underWay = await engine.underWay();
    const overdue = underWay.filter(({ submitted_at }) => clock() - Date.parse(submitted_at) > limit_ms);
    const outcomes = await Promise.allSettled(overdue.map(({ id }) => engine.stop(id)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    return overdue.map(({ id }) => id);
  };
