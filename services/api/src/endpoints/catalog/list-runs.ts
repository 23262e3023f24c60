import type { RunReader } from '@granary/domain/ports/run-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { publicRun } from '../../public-run.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/runs',
  auth: 'cognito',
  grants: ['runs:read'],
  summary: 'What was collected when, newest first',
  request: {
    query: z.object({
      kind: z.optional(z.enum(['collect', 'users'])),
      limit: z._default(z.int().check(z.minimum(1), z.maximum(100)), 20),
      cursor: z.optional(z.string().check(z.maxLength(1000))),
    }),
  },
  run:
    ({ runs }: { runs: RunReader }) =>
    async ({ query: { kind, limit, cursor } }) => {
      const page = await runs.listRuns({ kind, limit, before: cursor });
      return { items: page.runs.map(publicRun), next: page.next };
    },
});
