import type { KnownSource } from '@granary/domain/use-cases/sources/known-sources';
import { type Reply, reply } from '@granary/runtime/http/reply';
import { countDatasets, publicSource } from './public-source.ts';
import type { SourcesDeps } from './sources-deps.ts';

/** A source as it stands after an edit; its ETag is for the next one. */
export const answerEdit = async (
  { catalog }: Pick<SourcesDeps, 'catalog'>,
  source: KnownSource,
  status: 200 | 201 = 200,
): Promise<Reply> => {
  const datasets = countDatasets(await catalog.listDatasets()).get(source.id) ?? 0;
  return reply({
    status,
    headers: {
      ETag: `"${source.revision}"`,
      ...(status === 201 && { Location: `/v1/admin/sources/${source.id}` }),
    },
    cache_control: 'no-store',
    body: publicSource(source, datasets),
  });
};
