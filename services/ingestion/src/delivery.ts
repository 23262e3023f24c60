import { type RejectDeps, rejectMessage } from '@granary/domain/use-cases/dead-letters/reject-message';
import type { Delivery } from '@granary/domain/use-cases/runs/fail-part';
import type { WorkerRecord } from '@granary/runtime/worker';

/** What use cases need to know of a delivery. */
export const deliveryOf = ({ receiveCount, receiptHandle, memory_gb }: WorkerRecord): Delivery => ({
  receive_count: receiveCount,
  receipt_handle: receiptHandle,
  memory_gb,
});

/** Rejects a body that is no message: what the workers of both queues do about one. */
export const rejectUnreadable =
  (deps: RejectDeps) =>
  async (body: string, record: WorkerRecord): Promise<void> => {
    record.metrics.add('MessagesUnreadable', 1);
    await rejectMessage(deps)(body, deliveryOf(record));
  };
