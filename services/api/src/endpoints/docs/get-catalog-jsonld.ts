import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { publishedPage } from '../../catalog/published-page.ts';
import { dcatOf } from '../../docs/dcat.ts';
import { PUBLISHED } from '../../docs/documents.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/catalog.jsonld',
  auth: 'public',
  grants: ['catalog:list', 'catalog:page'],
  summary: 'Gets the catalog as DCAT 3',
  description:
    'The published datasets, for harvesters, page by page: `hydra:next` and the Link `rel="next"` lead on. The data itself needs a token.',
  examples: [{ summary: 'The catalog', path: '/catalog.jsonld' }],
  request: () => ({
    query: z.object({
      // What a page of long descriptions may have, and still be sent.
      limit: z._default(z.int().check(z.minimum(1), z.maximum(200)), 200),
      cursor: z.optional(z.string().check(z.maxLength(500))),
    }),
  }),
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async ({ query }) => {
      const page = await publishedPage(catalog, query);
      const limit = query.limit === 200 ? '' : `&limit=${query.limit}`;
      return reply({
        headers: {
          'Content-Type': 'application/ld+json',
          ...(page.next !== null && { Link: `</catalog.jsonld?cursor=${page.next}${limit}>; rel="next"` }),
        },
        body: dcatOf(page, limit),
        cache_control: PUBLISHED,
      });
    },
});
