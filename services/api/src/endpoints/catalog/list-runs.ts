import type { RunReader } from '@granary/domain/ports/run-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { publicRun } from '../../catalog/public-run.ts';
import { readCursor, writeCursor } from '../../paging/cursor.ts';

const isPlace = (place: unknown): place is { before: string } =>
  typeof place === 'object' &&
  place !== null &&
  'before' in place &&
  typeof place.before === 'string' &&
  place.before !== '';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/runs',
  auth: 'cognito',
  grants: ['runs:read'],
  summary: 'Lists runs, newest first',
  description: 'Runs of the last 400 days. A version outlives the run that published it.',
  examples: [{ summary: 'The last five fetches of users', path: '/v1/runs?kind=users&limit=5' }],
  request: () => ({
    query: z.object({
      kind: z.optional(z.enum(['collect', 'users'])),
      limit: z._default(z.int().check(z.minimum(1), z.maximum(100)), 20),
      cursor: z.optional(z.string().check(z.maxLength(1000))),
    }),
  }),
  run:
    ({ runs }: { runs: RunReader }) =>
    async ({ query: { kind, limit, cursor } }) => {
      const before = cursor === undefined ? undefined : readCursor(cursor, isPlace).before;
      const page = await runs.listRuns({ kind, limit, before });
      return { items: page.runs.map(publicRun), next: page.next && writeCursor({ before: page.next }) };
    },
});
