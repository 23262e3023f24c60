import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { FRESHNESS, STATES } from '../../catalog/facets-of.ts';
import { type SearchDeps, SORTS, searchDatasets } from '../../catalog/search-datasets.ts';

const word = () => z.optional(z.string().check(z.maxLength(200)));

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets',
  auth: 'cognito',
  grants: ['catalog:list', 'catalog:page'],
  summary: 'Lists the catalog: datasets, with search, filters and facets',
  description:
    '`q` finds datasets that have each of its words, or one that begins so, in their title, id, theme, tags, publisher, columns or description. Case and accents are ignored, in Arabic too. The best match comes first: a word of the title counts most, one of the description least. Without `q` the list is in order of id. ' +
    'A facet counts the datasets that each of its values would select, and lists the 100 most frequent.',
  examples: [
    { summary: 'Everything about wine', path: '/v1/datasets?q=vinho&theme=agriculture' },
    { summary: 'The newest first', path: '/v1/datasets?sort=-updated_at&limit=10' },
  ],
  request: () => ({
    query: z.object({
      q: word(),
      theme: word(),
      tag: word(),
      publisher: word(),
      licence: word(),
      format: word(),
      source: word(),
      state: z.optional(z.enum(STATES)),
      freshness: z.optional(z.enum(FRESHNESS)),
      covers: z.optional(z.string().check(z.regex(/^\d{4}(-\d{4})?$/))),
      sort: z.optional(z.enum(SORTS)),
      limit: z._default(z.int().check(z.minimum(1), z.maximum(1000)), 100),
      cursor: z.optional(z.string().check(z.maxLength(1000))),
    }),
  }),
  run: (deps: SearchDeps) => {
    const search = searchDatasets(deps);
    return ({ query }) => search(query);
  },
});
