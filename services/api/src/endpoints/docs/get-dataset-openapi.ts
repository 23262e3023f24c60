import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { datasetOpenapi, type OpenapiDocument } from '../../docs/dataset-openapi.ts';
import { findDataset } from '../../versions/find-version.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/openapi.json',
  auth: 'cognito',
  grants: ['catalog:read'],
  summary: 'Describes the routes of one dataset, with its columns, as OpenAPI 3.1',
  examples: [{ summary: 'The document of a dataset', path: '/v1/datasets/{dataset}/openapi.json' }],
  request: () => ({ path: z.object({ id: z.string().check(z.maxLength(128)) }) }),
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async ({ path: { id } }) => {
      const dataset = await findDataset(catalog, id);
      const { default: document } = await import('../../../openapi.json', { with: { type: 'json' } });
      return datasetOpenapi(document as unknown as OpenapiDocument, dataset);
    },
});
