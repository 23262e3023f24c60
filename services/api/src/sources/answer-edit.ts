import type { KnownSource } from '@granary/domain/use-cases/sources/known-sources';
import { type Reply, reply } from '@granary/runtime/http/reply';
import { publicSource } from './public-source.ts';

/** A source as it stands after an edit; its ETag is for the next one. */
export const answerEdit = (source: KnownSource, status: 200 | 201 = 200): Reply =>
  reply({
    status,
    headers: {
      ETag: `"${source.revision}"`,
      ...(status === 201 && { Location: `/v1/admin/sources/${source.id}` }),
    },
    cache_control: 'no-store',
    body: publicSource(source),
  });
