import { Conflict } from '@granary/domain/errors';
import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { existing } from '@granary/domain/use-cases/sources/edit-source';
import { refuseInactive } from '@granary/domain/use-cases/sources/known-sources';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { startedRunReply } from '../../catalog/started-run-reply.ts';
import { type SourcesDeps, sourcePath } from '../../sources/sources-deps.ts';

export const endpoint = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/sources/{id}/collect',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['configurations:read', 'catalog:describe', 'runs:get', 'runs:write', 'sources:take', 'collect:send'],
  summary: 'Collects a source now, whether it is due or not',
  description:
    'The response is the run, which continues in the background; Location is its address. Only one run of a source works at a time: while one is running, the response is that run. The answer is 409 for a source that is paused or deleted, or not collected on this stage, and for the source of users (`POST /fetch-data`). A portal of which more than a fifth of the resources are gone in one run has none of them marked, until an operator says so by `accept_gone=true`.',
  examples: [{ summary: 'A source', path: '/v1/admin/sources/{source}/collect' }],
  request: () => ({
    path: sourcePath(),
    query: z.object({
      accept_gone: z.optional(z.enum(['true', 'false'])),
    }),
  }),
  run: (deps: SourcesDeps) => {
    const plan = planCollection(deps.plan);
    return async ({ path: { id }, query: { accept_gone }, caller, log }) => {
      const source = await existing(deps, id);
      refuseInactive(source);
      if (id === deps.users)
        throw new Conflict(`The source '${id}' is the one of users, which are fetched by POST /fetch-data.`);
      const { runs } = await plan({ force: true, sources: [id], accept_gone: accept_gone === 'true' });
      const run = runs[0]!;
      log.info('collection asked for', { source: id, run: run.id, by: caller?.sub });
      return startedRunReply(run);
    };
  },
});
