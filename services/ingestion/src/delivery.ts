import { type RejectDeps, rejectMessage } from '@granary/domain/use-cases/dead-letters/reject-message';
import type { WorkerFailure, WorkerRecord } from '@granary/runtime/worker';

/** Tells the runtime that everything about the failure is done, and that the message is to stay. */
export class LeftToQueue extends Error {
  constructor(cause: unknown) {
    super('The message is left to its queue', { cause });
  }
}

export const deliveryOf = ({ receiveCount, receiptHandle }: WorkerRecord) => ({
  receive_count: receiveCount,
  receipt_handle: receiptHandle,
});

/** Seconds until a message comes back whose failure could not even be dealt with: our own stores do not answer. They may soon. */
const VISIBILITY_S = 30;

/** What workers on parts do about a record that failed: the message stays in its queue in any case. */
export const leaveToQueue =
  (deps: RejectDeps) =>
  async ({ error, message, body }: WorkerFailure<unknown>, record: WorkerRecord): Promise<'retry'> => {
    if (message === undefined) {
      record.metrics.add('MessagesUnreadable', 1);
      await rejectMessage(deps)(body, deliveryOf(record));
    } else if (!(error instanceof LeftToQueue)) {
      await deps.changeVisibility(record.receiptHandle, VISIBILITY_S);
    }
    return 'retry';
  };
