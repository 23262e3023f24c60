import { Forbidden } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../../paging/cursor.ts';
import { findDataset, publicVersion } from '../../versions/find-version.ts';

const isPlace = (place: unknown): place is { before: number } =>
  typeof place === 'object' && place !== null && 'before' in place && Number.isSafeInteger(place.before);

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/versions',
  auth: 'cognito',
  grants: ['catalog:read', 'catalog:versions'],
  summary: 'Lists the published versions of a dataset, newest first',
  description:
    'Operators can list held versions with `state=held` and rejected ones with `state=rejected`; those lists have one page.',
  examples: [{ summary: 'The versions of a dataset', path: '/v1/datasets/{dataset}/versions' }],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    query: z.object({
      limit: z._default(z.int().check(z.minimum(1), z.maximum(100)), 20),
      state: z._default(z.enum(['published', 'held', 'rejected']), 'published'),
      cursor: z.optional(z.string().check(z.maxLength(500))),
    }),
  }),
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async ({ path: { id }, query: { limit, state, cursor }, caller }) => {
      const before = cursor === undefined ? undefined : readCursor(cursor, isPlace).before;
      await findDataset(catalog, id);
      if (state !== 'published') {
        if (!caller?.groups.includes('operators'))
          throw new Forbidden('Versions that are held or were rejected are for operators.');
        const withheld = await catalog.listWithheld(id);
        const items = withheld.filter((version) => version.state === state);
        return { items: items.map((version) => publicVersion(version, caller)), next: null };
      }
      // One more than asked for tells whether there is a next page.
      const versions = await catalog.listVersions(id, { limit: limit + 1, before });
      const items = versions.slice(0, limit);
      const next = versions.length > limit ? writeCursor({ before: items[limit - 1].version }) : null;
      return { items: items.map((version) => publicVersion(version, caller)), next };
    },
});
