import { NotFound } from '@granary/domain/errors';
import type { RunReader } from '@granary/domain/ports/run-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { publicRun } from '../../catalog/public-run.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/runs/{id}',
  auth: 'cognito',
  grants: ['runs:read'],
  summary: 'Gets a run: its state, counts, versions and errors',
  examples: [{ summary: 'The latest run', path: '/v1/runs/{id}' }],
  request: () => ({ path: z.object({ id: z.string().check(z.maxLength(128)) }) }),
  run:
    ({ runs }: { runs: RunReader }) =>
    async ({ path: { id } }) => {
      const run = await runs.getRun(id);
      if (!run) throw new NotFound(`There is no run '${id}'; the latest are listed at /v1/runs.`);
      return publicRun(run);
    },
});
