import type { Context } from 'aws-lambda';
import type { Invocation } from './definition.ts';
import { makeMetrics } from './emit-metrics.ts';
import { makeLogger } from './logger.ts';
import type { Settings } from './settings.ts';
import { inTrace, type Trace } from './trace.ts';
import type { Tracing } from './tracing.ts';

/** Runs the invocations of a worker or a job, each within its trace: logger, metrics and one closing line each. */
export type Invocations = {
  during<Result>(context: Context, trace: Trace, work: (invocation: Invocation) => Promise<Result>): Promise<Result>;
};

export const makeInvocations = (
  id: string,
  settings: Settings,
  tracing: Tracing | undefined,
  atEnd?: (invocation: Invocation) => Promise<void>,
): Invocations => {
  const { service, stage, write } = settings;
  const log = makeLogger({ service, level: settings.log_level, write }).with({ stage, function: id });
  let cold_start = true;
  return {
    during: (context, trace, work) => apart(tracing, trace, () => during(context, trace, work)),
  };

  async function during<Result>(
    context: Context,
    trace: Trace,
    work: (invocation: Invocation) => Promise<Result>,
  ): Promise<Result> {
    const started = performance.now();
    const invocation: Invocation = {
      log: log.with({ request_id: context.awsRequestId, trace_id: trace.id }),
      metrics: makeMetrics({ dimensions: { service, stage, function: id }, write }),
      remaining_ms: () => context.getRemainingTimeInMillis?.() ?? 0,
    };
    const first = cold_start;
    cold_start = false;
    const done = () => ({ duration_ms: Math.round(performance.now() - started), cold_start: first });
    const span = tracing?.open(id, { request_id: context.awsRequestId });
    let failure: { error?: unknown } = {};
    try {
      const result = await work(invocation).finally(() => endQuietly(invocation, atEnd));
      invocation.log.info('invocation', done());
      return result;
    } catch (error) {
      failure = { error };
      invocation.log.error('invocation failed', { ...done(), error });
      invocation.metrics.add('InvocationsFailed', 1);
      throw error;
    } finally {
      invocation.metrics.flush();
      span?.close(failure);
    }
  }
};

/** Does work within a trace, and its spans beside all others. */
export const apart = <Result>(tracing: Tracing | undefined, trace: Trace, work: () => Result): Result =>
  inTrace(trace, () => (tracing ? tracing.apart(work) : work()));

const endQuietly = async (invocation: Invocation, atEnd?: (invocation: Invocation) => Promise<void>): Promise<void> => {
  try {
    await atEnd?.(invocation);
  } catch (error) {
    invocation.log.error('the end of the invocation failed', { error });
  }
};
