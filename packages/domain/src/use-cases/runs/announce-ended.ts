import type { Clock } from '../../ports/collecting.ts';
import type { RunLog, RunStatusEvent } from '../../ports/run-log.ts';
import type { RunStore } from '../../ports/run-store.ts';
import { NO_USERS } from '../../user.ts';

export type AnnounceDeps = {
  runs: Pick<RunStore, 'claimAnnouncement' | 'markAnnounced' | 'getRun' | 'listRuns'>;
  runLog: Pick<RunLog, 'status'>;
  clock: Clock;
};

/** A worker that claimed the announcement and did not make it within this time is taken for dead. */
const CLAIM_MS = 120_000;
/** A run ends every few minutes at most, and the sweeper looks every minute. */
const NEWEST = 20;

/**
 * Says that a users' run has ended, with what became of it, once. True when this call said it; false while the run goes
 * on, or when another one said it. Throws when it could not be said: the claim then grows stale, and the sweeper says
 * it.
 */
export const announceEnded =
  ({ runs, runLog, clock }: AnnounceDeps) =>
  async (id: string): Promise<boolean> => {
    const now = clock();
    const claimed = await runs.claimAnnouncement(id, iso(now), iso(now - CLAIM_MS));
    if (!claimed) return false;
    const run = await runs.getRun(id);
    if (!run?.ended_at) return false;
    const users = run.users ?? NO_USERS;
    const event: RunStatusEvent = {
      run: id,
      state: run.state,
      users: users.new + users.overwritten,
      users_new: users.new,
      users_overwritten: users.overwritten,
      users_failed: users.failed,
      api_calls: run.counts.requests,
      errors: run.counts.errors,
      timestamp: Date.parse(run.ended_at),
      duration: run.duration_s ?? 0,
    };
    await runLog.status(event);
    await runs.markAnnounced(id);
    return true;
  };

/** Says it of the newest users' runs whose workers died before they could. Returns their ids. */
export const announceLeft = (deps: AnnounceDeps) => async (): Promise<string[]> => {
  const { runs } = await deps.runs.listRuns({ kind: 'users', limit: NEWEST });
  const announced: string[] = [];
  for (const { id, state } of runs) {
    if (state !== 'running' && (await announceEnded(deps)(id))) announced.push(id);
  }
  return announced;
};

const iso = (ms: number): string => new Date(ms).toISOString();
