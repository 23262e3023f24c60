import { UnreadableMessage } from '@granary/domain/errors';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { atFirstInvocation, type Make } from './first-invocation.ts';
import { apart, makeInvocations } from './invocation.ts';
import { parseBy } from './parse.ts';
import type { Settings } from './settings.ts';
import { newTrace, type Trace, traceOfHeader, traceOfLambda } from './trace.ts';
import type { Ending, WorkerDefinition, WorkerRecord } from './worker.ts';

/**
 * The Lambda handler of a worker. The records of a batch are worked on side by side, each in a boundary of its own:
 * what fails is reported by its id (ReportBatchItemFailures) and its neighbours are done. Each goes on with the trace
 * that its message brings, which is not that of the invocation: Lambda begins another for each batch. `settings` and
 * `deps` are called at the first invocation.
 */
export const serveWorker = <Deps, Message>(
  worker: WorkerDefinition<Deps, Message>,
  make: Make<Settings, Deps>,
): ((event: SQSEvent, context: Context) => Promise<SQSBatchResponse>) =>
  atFirstInvocation(make, (settings, deps, tracing) => {
    const invocations = makeInvocations(worker.id, settings, tracing, worker.atEnd?.(deps));
    const work = workOn(worker, deps);
    return (event: SQSEvent, context: Context) => {
      const batch = traceOfLambda() ?? traceOfAll(event) ?? newTrace();
      const memory_gb = worker.memory_mb / 1024 / event.Records.length;
      return invocations.during(context, batch, async (invocation) => {
        const decisions = await Promise.all(
          event.Records.map((record) => {
            const trace = traceOf(record) ?? batch;
            const receiveCount = Number(record.attributes.ApproximateReceiveCount);
            const { messageId, receiptHandle } = record;
            const log = invocation.log.with({ message_id: messageId, receive: receiveCount, trace_id: trace.id });
            return apart(tracing, trace, async () => {
              const started = performance.now();
              const span = tracing?.open('message', { message_id: messageId });
              const received = { messageId, receiptHandle, receiveCount, memory_gb };
              const ending = await work(record, { ...invocation, log, ...received });
              const { decision } = ending;
              log.info('message', { outcome: decision, duration_ms: Math.round(performance.now() - started) });
              span?.close('error' in ending ? { error: ending.error } : {});
              return decision;
            });
          }),
        );
        const failed = event.Records.filter((_, i) => decisions[i] === 'retry');
        invocation.metrics.add('Messages', event.Records.length);
        invocation.metrics.add('MessagesFailed', failed.length);
        return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      });
    };
  });

const traceOf = ({ attributes }: SQSRecord): Trace | undefined => traceOfHeader(attributes.AWSTraceHeader);

/** The trace of all messages of a batch, if they have one. */
const traceOfAll = ({ Records }: SQSEvent): Trace | undefined => {
  const [first, ...others] = Records.map(traceOf);
  return first && others.every((other) => other?.id === first.id) ? first : undefined;
};

type Work = (source: SQSRecord, record: WorkerRecord) => Promise<Ending>;

const workOn = <Deps, Message>(worker: WorkerDefinition<Deps, Message>, deps: Deps): Work => {
  const handle = worker.handle(deps);
  const unreadable = worker.unreadable?.(deps);
  const endingOf: Work = async ({ body }, record) => {
    const message = read(worker, body);
    if (!('error' in message)) return handle(message.data, record);
    await unreadable?.(body, record);
    return { decision: 'retry', error: message.error };
  };
  return async (source, record) => {
    const ending = await endingOf(source, record).catch((error: unknown): Ending => ({ decision: 'retry', error }));
    if (ending.decision === 'retry') record.log.warn('message failed', { error: ending.error });
    return ending;
  };
};

const read = <Deps, Message>(
  worker: WorkerDefinition<Deps, Message>,
  body: string,
): { data: Message } | { error: UnreadableMessage } => {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { error: new UnreadableMessage('The message is not JSON.') };
  }
  const parsed = parseBy(worker.message, json);
  if ('data' in parsed) return { data: parsed.data };
  const [misfit] = parsed.misfits;
  return { error: new UnreadableMessage(`The message is invalid: ${misfit?.path}: ${misfit?.message}.`) };
};
