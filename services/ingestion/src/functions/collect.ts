import { LedgerImbalance, NotReadBack, VersionHeld } from '@granary/domain/errors';
import { CollectionMessage } from '@granary/domain/messages/collect';
import type { RunLog } from '@granary/domain/ports/run-log';
import type { RunCounts } from '@granary/domain/run';
import { type WorkDeps, type Worked, workOnPart } from '@granary/domain/use-cases/collect/work-on-part';
import { serveWorker } from '@granary/runtime/serve-worker';
import { defineWorker, type WorkerRecord } from '@granary/runtime/worker';
import { deliveryOf, rejectUnreadable } from '../delivery.ts';
import { collectDeps, settings } from '../deps.ts';

export type CollectDeps = WorkDeps & { runLog: RunLog };

/**
 * Fetches one resource per message, and makes a version of its dataset when it has changed; or reads a page that lists
 * resources.
 */
export const worker = defineWorker({
  id: 'collect',
  queue: 'collect',
  // Records of a batch are worked on side by side, mostly waiting for their source.
  batchSize: 2,
  maximumConcurrency: '${param:collectConcurrency}',
  // Five million rows of 12 columns, sorted by a key, take a core about a minute.
  timeout_s: 120,
  // One whole core: less memory has a part of one.
  memory_mb: 1769,
  // For each record: the file as fetched, both its tables and, with a key, its sorted runs, together less than twice
  // the file unless its texts cannot be compressed.
  tmp_mb: 4096,
  grants: [
    'configurations:read',
    'catalog:read',
    'catalog:versions',
    'catalog:write',
    'resources:write',
    'records:write',
    'runs:get',
    'runs:write',
    'budget:write',
    'data:write',
    'sql-tables:write',
    'collect:send',
    'collect:visibility',
    'run-log:write',
  ],
  message: CollectionMessage,
  handle: (deps: CollectDeps) => {
    const work = workOnPart(deps);
    return async (message: CollectionMessage, record: WorkerRecord) => {
      const worked = await work(message, deliveryOf(record));
      report(message, worked, record, deps.runLog);
      return worked;
    };
  },
  unreadable: rejectUnreadable,
  atEnd:
    ({ runLog }) =>
    () =>
      runLog.flush(),
});

export const handler = serveWorker(worker, { settings, deps: collectDeps });

const report = (message: CollectionMessage, worked: Worked, { log, metrics }: WorkerRecord, runLog: RunLog): void => {
  const { run, part } = message;
  const dataset = message.type === 'collect' ? message.resource.dataset : undefined;
  const about = { part, dataset };
  if (worked.decision !== 'done') {
    const { error, decision } = worked;
    const failed = { ...about, decision, ...(decision === 'defer' && { delay_s: worked.delay_s }) };
    metrics.add(decision === 'defer' ? 'PartsDeferred' : 'PartsFailed', 1);
    // Each has an alarm of its own (services/observability).
    for (const failure of worked.failures) {
      if (failure instanceof NotReadBack) metrics.add('VersionsNotReadBack', 1);
      if (failure instanceof VersionHeld) metrics.add('VersionsHeld', 1);
      if (failure instanceof LedgerImbalance) metrics.add('LedgerImbalances', 1);
    }
    // A message that is delivered again counts them at the delivery that ends its part.
    if (decision === 'stop' || (decision === 'retry' && worked.last)) addPublished(metrics, worked);
    // What is retried is logged by the runtime, with its stack.
    if (decision !== 'retry') log.warn('part', { run, ...failed, error });
    runLog[decision === 'defer' ? 'info' : 'error'](run, 'part', { ...failed, error: error as object });
    return;
  }
  if ('found' in worked) {
    const { found, counts } = worked;
    const done = { ...about, outcome: worked.outcome, found, counts };
    log.info('part', { run, ...done });
    runLog.info(run, 'part', done);
    return;
  }
  if ('gone' in worked) {
    const { decision: _, ...done } = { ...about, ...worked };
    log.info('part', { run, ...done });
    runLog.info(run, 'part', done);
    return;
  }
  const { outcome, counts } = worked;
  const versions = worked.versions.map(({ dataset, version }) => `${dataset}@${version}`);
  if (outcome === 'published') addPublished(metrics, worked);
  else if (outcome === 'unchanged') metrics.add('Unchanged', 1);
  const done = { ...about, outcome, versions, counts };
  log.info('part', { run, ...done });
  runLog.info(run, 'part', done);
};

const addPublished = (
  metrics: WorkerRecord['metrics'],
  { published, counts }: { published: readonly string[]; counts: RunCounts },
): void => {
  if (published.length === 0) return;
  metrics.add('Collected', published.length);
  metrics.add('RowsRead', counts.rows_read);
  metrics.add('RowsPublished', counts.rows_published);
  metrics.add('RowsQuarantined', counts.rows_quarantined);
  metrics.add('RowsDeduplicated', counts.rows_deduplicated);
};
