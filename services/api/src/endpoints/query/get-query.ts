import { defineEndpoint } from '@granary/runtime/endpoint';
import { hasEnded, waitForEnd } from '@granary/sql/answers/wait-for-end';
import { QUERY_ID, type SqlDeps } from '@granary/sql/sql-deps';
import * as z from 'zod/mini';
import { redirectParameter } from '../../exports/file-reply.ts';
import { answerQuery, overdue, unknownQuery } from '../../query/answer-query.ts';
import { readPrefer } from '../../query/read-prefer.ts';
import { FORMATS, wantsCsv } from '../../query/wants-csv.ts';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/query/{id}',
  auth: 'cognito',
  groups: ['analysts'],
  grants: ['catalog:read', 'sql:query'],
  summary: 'Gets the result or the state of an SQL query',
  description:
    'It answers as POST /v1/query does: 202 while the query is running. With `Prefer: wait=5` it waits up to 5 seconds for the result. Results are kept for a day. Any analyst who has the id may ask; the id is random, and only the analyst who started the query receives it.',
  examples: [
    { summary: 'Ten rows', path: '/v1/query/{id}?limit=10' },
    { summary: 'The whole result as CSV', path: '/v1/query/{id}?format=csv' },
  ],
  request: () => ({
    path: z.object({ id: z.string().check(z.regex(QUERY_ID)) }),
    query: z.object({
      limit: z._default(z.int().check(z.minimum(1), z.maximum(1000)), 1000),
      cursor: z.optional(z.string().check(z.maxLength(4000))),
      format: z.optional(z.enum(FORMATS)),
      redirect: redirectParameter(),
    }),
  }),
  run: (deps: SqlDeps) => {
    const answer = answerQuery(deps);
    return async ({ path: { id }, query: { limit, cursor, format, redirect }, headers }) => {
      const { wait_s, applied } = readPrefer(headers.prefer, 0);
      let status = await waitForEnd(deps, id, wait_s ?? 0);
      if (!status) throw unknownQuery(id);
      if (!hasEnded(status) && status.duration_ms > deps.limits.seconds * 1000) {
        await deps.engine.stop(id);
        status = (await deps.engine.status(id)) ?? status;
        if (!hasEnded(status)) throw overdue(id, deps.limits);
      }
      const csv = wantsCsv(format, headers.accept);
      return answer(status, { csv, redirect, limit, cursor, applied: applied(hasEnded(status)) });
    };
  },
});
