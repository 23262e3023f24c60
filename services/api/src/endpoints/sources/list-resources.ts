import { RESOURCE_STATES, type ResourceRecord } from '@granary/domain/resource-record';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../../paging/cursor.ts';
import { isPlaceOfResource, type PlaceOfResource, sourceIds } from '../../sources/place-of-resource.ts';
import { publicResources } from '../../sources/public-resource.ts';
import type { SourcesDeps } from '../../sources/sources-deps.ts';

/** Reads of a page of the list: with few that fit, it is short, or empty, and goes on all the same. */
const MOST_READS = 20;

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/resources',
  auth: 'cognito',
  grants: ['configurations:list', 'configurations:read', 'records:read'],
  summary: 'Lists resources: what became of each, and why',
  description:
    'A resource is a file, or a page, that a source has: of a portal, all that it lists. `state` is `published` (its tables have new versions), `unchanged`, `refused` (nothing of it can be read, or it may not be asked for), `excluded` (it is not to be fetched), `failing` (it could not be had, and is tried again at `retry_at`), `gone` (its source lists it no more; what was published stays), or `listed` (not looked at yet). `reason` says why. A page may be short, or empty, and have a `next` all the same.',
  examples: [
    { summary: 'Resources of all sources', path: '/v1/resources?limit=5' },
    { summary: 'Those of a source that were refused', path: '/v1/resources?source={source}&state=refused' },
  ],
  request: () => ({
    query: z.object({
      source: z.optional(z.string().check(z.regex(/^[a-z][a-z0-9_]*$/), z.maxLength(64))),
      state: z.optional(z.enum(RESOURCE_STATES)),
      host: z.optional(z.string().check(z.minLength(1), z.maxLength(300))),
      limit: z._default(z.int().check(z.minimum(1), z.maximum(200)), 50),
      cursor: z.optional(z.string().check(z.maxLength(2000))),
    }),
  }),
  run:
    ({ sources, resources }: SourcesDeps) =>
    async ({ query: { source: only, state, host, limit, cursor } }) => {
      const ids = await sourceIds(sources, only);
      let place: PlaceOfResource | undefined = cursor === undefined ? undefined : readCursor(cursor, isPlaceOfResource);
      place ??= ids[0] === undefined ? undefined : { source: ids[0] };
      let records: readonly ResourceRecord[] = [];
      for (let reads = 0; place && records.length === 0 && reads < MOST_READS; reads++) {
        const { source, after } = place as PlaceOfResource;
        const page = await resources.listRecords(source, { limit, state, host, ...(after && { after }) });
        records = page.records;
        const following = ids.find((id) => id > source);
        place = page.next ? { source, after: page.next } : following === undefined ? undefined : { source: following };
      }
      const items = await publicResources(resources, records);
      return reply({ cache_control: 'no-store', body: { items, next: place ? writeCursor(place) : null } });
    },
});
