import { announceLeft } from '@granary/domain/use-cases/runs/announce-ended';
import { sweepRuns } from '@granary/domain/use-cases/runs/sweep-runs';
import { stopOverdueQueries } from '@granary/domain/use-cases/sql/stop-overdue-queries';
import { defineJob } from '@granary/runtime/job';
import { serveJob } from '@granary/runtime/serve-job';
import { settings, sweepDeps } from '../deps.ts';

/**
 * Ends runs that show no sign of life any more, says of users' runs that they have ended where their worker died before
 * it did, and stops queries in SQL that run too long, which nobody may be asking about any more.
 */
export const job = defineJob({
  id: 'sweep',
  schedule: 'rate(1 minute)',
  timeout_s: 29,
  memory_mb: 256,
  grants: ['runs:read', 'runs:update', 'sources:list', 'users-log:write', 'sql:stop'],
  run:
    (deps: ReturnType<typeof sweepDeps>) =>
    async (_: unknown, { log, metrics }) => {
      const closed = await sweepRuns(deps)();
      metrics.add('RunsSwept', closed.length);
      for (const run of closed) log.warn('run closed: its lease was over', { run });
      const announced = await announceLeft(deps)();
      for (const run of announced) log.info('run announced', { run });
      try {
        const stopped = await stopOverdueQueries(deps)();
        for (const query of stopped) log.warn('query stopped: it ran too long', { query });
      } catch (error) {
        // Runs are ended whether or not the engine of SQL can be asked; it is asked again in a minute.
        log.error('queries that run too long were not stopped', { error });
      }
      return { closed, announced };
    },
});

export const handler = serveJob(job, { settings, deps: sweepDeps });
