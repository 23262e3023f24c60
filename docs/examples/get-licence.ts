import { NotFound } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/licence',
  auth: 'cognito',
  grants: ['catalog:read'],
  summary: 'The terms of a dataset',
  examples: [{ summary: 'Of a dataset', path: '/v1/datasets/{dataset}/licence' }],
  request: () => ({ path: z.object({ id: z.string() }) }),
  response: () => z.strictObject({ name: z.string(), title: z.string(), path: z.optional(z.string()) }),
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async ({ path }) => {
      const dataset = await catalog.getDataset(path.id);
      if (!dataset) throw new NotFound(`There is no dataset '${path.id}'.`);
      return dataset.licence;
    },
});
