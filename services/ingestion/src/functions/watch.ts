import { type WatchDeps, watchSources } from '@granary/domain/use-cases/collect/watch-sources';
import { defineJob } from '@granary/runtime/job';
import { serveJob } from '@granary/runtime/serve-job';
import { settings, watchDeps } from '../deps.ts';

/**
 * Looks how fresh each dataset is and how each source's runs end. One line for each, which Logs Insights is asked
 * about; what alarms need is counted: a metric for each dataset would be billed for each dataset.
 */
export const job = defineJob({
  id: 'watch',
  schedule: 'rate(15 minutes)',
  timeout_s: 29,
  memory_mb: 256,
  grants: ['configurations:list', 'catalog:list', 'runs:list'],
  run:
    (deps: WatchDeps) =>
    async (_: unknown, { log, metrics }) => {
      const { freshness, health } = await watchSources(deps)();
      for (const about of freshness) log[about.overdue ? 'warn' : 'info']('freshness', about);
      for (const about of health) log[about.failed_runs > 0 ? 'warn' : 'info']('source health', about);
      const overdue = freshness.filter((one) => one.overdue);
      const failing = health.filter((one) => one.failed_runs > 0);
      metrics.add('DatasetsOverdue', overdue.length);
      metrics.add('SourcesFailing', failing.length);
      return { overdue: overdue.map(({ dataset }) => dataset), failing: failing.map(({ source }) => source) };
    },
});

export const handler = serveJob(job, { settings, deps: watchDeps });
