import { GranaryError, UsersNotWritten } from '../../errors.ts';
import type { FetchUsersMessage } from '../../messages/fetch-users.ts';
import type { RunLog } from '../../ports/run-log.ts';
import type { UserWriter } from '../../ports/user-store.ts';
import { NO_COUNTS, type RunCounts } from '../../run.ts';
import { NO_USERS, type UserCounts } from '../../user.ts';
import { announceEnded } from '../runs/announce-ended.ts';
import { type Delivery, type FailDeps, type Failed, failPart } from '../runs/fail-part.ts';
import { RUN_LEASE_MS } from '../runs/plan-run.ts';
import { succeedPart } from '../runs/succeed-part.ts';
import { believeUsersMessage } from './believe-users-message.ts';
import { type FetchUsersDeps, fetchUsersPage } from './fetch-users-page.ts';
import type { KeptPage } from './kept-page.ts';

export type WorkOnUsersDeps = FailDeps<FetchUsersMessage> & FetchUsersDeps & { users: UserWriter; runLog: RunLog };

export type WorkedOnUsers =
  /** `ended-before`: an earlier delivery did all of it. */
  { decision: 'done'; outcome: 'written' | 'ended-before'; counts: RunCounts; users: UserCounts } | Failed;

/**
 * Writing ends this long after the start: the function has 60 s, and needs the rest to record what became of the
 * page.
 */
const WRITE_MS = 50_000;
/** Misfits of one page that are named in the log; all of them are kept with the page. */
const MISFITS_NAMED = 20;

/**
 * The work of one message: the page is fetched, or found, and kept; its users are written; the part of the run ends.
 * Whatever was done by an earlier delivery is found done and counts once. A failure is left to the queue, and ends the
 * part on the last receive. Whoever ends the last part announces the run. Never throws: what cannot even be recorded is
 * left to the queue.
 */
export const workOnUsersPage =
  (deps: WorkOnUsersDeps) =>
  async (message: FetchUsersMessage, delivery: Delivery): Promise<WorkedOnUsers> => {
    const worked = await workOn(deps, message, delivery);
    if (endedPart(worked)) await announce(deps, message.run);
    return worked;
  };

/** Whether the run may have ended with it. */
const endedPart = (worked: WorkedOnUsers): boolean =>
  worked.decision === 'retry' ? worked.last : worked.decision !== 'defer';

const workOn = async (
  deps: WorkOnUsersDeps,
  message: FetchUsersMessage,
  delivery: Delivery,
): Promise<WorkedOnUsers> => {
  const { runs, clock } = deps;
  const { run, part } = message;
  const begun = clock();
  let requests = 0;
  let page: KeptPage | undefined;
  try {
    await believeUsersMessage(deps)(message);
    if ((await runs.partState(run, part)) === 'ended') {
      await runs.settle(run, iso(clock()));
      return { decision: 'done', outcome: 'ended-before', counts: NO_COUNTS, users: NO_USERS };
    }
    await runs.extendLease(run, iso(begun + RUN_LEASE_MS));
    page = await fetchUsersPage(deps)(message, () => {
      requests += 1;
    });
    const users = await writeUsers(deps, message, page, begun + WRITE_MS);
    const counts = { ...countsOf(page), requests };
    const work_ms = clock() - begun;
    const gb_ms = work_ms * delivery.memory_gb;
    await succeedPart(runs)(run, { part, counts, versions: [], users, gb_ms }, iso(clock()));
    tell(deps.runLog, message, page, { users, requests, work_ms });
    return { decision: 'done', outcome: 'written', counts, users };
  } catch (error) {
    const users = error instanceof UsersNotWritten ? error.counts : undefined;
    const url = askedAddress(deps, message);
    const facts = { requests, dataset: null, url, users, counts: failedCounts(page, users), stop_is_dead_letter: true };
    const failed = await failPart<FetchUsersMessage>(deps)(message, delivery, error, facts);
    tellFailure(deps.runLog, message, delivery, failed, requests);
    return failed;
  }
};

const writeUsers = async (
  deps: WorkOnUsersDeps,
  { run, part }: FetchUsersMessage,
  { users }: KeptPage,
  deadline: number,
): Promise<UserCounts> => {
  const counts = await deps.users.write(users, { origin: `${run}/${part}`, deadline });
  if (counts.failed === 0) return counts;
  throw new UsersNotWritten(
    `${counts.failed} of ${users.length} users of page ${part} could not be written in time`,
    counts,
  );
};

const countsOf = ({ read, users, misfits, merged }: KeptPage): RunCounts => ({
  ...NO_COUNTS,
  rows_read: read,
  rows_published: users.length,
  rows_quarantined: misfits.length,
  rows_deduplicated: merged,
});

/** What counts of a page of which some users could not be written: the others, in rows read as well. */
const failedCounts = (page: KeptPage | undefined, written: UserCounts | undefined): Partial<RunCounts> => {
  if (!page || !written) return {};
  const counts = countsOf(page);
  return {
    ...counts,
    rows_read: counts.rows_read - written.failed,
    rows_published: counts.rows_published - written.failed,
  };
};

/** Whoever cannot say that the run has ended leaves it to the sweeper: the page is done all the same. */
const announce = async (deps: WorkOnUsersDeps, run: string): Promise<void> => {
  try {
    await announceEnded(deps)(run);
  } catch (error) {
    deps.runLog.error(run, 'The end of the run could not be announced yet', { error: kindOf(error) });
  }
};

const tell = (
  runLog: RunLog,
  { run, part }: FetchUsersMessage,
  { read, misfits, merged }: KeptPage,
  { users, requests, work_ms }: { users: UserCounts; requests: number; work_ms: number },
): void => {
  const { new: users_new, overwritten: users_overwritten } = users;
  const counts = { users_read: read, users_new, users_overwritten, misfits: misfits.length, merged, requests };
  runLog.info(run, 'Page written', { page: part, ...counts, ms: work_ms });
  for (const { index, field, reason } of misfits.slice(0, MISFITS_NAMED)) {
    runLog.error(run, 'A user cannot be taken', { page: part, index, field, reason });
  }
};

const tellFailure = (
  runLog: RunLog,
  { run, part }: FetchUsersMessage,
  { receive_count }: Delivery,
  failed: Failed,
  requests: number,
): void => {
  const { error } = failed;
  const about = { page: part, reason: error instanceof GranaryError ? error.message : kindOf(error), requests };
  if (failed.decision === 'defer') {
    runLog.info(run, 'Page deferred', { ...about, delay_s: failed.delay_s });
    return;
  }
  const answer = error instanceof GranaryError && 'answer' in error ? (error.answer as { status?: number }) : undefined;
  const last = failed.decision === 'stop' || failed.last;
  runLog.error(run, last ? 'Page failed for the last time' : 'Page failed', {
    ...about,
    ...(answer && { status: answer.status ?? null }),
    receive: receive_count,
  });
};

/** What others say may hold anything, so only its kind is told. */
const kindOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** Without its query, which may hold a key of the operator's; null when the source is not read at all. */
const askedAddress = ({ source, baseUrl }: WorkOnUsersDeps, { size }: FetchUsersMessage): string | null => {
  try {
    const { origin, pathname } = new URL(source.urlOf(baseUrl(), size));
    return origin + pathname;
  } catch {
    return null;
  }
};

const iso = (ms: number): string => new Date(ms).toISOString();
