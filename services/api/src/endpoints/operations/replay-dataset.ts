import { type StartReplayDeps, startReplay } from '@granary/domain/use-cases/collect/start-replay';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { startedRunReply } from '../../catalog/started-run-reply.ts';

export const endpoint = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/replay',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['catalog:read', 'runs:get', 'runs:write', 'sources:take', 'collect:send'],
  summary: 'Makes a dataset again of the bytes that are stored, without asking its source',
  description:
    "The file of the dataset's newest version is read again by the present parser and contract: rows that were quarantined come back once the cause is mended. A new version is published where something differs, and it is compared with the latest as always. A held version counts as the newest, a rejected one does not. Other tables of the same file are made again with it. The answer is the run, whose end says what came of it (the one that is under way already, if there is one). Not for datasets whose source finds its files on listing pages.",
  examples: [{ summary: 'A dataset', path: '/v1/admin/replay', body: { dataset: '{dataset}' } }],
  request: () => ({
    body: z.strictObject({
      dataset: z.string().check(z.minLength(1), z.maxLength(128)),
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
