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
  summary: 'Publishes an earlier version again, as the next version',
  description:
    'Use it when the later versions are wrong. The content of the earlier version becomes the next version, which is the response; its `restores` names the earlier one. History only grows, so readers of a fixed version or time are not affected. The files of the versions in between are not published again. Repeating the call changes nothing while its result is the latest. The answer is 409 for the latest version, and for a held or rejected one.',
  examples: [{ summary: 'Version 1 of a dataset', path: '/v1/admin/datasets/{restored}/versions/1/restore' }],
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
