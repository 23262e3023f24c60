import { PART_QUEUES } from '@granary/domain/messages/part';
import type { Clock } from '@granary/domain/ports/collecting';
import type { DeadLetters } from '@granary/domain/ports/dead-letters';
import { redriveDeadLetters } from '@granary/domain/use-cases/dead-letters/redrive-dead-letters';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';

/** So many are received, sent and deleted long before API Gateway stops waiting. */
const MOST = 2000;

export const endpoint = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/dead-letters/redrive',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['dead-letters:read', 'dead-letters:redrive'],
  summary: 'Sends dead letters back to their queues',
  description:
    'Sends all of them, those of one queue, or those with the given ids. `per_second` limits the rate. `left` is the approximate number of dead letters that remain. A message that now succeeds updates the run that it came from.',
  examples: [{ summary: 'All of one queue', path: '/v1/admin/dead-letters/redrive', body: { queue: 'collect' } }],
  request: () => ({
    body: z._default(
      z.strictObject({
        queue: z.optional(z.enum(PART_QUEUES)),
        ids: z.optional(
          z.array(z.string().check(z.minLength(1), z.maxLength(128))).check(z.minLength(1), z.maxLength(500)),
        ),
        per_second: z._default(z.int().check(z.minimum(1), z.maximum(100)), 10),
        limit: z._default(z.int().check(z.minimum(1), z.maximum(MOST)), 1000),
      }),
      { per_second: 10, limit: 1000 },
    ),
  }),
  run:
    (deps: { letters: DeadLetters; clock: Clock }) =>
    async ({ body, caller, log }) => {
      const { redriven, not_found, left } = await redriveDeadLetters(deps)(body);
      log.info('dead letters redriven', { redriven: redriven.length, left, by: caller?.sub });
      return reply({ cache_control: 'no-store', body: { redriven, not_found, left } });
    },
});
