import { NotFound } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { viewCatalog } from '../../catalog/catalog-index.ts';
import { PUBLISHED } from '../../docs/documents.ts';
import { MOST_PAGES, sitemapIndexOf, sitemapOf } from '../../docs/sitemap.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/sitemap.xml',
  auth: 'public',
  grants: ['catalog:list'],
  summary: 'Lists the addresses of the published datasets as a sitemap',
  description:
    'Each with the time of its latest version. The addresses themselves need a token. A catalog of more than 20,000 datasets is an index of sitemaps, one for each `page`.',
  examples: [{ summary: 'The sitemap', path: '/sitemap.xml' }],
  request: () => ({ query: z.object({ page: z.optional(z.int().check(z.minimum(1), z.maximum(2500))) }) }),
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async ({ query: { page }, address }) => {
      const published = (await viewCatalog(catalog)).entries.filter(({ latest }) => latest !== null);
      const sitemaps = Math.max(1, Math.ceil(published.length / MOST_PAGES));
      if (page !== undefined && page > sitemaps)
        throw new NotFound(`There is no page ${page} of the sitemap; the last is ${sitemaps}.`);
      const from = ((page ?? 1) - 1) * MOST_PAGES;
      const pages = published.slice(from, from + MOST_PAGES).map(({ id, updated_at }) => ({
        address: `${address}/v1/datasets/${id}`,
        modified: updated_at,
      }));
      const isIndex = page === undefined && sitemaps > 1;
      const numbered = Array.from({ length: sitemaps }, (_, at) => `${address}/sitemap.xml?page=${at + 1}`);
      return reply({
        // Not application/xml: openapi-python-client leaves out answers of that type.
        headers: { 'Content-Type': 'text/xml; charset=utf-8' },
        body: isIndex ? sitemapIndexOf(numbered) : sitemapOf(pages),
        cache_control: PUBLISHED,
      });
    },
});
