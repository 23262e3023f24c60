import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import { countDatasets, publicSource } from '../../sources/public-source.ts';
import type { SourcesDeps } from '../../sources/sources-deps.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/sources',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['configurations:list', 'catalog:list'],
  summary: 'Lists the sources, by id',
  description:
    '`shipped` sources are part of the release; `api` sources were put here. Deleted sources stay in the list, with `state` `deleted`. `revision` is 0 for a source that was never edited here. `datasets` is the number of its datasets in the catalog. An edit shows in the list within seconds.',
  examples: [{ summary: 'All sources', path: '/v1/admin/sources' }],
  run:
    ({ sources, catalog }: SourcesDeps) =>
    async () => {
      const [known, datasets] = await Promise.all([sources.list(), catalog.listDatasets()]);
      const counts = countDatasets(datasets);
      const items = known.map((source) => ({ ...publicSource(source), datasets: counts.get(source.id) ?? 0 }));
      return reply({ cache_control: 'no-store', body: { items, next: null } });
    },
});
