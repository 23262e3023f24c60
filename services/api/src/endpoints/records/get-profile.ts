import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { sendable } from '../../exports/sendable.ts';
import { profileOfVersion } from '../../profiles/profile-of-version.ts';
import { findVersion, versionNumber } from '../../versions/find-version.ts';

/** Raised when the same version is profiled otherwise. */
const FORM = 1;

type ProfileDeps = { catalog: CatalogReader; objects: Pick<ObjectReader, 'get' | 'getRange'> };

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/profile',
  auth: 'cognito',
  grants: ['catalog:read', 'profiles:read', 'data:read'],
  summary: 'Gets the profile of a version: what each column holds',
  description:
    'For each column: nulls, distinct values, smallest, largest and mean value, the most frequent values with their counts, and the format that every value has (e-mail, URL, UUID, country code, postal code, latitude, longitude, year, words for yes and no). ' +
    'It is made when the version is published. Columns about persons, such as e-mail addresses, show no single values. docs/query.md has the details.',
  examples: [{ summary: 'The profile of a dataset', path: '/v1/datasets/{dataset}/profile' }],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    query: z.object({ version: z.optional(z.int().check(z.minimum(1), z.maximum(999_999))) }),
  }),
  run:
    ({ catalog, objects }: ProfileDeps) =>
    async ({ path: { id }, query: { version: asked }, caller }) => {
      const version = await findVersion(catalog, id, await versionNumber(catalog, id, asked), caller);
      const at = Date.parse(version.published_at).toString(36);
      const named = `{"dataset":${JSON.stringify(id)},"version":${version.version},`;
      return reply({
        etag: `${id}@${version.version}-profile${FORM}-${at}`,
        unmeasured: true,
        ...(asked === undefined ? {} : { cache_control: 'private, max-age=31536000, immutable' }),
        headers: { 'Content-Type': 'application/json' },
        body: async () => sendable(Buffer.from(named + (await profileOfVersion(objects, version)).slice(1))),
      });
    },
});
