import { InvalidRequest } from '@granary/domain/errors';
import type { Context } from 'aws-lambda';
import { atFirstInvocation, type Make } from './first-invocation.ts';
import { makeInvocations } from './invocation.ts';
import type { JobDefinition } from './job.ts';
import { parseBy } from './parse.ts';
import type { Settings } from './settings.ts';
import { newTrace, traceOfLambda } from './trace.ts';

/**
 * The Lambda handler of a job. A throw fails the invocation, so that EventBridge's own retries and the error alarm see
 * it.
 */
export const serveJob = <Deps, Input, Result>(
  job: JobDefinition<Deps, Input, Result>,
  make: Make<Settings, Deps>,
): ((event: unknown, context: Context) => Promise<Result>) =>
  atFirstInvocation(make, (settings, deps, tracing) => {
    const invocations = makeInvocations(job.id, settings, tracing, job.atEnd?.(deps));
    const work = job.run(deps);
    return (event: unknown, context: Context) =>
      invocations.during(context, traceOfLambda() ?? newTrace(), async (invocation) =>
        work(inputOf(job, event), invocation),
      );
  });

const inputOf = <Deps, Input, Result>(job: JobDefinition<Deps, Input, Result>, event: unknown): Input => {
  const given = isScheduled(event) ? {} : (event ?? {});
  if (!job.input) return given as Input;
  const parsed = parseBy(job.input, given);
  if ('data' in parsed) return parsed.data;
  const fields = parsed.misfits.map(({ path, message }) => ({ field: path, message }));
  throw new InvalidRequest(`The input is invalid: ${fields[0]?.field}: ${fields[0]?.message}.`, fields);
};

/** EventBridge's envelope says nothing that a job needs. */
const isScheduled = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'detail-type' in event && 'source' in event;
