import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { themesOf } from '../../catalog/datasets-by-theme.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/themes',
  auth: 'cognito',
  grants: ['catalog:list'],
  summary: 'Lists the themes of the published datasets',
  description: 'The names alone. The facets of /v1/datasets count the datasets of each.',
  examples: [{ summary: 'The themes', path: '/themes' }],
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async () => [...(await themesOf(catalog)).keys()],
});
