import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import { dcatOf } from '../../docs/dcat.ts';
import { PUBLISHED } from '../../docs/documents.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/catalog.jsonld',
  auth: 'public',
  grants: ['catalog:list'],
  summary: 'Gets the catalog as DCAT 3',
  description: 'The list of datasets, for harvesters. The data itself needs a token.',
  examples: [{ summary: 'The catalog', path: '/catalog.jsonld' }],
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async () =>
      reply({
        headers: { 'Content-Type': 'application/ld+json' },
        body: dcatOf(await catalog.listDatasets()),
        cache_control: PUBLISHED,
      }),
});
