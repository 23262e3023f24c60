import { type PlanDeps, type PlanInput, planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { defineJob } from '@granary/runtime/job';
import { serveJob } from '@granary/runtime/serve-job';
import * as z from 'zod/mini';
import { planDeps, settings } from '../deps.ts';

/** Looks every few minutes which sources are due; an operator may say `{ "force": true, "sources": ["id"] }`. */
export const job = defineJob({
  id: 'plan',
  schedule: 'rate(5 minutes)',
  timeout_s: 60,
  memory_mb: 512,
  grants: [
    'configurations:read',
    'configurations:list',
    'catalog:describe',
    'runs:get',
    'runs:write',
    'sources:take',
    'collect:send',
  ],
  input: z.strictObject({ force: z.optional(z.boolean()), sources: z.optional(z.array(z.string())) }),
  run:
    (deps: PlanDeps) =>
    async (input: PlanInput, { log, metrics }) => {
      const plan = await planCollection(deps)(input);
      metrics.add('RunsPlanned', plan.runs.length);
      for (const { id, source, parts } of plan.runs) log.info('run planned', { run: id, source, parts });
      return plan;
    },
});

export const handler = serveJob(job, { settings, deps: planDeps });
