import { NotFound } from '@granary/domain/errors';
import { existing } from '@granary/domain/use-cases/sources/edit-source';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import { type SourcesDeps, sourcePath } from '../../sources/sources-deps.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/sources/{id}',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['configurations:read'],
  summary: 'Describes a source: its configuration',
  description:
    'The response is what PUT takes, and its ETag is the revision: send it in If-Match when you change the source. The answer is 404 for a deleted source; its last configuration is in its history.',
  examples: [{ summary: 'A source', path: '/v1/admin/sources/{source}' }],
  request: () => ({ path: sourcePath() }),
  run:
    (deps: SourcesDeps) =>
    async ({ path: { id } }) => {
      const { state, revision, configuration } = await existing(deps, id);
      if (state === 'deleted')
        throw new NotFound(
          `The source '${id}' was deleted. GET /v1/admin/sources/${id}/history has its configurations; PUT with If-None-Match: * creates it again.`,
        );
      return reply({ etag: String(revision), cache_control: 'no-store', body: configuration });
    },
});
