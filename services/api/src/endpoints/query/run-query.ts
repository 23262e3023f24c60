import { InvalidRequest } from '@granary/domain/errors';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { waitForEnd } from '@granary/sql/answers/wait-for-end';
import { readParameters } from '@granary/sql/checking/read-parameters';
import type { SqlDeps } from '@granary/sql/sql-deps';
import { findDatasets } from '@granary/sql/tables/find-datasets';
import { nameColumns } from '@granary/sql/tables/name-columns';
import { relationsOf } from '@granary/sql/tables/relations-of';
import { reuseMinutes } from '@granary/sql/tables/reuse-minutes';
import * as z from 'zod/mini';
import { redirectParameter } from '../../exports/file-reply.ts';
import { answerQuery, underWay } from '../../query/answer-query.ts';
import { LONGEST_WAIT_S, readPrefer } from '../../query/read-prefer.ts';
import { FORMATS, wantsCsv } from '../../query/wants-csv.ts';

const TOTALS =
  'SELECT year, sum(quantity) AS litres FROM embrapa_producao WHERE is_total AND year >= :since GROUP BY year ORDER BY year';

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
  examples: [
    {
      summary: 'A sum by year, from a year on',
      path: '/v1/query',
      body: { sql: TOTALS, parameters: { since: 2000 } },
    },
    {
      summary: 'As CSV',
      path: '/v1/query?format=csv',
      body: { sql: 'SELECT product, year, quantity FROM embrapa_producao ORDER BY product, year' },
    },
    {
      summary: 'Started, to be asked for later',
      path: '/v1/query',
      headers: { Prefer: 'respond-async' },
      body: { sql: 'SELECT version, count(*) AS found FROM embrapa_producao_versions GROUP BY version' },
    },
  ],
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
    const answer = answerQuery(deps);
    return async ({ query: { format, redirect }, body: { sql, parameters, limit }, headers, caller, log }) => {
      // The parser of SQL is the heavy part of this function; only this call needs it.
      const { checkSql, checkMeaning } = await import('@granary/sql/checking/check-sql');
      const checked = checkSql(sql, readParameters(parameters));
      const datasets = await findDatasets(deps.catalog, checked.tables);
      try {
        checkMeaning(checked.query, relationsOf(checked.tables, datasets));
      } catch (error) {
        if (error instanceof InvalidRequest) throw nameColumns(error, datasets);
        // What it could not follow, the engine decides.
        log.error('query not analysed', { error });
      }
      const reuse_minutes = await reuseMinutes(deps, checked, headers['cache-control']);
      const id = await deps.engine.start({ sql: checked.sql, reuse_minutes });
      // Never the text: it, and what stands in it, is the caller's.
      log.info('query started', { query: id, by: caller?.sub, tables: checked.tables, characters: sql.length });

      const { wait_s, applied } = readPrefer(headers.prefer, LONGEST_WAIT_S);
      const begun = {
        id,
        state: 'queued' as const,
        submitted_at: new Date(deps.clock()).toISOString(),
        duration_ms: 0,
      };
      const status =
        wait_s === undefined
          ? undefined
          : await waitForEnd(deps, id, wait_s).catch((error) => {
              // It runs: whoever asked is better off with its id than with an error.
              log.error('query not followed', { query: id, error });
              return undefined;
            });
      if (!status) return underWay(begun, { applied: applied(false) });
      const csv = wantsCsv(format, headers.accept);
      const asked = { csv, redirect, limit, applied: applied(status.ended_at !== null) };
      return answer(status, asked).catch((error) => {
        throw nameColumns(error, datasets);
      });
    };
  },
});
