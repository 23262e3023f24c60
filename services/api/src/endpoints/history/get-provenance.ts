import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { jsonText } from '../../history/json-text.ts';
import { findDataset, findVersion, versionNumber } from '../../versions/find-version.ts';

/** Raised when the same row is answered otherwise: clients then see another ETag. */
const WRITER = 1;

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/provenance',
  auth: 'cognito',
  grants: ['catalog:read', 'data:read', 'quarantine:read', 'raw:read'],
  summary: 'Where a row comes from: the file, its hash, the line as it stands there, and the cells of each column',
  description:
    '`row` is `column:value,column:value` (a value with a comma, a quote or nothing in it in double quotes, null as `null`), such as `at` of /diff gives; `line:12` for all rows of a line; or a number: the row of the table, from 1. `column` narrows the cells to those of one column.',
  examples: [{ summary: 'A figure', path: '/v1/datasets/{dataset}/provenance?row=line:3,year:1970&column=quantity' }],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    query: z.object({
      row: z.string().check(z.minLength(1), z.maxLength(4000)),
      version: z.optional(z.int().check(z.minimum(1), z.maximum(999_999))),
      column: z.optional(z.string().check(z.maxLength(128))),
    }),
  }),
  run:
    ({ catalog, objects }: { catalog: CatalogReader; objects: Pick<ObjectReader, 'get' | 'getRange'> }) =>
    async ({ path: { id }, query: { row, version: asked, column } }) => {
      const version = await findVersion(catalog, id, await versionNumber(catalog, id, asked));
      return reply({
        etag: `${id}@${version.version}-${Date.parse(version.published_at).toString(36)}.${WRITER}`,
        ...(asked !== undefined && { cache_control: 'private, max-age=31536000, immutable' }),
        headers: { 'Content-Type': 'application/json' },
        body: async () => {
          const { traceRow } = await import('../../history/trace-row.ts');
          const { source: from } = await findDataset(catalog, id);
          return jsonText(await traceRow(objects, version, { from, reference: row, column }));
        },
      });
    },
});
