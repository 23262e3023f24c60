import { defineEndpoint } from '@granary/runtime/endpoint';
import { hasEnded } from '@granary/sql/answers/wait-for-end';
import type { SqlDeps } from '@granary/sql/sql-deps';
import { startQuery } from '@granary/sql/start-query';
import * as z from 'zod/mini';
import { redirectParameter } from '../../exports/file-reply.ts';
import { answerQuery, underWay } from '../../query/answer-query.ts';
import { QUERY_EXAMPLES } from '../../query/query-examples.ts';
import { LONGEST_WAIT_S, readPrefer } from '../../query/read-prefer.ts';
import { FORMATS, wantsCsv } from '../../query/wants-csv.ts';

export const endpoint = defineEndpoint({
  method: 'POST',
  path: '/v1/query',
  auth: 'cognito',
  groups: ['analysts'],
  // catalog:list: the refusal of an unknown table suggests names that are like it.
  grants: ['catalog:read', 'catalog:list', 'sql:query'],
  summary: 'Runs an SQL query over datasets',
  description:
    "`sql` is a single SELECT in Trino's dialect (Athena, engine version 3); docs/sql.md says what is allowed. A table is a dataset id (its latest version) or `<id>_versions` (all versions, with their number in `version`). `:name` stands for a value of `parameters`. " +
    `The response comes when the query has ended. After ${LONGEST_WAIT_S} seconds it is a 202 with the address to ask again. \`Prefer: wait=5\` waits 5 seconds instead; \`Prefer: respond-async\` does not wait. ` +
    '`format=csv` (or Accept: text/csv) redirects to the whole result as the engine wrote it; with `redirect=false` the answer is 200 with its URL. An earlier result of the same query may be reused if no table has changed since; `Cache-Control: no-cache` runs the query again.',
  examples: QUERY_EXAMPLES,
  request: () => ({
    query: z.object({ format: z.optional(z.enum(FORMATS)), redirect: redirectParameter() }),
    body: z.strictObject({
      sql: z.string().check(z.minLength(1), z.maxLength(20_000)),
      parameters: z._default(
        z.record(z.string(), z.union([z.string().check(z.maxLength(10_000)), z.number(), z.boolean(), z.null()])),
        {},
      ),
      limit: z._default(z.int().check(z.minimum(1), z.maximum(1000)), 1000),
    }),
  }),
  run: (deps: SqlDeps) => {
    const [start, answer] = [startQuery(deps), answerQuery(deps)];
    return async ({ query: { format, redirect }, body: { limit, ...asked }, headers, caller, log }) => {
      const started = await start(asked, { cache_control: headers['cache-control'], by: caller?.sub, log });
      const { wait_s, applied } = readPrefer(headers.prefer, LONGEST_WAIT_S);
      const status = await started.follow(wait_s);
      if (!status) return underWay(started, { applied: applied(false) });
      const csv = wantsCsv(format, headers.accept);
      return answer(status, { csv, redirect, limit, applied: applied(hasEnded(status)) }).catch(started.explain);
    };
  },
});
