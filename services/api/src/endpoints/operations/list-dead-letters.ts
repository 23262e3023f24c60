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
  summary: 'Lists dead letters: messages that failed three times, with the reason',
  description:
    'They come in no particular order. A message that somebody else lists or redrives at the same moment is hidden. `total` is approximate.',
  examples: [{ summary: 'The dead letters of all queues', path: '/v1/admin/dead-letters' }],
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
