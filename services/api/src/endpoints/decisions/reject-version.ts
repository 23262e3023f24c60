import { type DecideDeps, rejectVersion } from '@granary/domain/use-cases/publish/decide-version';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { decide } from '../../versions/decide.ts';

export const endpoint = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/datasets/{id}/versions/{n}/reject',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['versions:decide'],
  summary: 'Rejects a held version',
  description:
    'The version stays stored and is never published. The same file is not published either when the source sends it again. The version records who rejected it. Repeating the call changes nothing. A published version answers 409.',
  examples: [{ summary: 'Version 3 of a dataset', path: '/v1/admin/datasets/{rejected}/versions/3/reject' }],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)), n: z.int().check(z.minimum(1), z.maximum(999_999)) }),
  }),
  run: (deps: DecideDeps) => {
    const reject = rejectVersion(deps);
    return async ({ path: { id, n }, caller, log }) => {
      const body = await decide(reject, { id, n, caller, log }, 'rejected');
      return reply({ cache_control: 'no-store', body });
    };
  },
});
