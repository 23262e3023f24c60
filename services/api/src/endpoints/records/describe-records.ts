import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import { rootDescription } from '../../records/root-description.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/records',
  aliases: ['/rest/v1'],
  auth: 'cognito',
  grants: ['catalog:list'],
  summary: 'The datasets that have rows, as PostgREST describes its tables',
  description:
    'Swagger 2.0: a path and a definition for each dataset that is published, with its columns and their types. What else there is to ask is in /openapi.json.',
  examples: [{ summary: 'All of them', path: '/v1/records' }],
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async () =>
      reply({
        headers: { 'Content-Type': 'application/openapi+json; charset=utf-8' },
        body: rootDescription(await catalog.listDatasets()),
      }),
});
