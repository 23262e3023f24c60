import { LARGEST_PAGE, MOST_PAGES } from '@granary/domain/messages/fetch-users';
import { type PlanUsersDeps, planUsers } from '@granary/domain/use-cases/users/plan-users';
import { defineJob } from '@granary/runtime/job';
import { serveJob } from '@granary/runtime/serve-job';
import * as z from 'zod/mini';
import { planUsersDeps, settings } from '../deps.ts';

const Input = z.strictObject({
  /** Now, whether due or not. */
  force: z.optional(z.boolean()),
  /** How many in all, and at most how many of them in one page. */
  users: z.optional(z.int().check(z.minimum(1), z.maximum(LARGEST_PAGE * MOST_PAGES))),
  size: z.optional(z.int().check(z.minimum(1), z.maximum(LARGEST_PAGE))),
});

/** Looks every few minutes whether users are to be fetched; an operator may say `{ "force": true, "users": 500 }`. */
export const job = defineJob({
  id: 'plan-users',
  schedule: 'rate(5 minutes)',
  timeout_s: 60,
  memory_mb: 512,
  grants: [
    'configurations:read',
    'runs:get',
    'runs:write',
    'sources:take',
    'fetch-users:send',
    'users-log:write',
    'run-log:write',
  ],
  input: Input,
  run:
    (deps: PlanUsersDeps | undefined) =>
    async (input: z.infer<typeof Input>, { log, metrics }) => {
      if (!deps) return { run: null, started: false };
      const { run, started, paused } = await planUsers(deps)(input);
      if (paused) log.info('users are not fetched: their source is paused', { source: deps.source.id });
      metrics.add('RunsPlanned', started ? 1 : 0);
      if (run)
        log.info(started ? 'run planned' : 'run under way', { run: run.id, source: run.source, parts: run.parts });
      return { run, started };
    },
  atEnd: (deps) => async () => deps?.runLog.flush(),
});

export const handler = serveJob(job, { settings, deps: planUsersDeps });
