import { GranaryError } from '@granary/domain/errors';
import { FetchUsersMessage } from '@granary/domain/messages/fetch-users';
import { serviceAnswer } from '@granary/domain/rules/service-answer';
import { type WorkOnUsersDeps, workOnUsersPage } from '@granary/domain/use-cases/users/work-on-users-page';
import { serveWorker } from '@granary/runtime/serve-worker';
import { defineWorker, type WorkerRecord } from '@granary/runtime/worker';
import { deliveryOf, LeftToQueue, leaveToQueue } from '../delivery.ts';
import { fetchUsersDeps, settings } from '../deps.ts';

type Worked = Awaited<ReturnType<ReturnType<typeof workOnUsersPage>>>;

/**
 * Fetches one page of users per message, keeps it sealed, and writes its users. Nothing of a person is in any line it
 * writes.
 */
export const worker = defineWorker({
  id: 'fetch-users',
  queue: 'fetch-users',
  // Pages of a batch are worked on side by side: they wait for the source and for the table, most of the time.
  batchSize: 10,
  maximumConcurrency: '${param:usersConcurrency}',
  timeout_s: 60,
  memory_mb: 512,
  grants: [
    'runs:get',
    'runs:write',
    'budget:write',
    'users:write',
    'user-pages:write',
    'users:seal',
    'users:open',
    'users-log:write',
    'run-log:write',
    'fetch-users:send',
    'fetch-users:visibility',
  ],
  message: FetchUsersMessage,
  handle: (deps: WorkOnUsersDeps) => {
    const work = workOnUsersPage(deps);
    return async (message: FetchUsersMessage, record: WorkerRecord) => {
      const worked = await work(message, deliveryOf(record)).catch((error: unknown) => {
        throw withoutWords(error);
      });
      report(message, worked, record);
      if (worked.outcome === 'left-to-queue') throw new LeftToQueue(withoutWords(worked.error));
    };
  },
  onFailure: leaveToQueue,
  atEnd:
    ({ runLog }) =>
    () =>
      runLog.flush(),
});

export const handler = serveWorker(worker, { settings, deps: fetchUsersDeps });

/**
 * Our own errors hold nothing personal, and neither do the answers of AWS's services. The words of others may quote
 * what could not be read or written, which is about people: what kind of error it is and where it was thrown must do.
 */
const withoutWords = (error: unknown): unknown => {
  if (error instanceof GranaryError) return error;
  const answer = serviceAnswer(error);
  if (answer?.message !== undefined) return error;
  const said = new Error('The words of this error are left out');
  if (!(error instanceof Error)) return said;
  said.name = error.name;
  const places = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  said.stack = [error.name, ...places].join('\n');
  if (!answer) return said;
  const { $fault, $metadata, operation } = error as Error & Record<string, unknown>;
  return Object.assign(said, { $fault, $metadata, operation });
};

const report = ({ run, part }: FetchUsersMessage, worked: Worked, { log, metrics }: WorkerRecord): void => {
  const about = { run, part, outcome: worked.outcome };
  if ('error' in worked) {
    const delay = worked.outcome === 'deferred' ? { delay_s: worked.delay_s } : {};
    metrics.add(worked.outcome === 'deferred' ? 'PagesDeferred' : 'PagesFailed', 1);
    // What is left to the queue is logged by the runtime, with its stack.
    if (worked.outcome !== 'left-to-queue') log.warn('page', { ...about, ...delay, error: withoutWords(worked.error) });
    return;
  }
  const { outcome, counts, users } = worked;
  if (outcome === 'written') {
    metrics.add('PagesWritten', 1);
    metrics.add('UsersNew', users.new);
    metrics.add('UsersOverwritten', users.overwritten);
    metrics.add('UsersQuarantined', counts.rows_quarantined);
    metrics.add('UsersMerged', counts.rows_deduplicated);
  }
  log.info('page', { ...about, counts, users });
};
