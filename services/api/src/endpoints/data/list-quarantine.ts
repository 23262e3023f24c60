import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../../paging/cursor.ts';
import { ndjsonPage } from '../../paging/ndjson-page.ts';
import { findVersion, versionNumber } from '../../versions/find-version.ts';

type Place = { version: number; offset: number };
const isPlace = (place: unknown): place is Place =>
  typeof place === 'object' &&
  place !== null &&
  Number.isSafeInteger((place as Place).version) &&
  Number.isSafeInteger((place as Place).offset) &&
  (place as Place).offset >= 0;

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/quarantine',
  auth: 'cognito',
  grants: ['catalog:read', 'quarantine:read'],
  summary: 'Lists what was quarantined from a version: line, column, raw text and reason',
  description: 'All pages are of the version that the first page was of.',
  examples: [{ summary: 'The quarantine of a dataset', path: '/v1/datasets/{quarantined}/quarantine' }],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    query: z.object({
      version: z.optional(z.int().check(z.minimum(1), z.maximum(999_999))),
      limit: z._default(z.int().check(z.minimum(1), z.maximum(1000)), 100),
      cursor: z.optional(z.string().check(z.maxLength(500))),
    }),
  }),
  run:
    ({ catalog, objects }: { catalog: CatalogReader; objects: Pick<ObjectReader, 'get'> }) =>
    async ({ path: { id }, query: { version: asked, limit, cursor }, caller }) => {
      const place = cursor === undefined ? undefined : readCursor(cursor, isPlace);
      const number = await versionNumber(catalog, id, place?.version ?? asked);
      const version = await findVersion(catalog, id, number, caller);
      if (version.counts.rows_quarantined === 0) return { version: number, items: [], next: null };
      const key = `${version.prefix}quarantine.ndjson.gz`;
      const gzipped = await objects.get(key);
      if (!gzipped) throw new Error(`The object ${key} of a published version is missing.`);
      const offset = place?.offset ?? 0;
      const { items, more } = await ndjsonPage(gzipped, offset, limit);
      const next = more ? writeCursor({ version: number, offset: offset + limit }) : null;
      return { version: number, items, next };
    },
});
