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
  summary: 'Says of a version that is held that it is wrong',
  description:
    'It stays stored, is never published, and neither is what the source sends as long as it is the same file. Who rejected it is kept with it. Done again it changes nothing; 409 for one that is published.',
  examples: [{ summary: 'The third of a dataset', path: '/v1/admin/datasets/{rejected}/versions/3/reject' }],
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
