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
  summary: 'Stops a query in SQL',
  description:
    'The answer is the state that it is in then: it may run for a moment more. A query that has ended stays as it is. Any analyst who has the id may stop it.',
  examples: [{ summary: 'One that may have ended', path: '/v1/query/{id}' }],
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
