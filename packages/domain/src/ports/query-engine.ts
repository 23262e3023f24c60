/**
 * Runs SQL over the tables of the {@link ./sql-catalog.ts SQL catalog} (Athena). Its own rights limit what
 * it may read; the SQL was checked before.
 */
export type QueryState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export type QueryStatus = {
  id: string;
  state: QueryState;
  /** ISO 8601. */
  submitted_at: string;
  ended_at: string | null;
  bytes_scanned: number;
  /** Since it was submitted, until it ended or now. */
  duration_ms: number;
  /** The result is that of an earlier run of the same query. */
  reused: boolean;
  /** Key of the result as CSV in the data bucket, once it succeeded. */
  result: string | null;
  /**
   * Of a query that failed. `query`: what was asked cannot be answered; `limit`: it read more than it may; `engine`:
   * anything else.
   */
  failure: { by: 'query' | 'limit' | 'engine'; message: string } | null;
};

/**
 * Texts as the engine writes them; null is no value. `type` is the engine's: `bigint`, `varchar`, `decimal(10,2)`,
 * `array(integer)`, …
 */
export type QueryPage = {
  columns: readonly { name: string; type: string }[];
  rows: readonly (readonly (string | null)[])[];
  /** Where the next page begins; null at the end. */
  next: string | null;
};

export type QueryEngine = {
  /**
   * Starts a query and gives its id. `reuse_minutes`: a result of the same query that is no older may be given instead;
   * 0: none may. Throws InvalidRequest where the engine refuses it at once, TooManyRequests where it has too much to
   * do.
   */
  start(query: { sql: string; reuse_minutes: number }): Promise<string>;
  /** Undefined when there is no such query (of ours). */
  status(id: string): Promise<QueryStatus | undefined>;
  /**
   * Rows of a query that succeeded; `limit` is from 1 to 1,000. Throws InvalidRequest for a `from` that is none of its.
   */
  page(id: string, page: { limit: number; from?: string }): Promise<QueryPage>;
  /** No error when it has ended. */
  stop(id: string): Promise<void>;
  /** Those queued and running, oldest first. */
  underWay(): Promise<readonly QueryStatus[]>;
};
