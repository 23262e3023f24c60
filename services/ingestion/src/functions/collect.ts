import { CollectMessage } from '@granary/domain/messages/collect';
import { rejectMessage } from '@granary/domain/use-cases/reject-message';
import { type WorkDeps, type Worked, workOnPart } from '@granary/domain/use-cases/work-on-part';
import { serveWorker } from '@granary/runtime/serve-worker';
import { defineWorker, type WorkerRecord } from '@granary/runtime/worker';
import { collectDeps, settings } from '../deps.ts';

/** Fetches one resource per message, and makes a version of its dataset when it has changed. */
export const worker = defineWorker({
  id: 'collect',
  queue: 'collect',
  // Records of a batch are worked on side by side, mostly waiting for their source.
  batchSize: 2,
  maximumConcurrency: '${param:collectConcurrency}',
  timeout_s: 90,
  memory_mb: 1024,
  tmp_mb: 1024,
  grants: [
    'catalog:read',
    'catalog:write',
    'runs:read',
    'runs:write',
    'budget:write',
    'data:write',
    'collect:send',
    'collect:visibility',
  ],
  message: CollectMessage,
  handle: (deps: WorkDeps) => {
    const work = workOnPart(deps);
    return async (message: CollectMessage, record: WorkerRecord) => {
      const worked = await work(message, deliveryOf(record));
      report(message, worked, record);
      if (worked.outcome === 'left-to-queue') throw new LeftToQueue(worked.error);
    };
  },
  onFailure:
    (deps: WorkDeps) =>
    async ({ error, message, body }, record) => {
      if (message === undefined) {
        record.metrics.add('MessagesUnreadable', 1);
        await rejectMessage(deps)(body, deliveryOf(record));
      } else if (!(error instanceof LeftToQueue)) {
        // Not even the failure could be dealt with: our own stores do not answer. They may soon.
        await deps.changeVisibility(record.receiptHandle, 30);
      }
      return 'retry';
    },
});

export const handler = serveWorker(worker, { settings, deps: collectDeps });

/** Tells the runtime that everything about the failure is done, and that the message is to stay. */
class LeftToQueue extends Error {
  constructor(cause: unknown) {
    super('The message is left to its queue', { cause });
  }
}

const deliveryOf = ({ receiveCount, receiptHandle }: WorkerRecord) => ({
  receive_count: receiveCount,
  receipt_handle: receiptHandle,
});

const report = (message: CollectMessage, worked: Worked, { log, metrics }: WorkerRecord): void => {
  const about = { run: message.run, part: message.part, dataset: message.resource.dataset, outcome: worked.outcome };
  if ('error' in worked) {
    const delay = worked.outcome === 'deferred' ? { delay_s: worked.delay_s } : {};
    metrics.add(worked.outcome === 'deferred' ? 'PartsDeferred' : 'PartsFailed', 1);
    // What is left to the queue is logged by the runtime, with its stack.
    if (worked.outcome !== 'left-to-queue') log.warn('part', { ...about, ...delay, error: worked.error });
    return;
  }
  const { outcome, version, counts } = worked;
  if (outcome === 'published') {
    metrics.add('Collected', 1);
    metrics.add('RowsPublished', counts.rows_published);
    metrics.add('RowsQuarantined', counts.rows_quarantined);
  } else if (outcome === 'unchanged') metrics.add('Unchanged', 1);
  log.info('part', { ...about, version: version?.version, counts });
};
