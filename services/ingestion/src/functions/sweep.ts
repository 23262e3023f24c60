import { announceLeft } from '@granary/domain/use-cases/announce-ended';
import { sweepRuns } from '@granary/domain/use-cases/sweep-runs';
import { defineJob } from '@granary/runtime/job';
import { serveJob } from '@granary/runtime/serve-job';
import { settings, sweepDeps } from '../deps.ts';

/** Ends runs that show no sign of life any more, and says of users' runs that they have ended where their worker died before it did. */
export const job = defineJob({
  id: 'sweep',
  schedule: 'rate(1 minute)',
  timeout_s: 29,
  memory_mb: 256,
  grants: ['runs:read', 'runs:update', 'users-log:write'],
  run:
    (deps: ReturnType<typeof sweepDeps>) =>
    async (_: unknown, { log, metrics }) => {
      const closed = await sweepRuns(deps)();
      metrics.add('RunsSwept', closed.length);
      for (const run of closed) log.warn('run closed: its lease was over', { run });
      const announced = await announceLeft(deps)();
      for (const run of announced) log.info('run announced', { run });
      return { closed, announced };
    },
});

export const handler = serveJob(job, { settings, deps: sweepDeps });
