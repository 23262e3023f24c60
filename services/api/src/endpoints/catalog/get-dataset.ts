import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { publicDataset } from '../../catalog/public-dataset.ts';
import { findDataset } from '../../versions/find-version.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}',
  auth: 'cognito',
  grants: ['catalog:read'],
  summary: 'Gets a dataset: its description, fields and latest version',
  examples: [{ summary: 'A dataset', path: '/v1/datasets/{dataset}' }],
  request: () => ({ path: z.object({ id: z.string().check(z.maxLength(128)) }) }),
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async ({ path }) =>
      publicDataset(await findDataset(catalog, path.id)),
});
