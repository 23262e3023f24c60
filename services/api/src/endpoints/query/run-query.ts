import { defineEndpoint } from '@granary/runtime/endpoint';
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
  grants: ['catalog:read', 'sql:query'],
  summary: 'Rows by a SELECT in SQL over datasets',
  description:
    "One SELECT in the dialect of Trino (Athena, engine version 3); docs/sql.md has what it may be. A table is a dataset's id (its latest version) or `<id>_versions` (all of them, with their number in `version`); `:name` stands for a value of `parameters`. " +
    `The answer comes when the query has ended, or after ${LONGEST_WAIT_S} seconds as 202 with the address to ask again; \`Prefer: wait=5\` waits so long, \`Prefer: respond-async\` not at all. ` +
    '`format=csv` (or Accept: text/csv) answers with a redirect to the whole result as the engine wrote it (`redirect=false`: with where that is). A result of the same query may be given again when no table changed since; `Cache-Control: no-cache` runs it anew.',
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
      const ended = status.ended_at !== null;
      return answer(status, { csv, redirect, limit, applied: applied(ended) }).catch(started.explain);
    };
  },
});
