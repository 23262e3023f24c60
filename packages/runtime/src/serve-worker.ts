import { UnreadableMessage } from '@granary/domain/errors';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { atFirstInvocation, type Make } from './first-invocation.ts';
import { makeInvocations } from './invocation.ts';
import { parseBy } from './parse.ts';
import type { Settings } from './settings.ts';
import type { WorkerDefinition, WorkerRecord } from './worker.ts';

/**
 * The Lambda handler of a worker. The records of a batch are worked on side by side, each in a boundary of its own: what fails is
 * reported by its id (ReportBatchItemFailures) and its neighbours are done. `settings` and `deps` are called at the first invocation.
 */
export const serveWorker = <Deps, Message>(
  worker: WorkerDefinition<Deps, Message>,
  make: Make<Settings, Deps>,
): ((event: SQSEvent, context: Context) => Promise<SQSBatchResponse>) =>
  atFirstInvocation(make, (settings, deps, tracing) => {
    const invocations = makeInvocations(worker.id, settings, tracing, worker.atEnd?.(deps));
    const work = workOn(worker, deps);
    return (event: SQSEvent, context: Context) =>
      invocations.during(context, async (invocation) => {
        const outcomes = await Promise.all(
          event.Records.map((record) => {
            const receiveCount = Number(record.attributes.ApproximateReceiveCount);
            const log = invocation.log.with({ message_id: record.messageId, receive: receiveCount });
            const { messageId, receiptHandle } = record;
            return work(record, { ...invocation, log, messageId, receiptHandle, receiveCount });
          }),
        );
        const failed = event.Records.filter((_, i) => outcomes[i] === 'retry');
        invocation.metrics.add('Messages', event.Records.length);
        invocation.metrics.add('MessagesFailed', failed.length);
        return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      });
  });

type Work = (source: SQSRecord, record: WorkerRecord) => Promise<'retry' | 'done'>;

const workOn = <Deps, Message>(worker: WorkerDefinition<Deps, Message>, deps: Deps): Work => {
  const handle = worker.handle(deps);
  const decide = worker.onFailure?.(deps);
  return async ({ body }, record) => {
    let message: Message | undefined;
    try {
      message = read(worker, body);
      await handle(message, record);
      return 'done';
    } catch (error) {
      record.log.warn('message failed', { error });
      if (!decide) return 'retry';
      try {
        return await decide({ error, message, body }, record);
      } catch (second) {
        record.log.error('failure could not be recorded', { error: second });
        return 'retry';
      }
    }
  };
};

const read = <Deps, Message>(worker: WorkerDefinition<Deps, Message>, body: string): Message => {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new UnreadableMessage('The message is not JSON.');
  }
  const parsed = parseBy(worker.message, json);
  if ('data' in parsed) return parsed.data;
  const [misfit] = parsed.misfits;
  throw new UnreadableMessage(`The message does not fit: ${misfit?.path}: ${misfit?.message}.`);
};
