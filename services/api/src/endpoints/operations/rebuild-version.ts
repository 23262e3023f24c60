import { type StartReplayDeps, startReplay } from '@granary/domain/use-cases/collect/start-replay';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { startedRunReply } from '../../catalog/started-run-reply.ts';

export const endpoint = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/rebuild',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['catalog:read', 'runs:get', 'runs:write', 'sources:take', 'collect:send'],
  summary: 'Proves that a version comes out of its stored bytes as it was published',
  description:
    'The file that the version was made of is read again by the present parser and contract, and nothing is published. The answer is the run: it succeeds (`unchanged`) if the tables are the same to the byte, and fails with the first difference (`errors`) if not (the one that is under way already, if there is one).',
  examples: [{ summary: 'The first version', path: '/v1/admin/rebuild', body: { dataset: '{dataset}', version: 1 } }],
  request: () => ({
    body: z.strictObject({
      dataset: z.string().check(z.minLength(1), z.maxLength(128)),
      version: z.int().check(z.minimum(1), z.maximum(999_999)),
    }),
  }),
  run:
    ({ replay }: { replay: StartReplayDeps }) =>
    async ({ body, caller, log }) => {
      const run = await startReplay(replay)(body);
      log.info('replay started', { run: run.id, ...body, by: caller?.sub });
      return startedRunReply(run);
    },
});
