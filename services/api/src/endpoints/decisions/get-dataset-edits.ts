import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { answerEdits } from '../../catalog/public-edits.ts';
import { findDataset } from '../../versions/find-version.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/datasets/{id}',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['catalog:read'],
  summary: 'Describes the edits of a dataset: what people say in place of its source',
  description:
    'The ETag is the revision: send it in If-Match when you edit. `source` is what the source says of what was edited.',
  examples: [{ summary: 'The edits of a dataset', path: '/v1/admin/datasets/{dataset}' }],
  request: () => ({ path: z.object({ id: z.string().check(z.maxLength(128)) }) }),
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async ({ path: { id } }) =>
      answerEdits(await findDataset(catalog, id)),
});
