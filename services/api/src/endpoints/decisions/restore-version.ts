import type { PublishDeps } from '@granary/domain/use-cases/publish/publish-next';
import { restoreVersion } from '@granary/domain/use-cases/publish/restore-version';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { decide } from '../../versions/decide.ts';

export const endpoint = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/datasets/{id}/versions/{n}/restore',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['versions:decide', 'versions:follow', 'versions:restore'],
  summary: 'Publishes an earlier version again, because those after it are wrong',
  description:
    'What it holds becomes the next version, which is answered and says what it `restores`; history only grows, so that whoever reads a version or a time is not disturbed. The files that the versions between were made of are not published again. Done again while its result is the latest it changes nothing. 409 for the latest, and for one that is held or was rejected.',
  examples: [{ summary: 'The first of a dataset', path: '/v1/admin/datasets/{restored}/versions/1/restore' }],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)), n: z.int().check(z.minimum(1), z.maximum(999_999)) }),
  }),
  run: (deps: PublishDeps) => {
    const restore = restoreVersion(deps);
    return async ({ path: { id, n }, caller, log }) => {
      const body = await decide(restore, { id, n, caller, log }, 'restored');
      return reply({ cache_control: 'no-store', body });
    };
  },
});
