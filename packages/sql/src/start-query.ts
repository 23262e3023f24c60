import { InvalidRequest } from '@granary/domain/errors';
import type { QueryStatus } from '@granary/domain/ports/query-engine';
import { waitForEnd } from './answers/wait-for-end.ts';
import { type Parameters, readParameters } from './checking/read-parameters.ts';
import type { SqlDeps } from './sql-deps.ts';
import { findDatasets } from './tables/find-datasets.ts';
import { nameColumns } from './tables/name-columns.ts';
import { relationsOf } from './tables/relations-of.ts';
import { reuseMinutes } from './tables/reuse-minutes.ts';

export type AskedQuery = { sql: string; parameters: Parameters };

export type Asking = {
  /** Of the request: `no-cache` runs the query anew. */
  cache_control: string | undefined;
  /** Who asks, for the log. */
  by: string | undefined;
  log: Record<'info' | 'error', (message: string, members: Readonly<Record<string, unknown>>) => void>;
};

export type StartedQuery = Pick<QueryStatus, 'id' | 'submitted_at' | 'duration_ms'> & {
  state: 'queued';
  /**
   * Its status once it has ended, or after so many seconds; undefined where nobody waits or looking failed: it runs.
   */
  follow(wait_s: number | undefined): Promise<QueryStatus | undefined>;
  /** Throws an error of the query, with the columns that there are where it names an unknown one. */
  explain(error: unknown): never;
};

/**
 * Checks a query, finds its tables and starts it. Throws InvalidRequest for what cannot be asked; what the analysis
 * cannot follow, the engine decides.
 */
export const startQuery =
  (deps: SqlDeps) =>
  async ({ sql, parameters }: AskedQuery, { cache_control, by, log }: Asking): Promise<StartedQuery> => {
    // The parser of SQL is the heavy part of this function; only this call needs it.
    const { checkSql, checkMeaning } = await import('./checking/check-sql.ts');
    const checked = checkSql(sql, readParameters(parameters));
    const datasets = await findDatasets(deps.catalog, checked.tables);
    const explain = (error: unknown): never => {
      throw nameColumns(error, datasets);
    };
    try {
      checkMeaning(checked.query, relationsOf(checked.tables, datasets));
    } catch (error) {
      if (error instanceof InvalidRequest) explain(error);
      log.error('query not analysed', { error });
    }
    const reuse_minutes = await reuseMinutes(deps, checked, cache_control);
    const id = await deps.engine.start({ sql: checked.sql, reuse_minutes });
    // Never the text: it, and what stands in it, is the caller's.
    log.info('query started', { query: id, by, tables: checked.tables, characters: sql.length });

    const follow = async (wait_s: number | undefined): Promise<QueryStatus | undefined> => {
      if (wait_s === undefined) return undefined;
      return waitForEnd(deps, id, wait_s).catch((error) => {
        // It runs: whoever asked is better off with its id than with an error.
        log.error('query not followed', { query: id, error });
        return undefined;
      });
    };
    const submitted_at = new Date(deps.clock()).toISOString();
    return { id, state: 'queued', submitted_at, duration_ms: 0, follow, explain };
  };
