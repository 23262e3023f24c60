import { GranaryError } from '@granary/domain/errors';
import { FetchUsersMessage } from '@granary/domain/messages/fetch-users';
import { serviceAnswer } from '@granary/domain/rules/service-answer';
import {
  type WorkedOnUsers,
  type WorkOnUsersDeps,
  workOnUsersPage,
} from '@granary/domain/use-cases/users/work-on-users-page';
import { serveWorker } from '@granary/runtime/serve-worker';
import { defineWorker, type WorkerRecord } from '@granary/runtime/worker';
import { deliveryOf, rejectUnreadable } from '../delivery.ts';
import { fetchUsersDeps, settings } from '../deps.ts';

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
      const worked = await work(message, deliveryOf(record)).then(withoutWords, (error: unknown) => {
        throw errorWithoutWords(error);
      });
      report(message, worked, record);
      return worked;
    };
  },
  unreadable: rejectUnreadable,
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
const errorWithoutWords = (error: unknown): unknown => {
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

const withoutWords = (worked: WorkedOnUsers): WorkedOnUsers =>
  worked.decision === 'done' ? worked : { ...worked, error: errorWithoutWords(worked.error) };

const report = ({ run, part }: FetchUsersMessage, worked: WorkedOnUsers, { log, metrics }: WorkerRecord): void => {
  const about = { run, part };
  if (worked.decision !== 'done') {
    const { decision, error } = worked;
    metrics.add(decision === 'defer' ? 'PagesDeferred' : 'PagesFailed', 1);
    const delay = decision === 'defer' ? { delay_s: worked.delay_s } : {};
    // What is retried is logged by the runtime, with its stack.
    if (decision !== 'retry') log.warn('page', { ...about, decision, ...delay, error });
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
  log.info('page', { ...about, outcome, counts, users });
};
