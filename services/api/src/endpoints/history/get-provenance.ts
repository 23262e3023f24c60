import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import type { SourceReader } from '@granary/domain/ports/source-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { jsonText } from '../../history/json-text.ts';
import { findDataset, findVersion, versionNumber } from '../../versions/find-version.ts';

/** Raised when the same row is answered otherwise: clients then see another ETag. */
const WRITER = 1;

type ProvenanceDeps = {
  catalog: CatalogReader;
  configurations: Pick<SourceReader, 'getSource'>;
  objects: Pick<ObjectReader, 'get' | 'getRange'>;
};

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/provenance',
  auth: 'cognito',
  grants: ['configurations:read', 'catalog:read', 'data:read', 'quarantine:read', 'raw:read'],
  summary: 'Traces a row to its origin: the file, its hash, the line, and the cells of each column',
  description:
    '`row` is `column:value,column:value`, as in `at` of /diff; `line:12` for all rows of a line; or the number of the row in the table, from 1. Put a value in double quotes when it is empty or has a comma or a quote; write null as `null`. `column` limits the cells to one column.',
  examples: [
    {
      summary: 'The origin of a figure',
      path: '/v1/datasets/{dataset}/provenance?row=line:3,year:1970&column=quantity',
    },
  ],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    query: z.object({
      row: z.string().check(z.minLength(1), z.maxLength(4000)),
      version: z.optional(z.int().check(z.minimum(1), z.maximum(999_999))),
      column: z.optional(z.string().check(z.maxLength(128))),
    }),
  }),
  run:
    ({ catalog, configurations, objects }: ProvenanceDeps) =>
    async ({ path: { id }, query: { row, version: asked, column } }) => {
      const version = await findVersion(catalog, id, await versionNumber(catalog, id, asked));
      return reply({
        etag: `${id}@${version.version}-${Date.parse(version.published_at).toString(36)}.${WRITER}`,
        ...(asked !== undefined && { cache_control: 'private, max-age=31536000, immutable' }),
        headers: { 'Content-Type': 'application/json' },
        body: async () => {
          const { traceRow } = await import('../../history/trace-row.ts');
          const { source: from } = await findDataset(catalog, id);
          return jsonText(await traceRow({ configurations, objects }, version, { from, reference: row, column }));
        },
      });
    },
});
