import { NotFound } from '@granary/domain/errors';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import type { RunReader } from '@granary/domain/ports/run-store';
import { runLogPrefix } from '@granary/domain/rules/keys';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { readRunLog } from '../../catalog/read-run-log.ts';
import { readCursor, writeCursor } from '../../paging/cursor.ts';

type Place = { log: string };
const isPlace = (place: unknown): place is Place =>
  typeof place === 'object' &&
  place !== null &&
  typeof (place as Place).log === 'string' &&
  (place as Place).log !== '';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/runs/{id}/log',
  auth: 'cognito',
  grants: ['runs:get', 'run-log:read'],
  summary: 'Lists the log lines of a run, in time order',
  description:
    'Each invocation of a worker writes its lines as one object when it ends. `limit` counts objects, so the number of lines varies from page to page. With `level`, a page may be empty and still have a `next`.',
  examples: [{ summary: 'The log of the latest run', path: '/v1/runs/{id}/log' }],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    query: z.object({
      level: z.optional(z.enum(['INFO', 'ERROR'])),
      limit: z._default(z.int().check(z.minimum(1), z.maximum(100)), 20),
      cursor: z.optional(z.string().check(z.maxLength(1000))),
    }),
  }),
  run:
    ({ runs, objects }: { runs: RunReader; objects: Pick<ObjectReader, 'get' | 'list'> }) =>
    async ({ path: { id }, query: { level, limit, cursor } }) => {
      const after = cursor === undefined ? '' : readCursor(cursor, isPlace).log;
      const run = await runs.getRun(id);
      if (!run) throw new NotFound(`There is no run '${id}'; the latest are listed at /v1/runs.`);
      const { lines, last } = await readRunLog(objects, runLogPrefix(run.id), { after, limit });
      const items = level === undefined ? lines : lines.filter((line) => line.level === level);
      return { items, next: last === null ? null : writeCursor({ log: last }) };
    },
});
