import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import { hasEnded } from '@granary/sql/answers/wait-for-end';
import { QUERY_ID, type SqlDeps } from '@granary/sql/sql-deps';
import * as z from 'zod/mini';
import { unknownQuery } from '../../query/answer-query.ts';

export const endpoint = defineEndpoint({
  method: 'DELETE',
  path: '/v1/query/{id}',
  auth: 'cognito',
  groups: ['analysts'],
  grants: ['catalog:read', 'sql:query'],
  summary: 'Stops an SQL query',
  description:
    'The response is the state of the query, which may run for a moment longer. A query that has ended is not changed. Any analyst who has the id may stop it.',
  examples: [{ summary: 'A query that may have ended', path: '/v1/query/{id}' }],
  request: () => ({ path: z.object({ id: z.string().check(z.regex(QUERY_ID)) }) }),
  run:
    ({ engine }: SqlDeps) =>
    async ({ path: { id }, caller, log }) => {
      let status = await engine.status(id);
      if (!status) throw unknownQuery(id);
      if (!hasEnded(status)) {
        await engine.stop(id);
        status = (await engine.status(id)) ?? status;
        log.info('query stopped', { query: id, by: caller?.sub });
      }
      return reply({ cache_control: 'no-store', body: { id, state: status.state } });
    },
});
