import { LARGEST_PAGE, MOST_PAGES } from '@granary/domain/messages/fetch-users';
import { refuseInactive } from '@granary/domain/use-cases/sources/known-sources';
import { type PlanUsersDeps, planUsers } from '@granary/domain/use-cases/users/plan-users';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { startedRunReply } from '../../catalog/started-run-reply.ts';

export const endpoint = defineEndpoint({
  method: 'POST',
  path: '/fetch-data',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['configurations:read', 'runs:get', 'runs:write', 'sources:take', 'fetch-users:send'],
  summary: 'Fetches users now, page by page',
  description: `The response is the run, which continues in the background; Location is its address. Only one fetch runs at a time: while one is running, the response is that run. \`users\` is the number of users (by default that of the schedule), \`size\` the number of users per call (by default ${LARGEST_PAGE}). A run makes at most ${MOST_PAGES} calls. The answer is 409 where no users are collected, or their source is paused.`,
  examples: [{ summary: 'Ten users in one call', path: '/fetch-data', body: { users: 10, size: 10 } }],
  request: () => ({
    body: z._default(
      z.strictObject({
        users: z.optional(z.int().check(z.minimum(1), z.maximum(LARGEST_PAGE * MOST_PAGES))),
        size: z.optional(z.int().check(z.minimum(1), z.maximum(LARGEST_PAGE))),
      }),
      {},
    ),
  }),
  run:
    (deps: { plan: PlanUsersDeps; usersUrl: () => string }) =>
    async ({ body, caller, log }) => {
      // Its workers could only fail.
      deps.usersUrl();
      const { run, started, paused } = await planUsers(deps.plan)({ ...body, force: true });
      if (paused) refuseInactive({ id: deps.plan.source.id, state: 'paused', origin: 'shipped' });
      if (!run) throw new Error('A fetch that was forced was not planned.');
      log.info(started ? 'fetch of users started' : 'fetch of users under way', { run: run.id, by: caller?.sub });
      return startedRunReply(run);
    },
});
