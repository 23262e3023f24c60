import { PART_QUEUES } from '@granary/domain/messages/part';
import type { DeadLetters } from '@granary/domain/ports/dead-letters';
import type { RunStore } from '@granary/domain/ports/run-store';
import { listDeadLetters } from '@granary/domain/use-cases/dead-letters/list-dead-letters';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/dead-letters',
  auth: 'cognito',
  groups: ['operators'],
  grants: ['dead-letters:read', 'runs:get'],
  summary: 'Messages that failed for the last time: what, why, when and how often',
  description:
    'In no order, since a queue has none. Whoever else looks or redrives at this very moment hides what they look at; `total` is about how many there are.',
  examples: [{ summary: 'Of all queues', path: '/v1/admin/dead-letters' }],
  request: () => ({
    query: z.object({
      queue: z.optional(z.enum(PART_QUEUES)),
      limit: z._default(z.int().check(z.minimum(1), z.maximum(500)), 100),
    }),
  }),
  run:
    (deps: { letters: DeadLetters; runs: Pick<RunStore, 'failuresOf'> }) =>
    async ({ query }) => {
      const { items, total } = await listDeadLetters(deps)(query);
      return reply({ cache_control: 'no-store', body: { items, next: null, total } });
    },
});
