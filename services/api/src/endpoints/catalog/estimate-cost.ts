import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { type CostDeps, datasetCost } from '../../catalog/dataset-cost.ts';
import { findDataset } from '../../versions/find-version.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/cost',
  auth: 'cognito',
  // Sizes tell of versions that are held, of which operators alone may know.
  groups: ['operators'],
  grants: ['catalog:read', 'catalog:versions', 'runs:list'],
  summary: 'Estimates what a dataset costs a month',
  description:
    'Counts what is stored and the runs of the last 30 days, at list prices. The response names the date and region of the prices and lists its assumptions. Use it to compare datasets; it is not a bill.',
  examples: [{ summary: 'One of them', path: '/v1/datasets/{dataset}/cost' }],
  request: () => ({ path: z.object({ id: z.string().check(z.maxLength(128)) }) }),
  run:
    (deps: CostDeps) =>
    async ({ path }) =>
      datasetCost(deps, await findDataset(deps.catalog, path.id)),
});
