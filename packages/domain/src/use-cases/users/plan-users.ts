import { InvalidRequest } from '../../errors.ts';
import { type FetchUsersMessage, MOST_PAGES } from '../../messages/fetch-users.ts';
import type { Queue } from '../../ports/collecting.ts';
import type { RunLog } from '../../ports/run-log.ts';
import type { SourceReader } from '../../ports/source-store.ts';
import type { Run } from '../../run.ts';
import type { UsersSource } from '../../users-source.ts';
import { type PlanRunDeps, planRun } from '../runs/plan-run.ts';

export type PlanUsersDeps = PlanRunDeps & {
  /** Its configuration has the defaults: how many users a run asks for, and how many of them in a page. */
  source: Pick<UsersSource, 'id' | 'schedule' | 'config'>;
  /** Who edits sources may pause it. */
  edits: Pick<SourceReader, 'getSource'>;
  queue: Queue<FetchUsersMessage>;
  runLog: RunLog;
};

/** `force`: now, whether due or not. `size`: users of a page, the last one has what remains. */
export type PlanUsersInput = { force?: boolean; users?: number; size?: number };
/** `run`: what was started (`started`), or is under way already; null when none is due, or the source is paused. */
export type PlannedUsers = { run: Run | null; started: boolean; paused?: true };

type Asked = NonNullable<Run['asked']>;

/**
 * Starts a fetch of users when one is due and enqueues one message per page ({@link planRun}); none while their source
 * is paused, not even by `force`. Throws InvalidRequest for sizes out of range.
 */
export const planUsers =
  (deps: PlanUsersDeps) =>
  async (input: PlanUsersInput): Promise<PlannedUsers> => {
    const { source, edits, runLog } = deps;
    const { users_per_run, page_size } = source.config;
    const asked = checked({ users: input.users ?? users_per_run, size: input.size ?? page_size }, page_size);
    if ((await edits.getSource(source.id))?.state === 'paused') return { run: null, started: false, paused: true };
    const parts = Math.ceil(asked.users / asked.size);
    const enqueue = (run: Run, pages: readonly number[]) => enqueuePages(deps, run, pages);
    const { run, started } = await planRun(deps)(
      { kind: 'users', source, parts, asked, enqueue },
      input.force ?? false,
    );
    if (started) runLog.info(run.id, 'Run started', { ...asked, pages: parts });
    return { run: run ?? null, started };
  };

const checked = ({ users, size }: Asked, largest: number): Asked => {
  const wrong = (field: string, message: string) =>
    new InvalidRequest(`Cannot fetch ${users} users in pages of ${size}: ${field} must be ${message}`, [
      { field, message: `must be ${message}` },
    ]);
  if (!Number.isInteger(size) || size < 1 || size > largest) throw wrong('size', `a whole number from 1 to ${largest}`);
  const most = MOST_PAGES * size;
  if (!Number.isInteger(users) || users < 1 || users > most) throw wrong('users', `a whole number from 1 to ${most}`);
  return { users, size };
};

/** By what the run asked for when it started: the present call may ask for something else. */
const enqueuePages = async ({ queue, clock }: PlanUsersDeps, run: Run, pages: readonly number[]): Promise<void> => {
  const { users, size } = run.asked!;
  const enqueued_at = new Date(clock()).toISOString();
  await queue.send(
    pages.map((part) => {
      const remaining = users - (part - 1) * size;
      return { type: 'fetch-users', run: run.id, part, size: Math.min(size, remaining), enqueued_at };
    }),
  );
};
