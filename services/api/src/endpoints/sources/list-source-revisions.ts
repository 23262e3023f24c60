import { existing } from '@granary/domain/use-cases/sources/edit-source';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../../paging/cursor.ts';
import { type SourcesDeps, sourcePath } from '../../sources/sources-deps.ts';

const isPlace = (place: unknown): place is { before: number } =>
  typeof place === 'object' && place !== null && 'before' in place && Number.isSafeInteger(place.before);

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/sources/{id}/history',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['configurations:read', 'configurations:history'],
  summary: 'Lists the edits of a source, newest first',
  description:
    'Each has the configuration as it then was, which can be put again. `configuration` is null for a source of the release: there, only pausing and resuming are edits. The history stays when the source is deleted.',
  examples: [{ summary: 'The edits of a source', path: '/v1/admin/sources/{source}/history' }],
  // A configuration has 256 kB at most, and an answer 6 MB.
  request: () => ({
    path: sourcePath(),
    query: z.object({
      limit: z._default(z.int().check(z.minimum(1), z.maximum(15)), 10),
      cursor: z.optional(z.string().check(z.maxLength(500))),
    }),
  }),
  run:
    (deps: SourcesDeps) =>
    async ({ path: { id }, query: { limit, cursor } }) => {
      const before = cursor === undefined ? undefined : readCursor(cursor, isPlace).before;
      await existing(deps, id);
      const revisions = await deps.store.listRevisions(id, { limit: limit + 1, before });
      const items = revisions.slice(0, limit).map(({ source: _, ...revision }) => revision);
      const next = revisions.length > limit ? writeCursor({ before: items[limit - 1]!.revision }) : null;
      return reply({ cache_control: 'no-store', body: { items, next } });
    },
});
