import { type DecideDeps, releaseVersion } from '@granary/domain/use-cases/publish/decide-version';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { decide } from '../../versions/decide.ts';

export const endpoint = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/datasets/{id}/versions/{n}/release',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['versions:decide', 'versions:follow'],
  summary: 'Publishes a held version',
  description:
    'The version becomes the latest, as if it had been published at once, and records who released it. Repeating the call changes nothing. The answer is 409 when the version was rejected, was never held, or is now older than the latest.',
  examples: [{ summary: 'Version 3 of a dataset', path: '/v1/admin/datasets/{released}/versions/3/release' }],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)), n: z.int().check(z.minimum(1), z.maximum(999_999)) }),
  }),
  run: (deps: DecideDeps) => {
    const release = releaseVersion(deps);
    return async ({ path: { id, n }, caller, log }) => {
      const body = await decide(release, { id, n, caller, log }, 'released');
      return reply({ cache_control: 'no-store', body });
    };
  },
});
