import { InvalidRequest } from '@granary/domain/errors';
import type { Context } from 'aws-lambda';
import { makeInvocations } from './invocation.ts';
import type { JobDefinition } from './job.ts';
import type { Settings } from './settings.ts';

/** The Lambda handler of a job. A throw fails the invocation, so that EventBridge's own retries and the error alarm see it. */
export const serveJob = <Deps, Input, Result>(
  job: JobDefinition<Deps, Input, Result>,
  make: { settings: () => Settings; deps: () => Deps },
): ((event: unknown, context: Context) => Promise<Result>) => {
  let run: ((event: unknown, context: Context) => Promise<Result>) | undefined;
  const build = () => {
    const invocations = makeInvocations(job.id, make.settings());
    const work = job.run(make.deps());
    return (event: unknown, context: Context) =>
      invocations.during(context, async (invocation) => work(inputOf(job, event), invocation));
  };
  return (event, context) => {
    run ??= build();
    return run(event, context);
  };
};

const inputOf = <Deps, Input, Result>(job: JobDefinition<Deps, Input, Result>, event: unknown): Input => {
  const given = isScheduled(event) ? {} : (event ?? {});
  if (!job.input) return given as Input;
  const parsed = job.input.safeParse(given);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  throw new InvalidRequest(`The input does not fit: ${fields[0]?.field}: ${fields[0]?.message}.`, fields);
};

/** EventBridge's envelope says nothing that a job needs. */
const isScheduled = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'detail-type' in event && 'source' in event;
