import { InvalidRequest } from '../../errors.ts';
import { type FetchUsersMessage, LARGEST_PAGE, MOST_PAGES } from '../../messages/fetch-users.ts';
import type { Clock, Queue, Random } from '../../ports/collecting.ts';
import type { RunLog } from '../../ports/run-log.ts';
import type { RunStore } from '../../ports/run-store.ts';
import { newRunId } from '../../rules/run-id.ts';
import { isDue } from '../../rules/schedule.ts';
import { begunRun, type Run } from '../../run.ts';
import type { Schedule } from '../../source.ts';
import type { UsersSource } from '../../users-source.ts';
import { RUN_LEASE_MS } from '../collect/plan-collection.ts';

export type PlanUsersDeps = {
  source: Pick<UsersSource, 'id'>;
  schedule: Schedule;
  /** How many users a fetch asks for that does not say so. */
  users_per_run: number;
  runs: RunStore;
  queue: Queue<FetchUsersMessage>;
  runLog: RunLog;
  clock: Clock;
  random: Random;
};

/** `force`: now, whether due or not. `size`: users of a page, the last one has what remains. */
export type PlanUsersInput = { force?: boolean; users?: number; size?: number };
/** `run`: what was started (`started`), or is under way already; null when none is due. */
export type PlannedUsers = { run: Run | null; started: boolean };

type Asked = NonNullable<Run['asked']>;

/** No planner lives longer: the time-out of its function. Until then it may be sending, and what another one sent as well would be asked for twice. */
const PLANNER_LIFE_MS = 60_000;

/**
 * Starts a fetch of users when one is due and enqueues one message per page. A planner that dies after the start leaves a run whose messages
 * are not all there: the next one sends what is missing, which is harmless when it was not. Throws InvalidRequest for sizes out of range.
 */
export const planUsers =
  (deps: PlanUsersDeps) =>
  async ({ force = false, users = deps.users_per_run, size = LARGEST_PAGE }: PlanUsersInput): Promise<PlannedUsers> => {
    const asked = checked({ users, size });
    const { runs, source } = deps;
    const last = await runs.lastStart(source.id);
    if (!force && !isDue(deps.schedule, last?.at, deps.clock())) {
      const unsent = last && !last.sent ? await runs.getRun(last.run) : undefined;
      return { run: unsent?.state === 'running' ? await goOn(deps, unsent) : null, started: false };
    }
    const run = newRun(deps, asked);
    const start = await runs.start(run);
    if (start.started) {
      deps.runLog.info(run.id, 'Run started', { ...asked, pages: run.parts });
      return { run: await enqueue(deps, run), started: true };
    }
    return { run: start.sent ? start.running : await goOn(deps, start.running), started: false };
  };

/** Sends what a planner that died did not. */
const goOn = async (deps: PlanUsersDeps, run: Run): Promise<Run> =>
  deps.clock() - Date.parse(run.started_at) < PLANNER_LIFE_MS ? run : enqueue(deps, run);

const checked = ({ users, size }: Asked): Asked => {
  const wrong = (field: string, message: string) =>
    new InvalidRequest(`There is no fetch of ${users} users in pages of ${size}: ${field} must be ${message}`, [
      { field, message: `must be ${message}` },
    ]);
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE) {
    throw wrong('size', `a whole number from 1 to ${LARGEST_PAGE}`);
  }
  const most = MOST_PAGES * size;
  if (!Number.isInteger(users) || users < 1 || users > most) throw wrong('users', `a whole number from 1 to ${most}`);
  return { users, size };
};

const newRun = ({ source, clock, random }: PlanUsersDeps, asked: Asked): Run => {
  const now = clock();
  return begunRun({
    id: newRunId('users', now, random),
    kind: 'users',
    source: source.id,
    started_at: new Date(now).toISOString(),
    parts: Math.ceil(asked.users / asked.size),
    lease_until: new Date(now + RUN_LEASE_MS).toISOString(),
    asked,
  });
};

/** What the run itself asks for, whatever the present call would. */
const enqueue = async ({ runs, queue, clock }: PlanUsersDeps, run: Run): Promise<Run> => {
  const { users, size } = run.asked!;
  const enqueued_at = new Date(clock()).toISOString();
  const messages: FetchUsersMessage[] = [];
  for (let part = 1; part <= run.parts; part++) {
    if (run.parts_done > 0 && (await runs.partState(run.id, part)) !== 'open') continue;
    const remaining = users - (part - 1) * size;
    messages.push({ type: 'fetch-users', run: run.id, part, size: Math.min(size, remaining), enqueued_at });
  }
  await queue.send(messages);
  await runs.markSent(run);
  return run;
};
