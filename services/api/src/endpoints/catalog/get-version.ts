import type { CatalogReader } from '@granary/domain/ports/catalog';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { findWritten, publicVersion } from '../../versions/find-version.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/versions/{n}',
  auth: 'cognito',
  grants: ['catalog:read'],
  summary: 'Gets a version: its counts, files with hashes, dialect and provenance',
  description: 'Operators also see held and rejected versions, with the reasons.',
  examples: [{ summary: 'The first version', path: '/v1/datasets/{dataset}/versions/1' }],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)), n: z.int().check(z.minimum(1), z.maximum(999_999)) }),
  }),
  run:
    ({ catalog }: { catalog: CatalogReader }) =>
    async ({ path: { id, n }, caller }) =>
      publicVersion(await findWritten(catalog, id, n, caller), caller),
});
