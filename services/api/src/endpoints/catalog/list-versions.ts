import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../../cursor.ts';
import { findDataset, publicVersion } from '../../find-version.ts';

const isPlace = (place: unknown): place is { before: number } =>
  typeof place === 'object' && place !== null && 'before' in place && Number.isSafeInteger(place.before);

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/versions',
  auth: 'cognito',
  grants: ['catalog:read'],
  summary: 'The published versions of a dataset, newest first',
  examples: [{ summary: 'Of the production of wine', path: '/v1/datasets/embrapa_producao/versions' }],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    query: z.object({
      limit: z._default(z.int().check(z.minimum(1), z.maximum(100)), 20),
      cursor: z.optional(z.string().check(z.maxLength(500))),
    }),
  }),
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async ({ path: { id }, query: { limit, cursor } }) => {
      const before = cursor === undefined ? undefined : readCursor(cursor, isPlace).before;
      await findDataset(catalog, id);
      // One more than asked for tells whether there is a next page.
      const versions = await catalog.listVersions(id, { limit: limit + 1, before });
      const items = versions.slice(0, limit);
      const next = versions.length > limit ? writeCursor({ before: items[limit - 1].version }) : null;
      return { items: items.map(publicVersion), next };
    },
});
