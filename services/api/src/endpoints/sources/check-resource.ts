import { startCheck } from '@granary/domain/use-cases/collect/start-check';
import { existing } from '@granary/domain/use-cases/sources/edit-source';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { startedRunReply } from '../../catalog/started-run-reply.ts';
import { findResource, resourcePath } from '../../sources/public-resource.ts';
import type { SourcesDeps } from '../../sources/sources-deps.ts';

export const endpoint = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/resources/{id}/check',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['configurations:read', 'records:read', 'runs:get', 'runs:write', 'sources:take', 'collect:send'],
  summary: 'Looks at a resource now',
  description:
    'The response is a run of this resource alone, which continues in the background; Location is its address. While one is running, the response is that run. A resource that waits for being tried again is tried at once. The answer is 409 for one that is excluded, gone, or fetched by the address of another one (`same_as`).',
  request: () => ({ path: resourcePath() }),
  run: (deps: SourcesDeps) => {
    const start = startCheck(deps.plan);
    return async ({ path: { id }, caller, log }) => {
      const record = await findResource(deps.resources, id);
      const run = await start(await existing(deps, record.source), record);
      log.info('check asked for', { source: record.source, resource: record.id, run: run.id, by: caller?.sub });
      return startedRunReply(run);
    };
  },
});
