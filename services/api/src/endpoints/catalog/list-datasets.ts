import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { searchDatasets } from '../../catalog/search-datasets.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets',
  auth: 'cognito',
  grants: ['catalog:list'],
  summary: 'Lists the catalog: datasets in order of id, with search, filters and facets',
  description:
    '`q` finds datasets that have every word in their id, title, description or tags. Case and accents are ignored. ' +
    'A facet counts the datasets that each of its values would select.',
  examples: [{ summary: 'Everything about wine', path: '/v1/datasets?q=vinho&theme=agriculture' }],
  request: () => ({
    query: z.object({
      q: z.optional(z.string().check(z.maxLength(200))),
      theme: z.optional(z.string().check(z.maxLength(100))),
      tag: z.optional(z.string().check(z.maxLength(100))),
      limit: z._default(z.int().check(z.minimum(1), z.maximum(1000)), 100),
      cursor: z.optional(z.string().check(z.maxLength(500))),
    }),
  }),
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async ({ query }) =>
      searchDatasets(await catalog.listDatasets(), query),
});
