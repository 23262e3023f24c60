import type { $ZodType } from 'zod/v4/core';
import type { AtEnd, FunctionShape, Invocation } from './definition.ts';

export type JobDefinition<Deps, Input, Result> = FunctionShape & {
  kind: 'job';
  /** `rate(…)` or `cron(…)`, as EventBridge writes it. */
  schedule: string;
  /** What an operator may send. A scheduled invocation has no input: then the schema is asked about `{}`. */
  input?: $ZodType<Input>;
  run: (deps: Deps) => (input: Input, invocation: Invocation) => Promise<Result>;
  atEnd?: AtEnd<Deps>;
};

/**
 * The identity, for inference: the file of a job exports `job = defineJob({…})` and `handler = serveJob(job, {
 * settings, deps })`.
 */
export const defineJob = <Deps, Input, Result>(
  job: Omit<JobDefinition<Deps, Input, Result>, 'kind'>,
): JobDefinition<Deps, Input, Result> => ({ kind: 'job', ...job });
