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
  summary: 'Describes the published datasets as PostgREST describes its tables',
  description:
    'A Swagger 2.0 document with a path and a definition for each published dataset, with its columns and their types. /openapi.json describes the rest of the API.',
  examples: [{ summary: 'All datasets', path: '/v1/records' }],
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async () =>
      reply({
        headers: { 'Content-Type': 'application/openapi+json; charset=utf-8' },
        body: rootDescription(await catalog.listDatasets()),
      }),
});
