import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { publicDataset } from '../../catalog/public-dataset.ts';
import { findDataset, heldVersions } from '../../versions/find-version.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}',
  auth: 'cognito',
  grants: ['catalog:read', 'catalog:versions'],
  summary: 'Gets a dataset: its description, fields and latest version',
  description: '`held` names newer versions that are held until an operator has decided about them.',
  examples: [{ summary: 'A dataset', path: '/v1/datasets/{dataset}' }],
  request: () => ({ path: z.object({ id: z.string().check(z.maxLength(128)) }) }),
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async ({ path: { id }, caller }) => {
      const [dataset, withheld] = await Promise.all([findDataset(catalog, id), catalog.listWithheld(id)]);
      return { ...publicDataset(dataset), held: heldVersions(dataset, withheld, caller) };
    },
});
