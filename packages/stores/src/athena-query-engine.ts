import { randomUUID } from 'node:crypto';
import {
  type AthenaClient,
  BatchGetQueryExecutionCommand,
  type ColumnInfo,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  ListQueryExecutionsCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { InvalidRequest, NotFound } from '@granary/domain/errors';
import type { QueryEngine, QueryPage, QueryState, QueryStatus } from '@granary/domain/ports/query-engine';
import { failureOf, isInvalid, isOfOthers, isUnknown, refusedCall, refusedStart } from './athena-errors.ts';

export type AthenaQueryEngineOptions = {
  client: AthenaClient;
  workgroup: string;
  /** Of Glue: names without a database are of this one. */
  database: string;
  /** The data bucket, where the workgroup puts its results. */
  bucket: string;
  now?: () => number;
  /** How long a call of Athena's API may take, with the SDK's own attempts. */
  call_ms?: number;
};

/**
 * Whoever asks is answered within 29 s, of which 20 may be waiting for the query: a call that hangs must leave time to
 * say so.
 */
const LONGEST_CALL_MS = 6000;

/** Rows of a GetQueryResults, the header among them, and executions of a list: Athena's own limits. */
const MOST_ROWS = 1000;
const MOST_LISTED = 50;
/**
 * Lists of executions that are searched for those under way, the newest first; no query runs longer than
 * {@link OLDEST_MS}.
 */
const LISTS = 4;
const OLDEST_MS = 3_600_000;

/** Sees the queries of one workgroup: one of another workgroup counts as unknown. */
export const makeAthenaQueryEngine = (options: AthenaQueryEngineOptions): QueryEngine => {
  const { client, workgroup, database, bucket, now = Date.now, call_ms = LONGEST_CALL_MS } = options;
  const inTime = () => ({ abortSignal: AbortSignal.timeout(call_ms) });
  const read = (execution: QueryExecution): QueryStatus => statusOf(execution, `s3://${bucket}/`, now());

  const ask = (id: string, limit: number, from: string | undefined) =>
    client.send(new GetQueryResultsCommand({ QueryExecutionId: id, MaxResults: limit, NextToken: from }), inTime());
  const results = async (id: string, limit: number, from: string | undefined) => {
    try {
      return await ask(id, limit, from);
    } catch (error) {
      if (!isInvalid(error)) throw refusedCall(error);
      const gone = new NotFound(`The result of the query '${id}' has expired. Run the query again.`);
      if (from === undefined) throw gone;
      // It may have expired since the page before this one: Athena says of either that the request is not valid.
      await ask(id, 1, undefined).catch((other) => {
        throw isInvalid(other) ? gone : refusedCall(other);
      });
      throw new InvalidRequest('The result has no page that begins there.');
    }
  };

  return {
    async start({ sql, reuse_minutes }) {
      try {
        const { QueryExecutionId } = await client.send(
          new StartQueryExecutionCommand({
            QueryString: sql,
            WorkGroup: workgroup,
            QueryExecutionContext: { Database: database },
            // The SDK sends a request again whose answer was lost: by this it is known as the same.
            ClientRequestToken: randomUUID(),
            ...(reuse_minutes > 0 && {
              ResultReuseConfiguration: {
                ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: reuse_minutes },
              },
            }),
          }),
          inTime(),
        );
        return QueryExecutionId!;
      } catch (error) {
        throw refusedStart(error);
      }
    },
    async status(id) {
      try {
        const { QueryExecution: found } = await client.send(
          new GetQueryExecutionCommand({ QueryExecutionId: id }),
          inTime(),
        );
        return found && found.WorkGroup === workgroup ? read(found) : undefined;
      } catch (error) {
        if (isUnknown(error) || isOfOthers(error, workgroup)) return undefined;
        throw refusedCall(error);
      }
    },
    async page(id, { limit, from }) {
      const isFirst = from === undefined;
      const answer = await results(id, isFirst ? Math.min(limit + 1, MOST_ROWS) : limit, from);
      const rows = answer.ResultSet?.Rows ?? [];
      // The first row of the first page holds the names of the columns.
      if (isFirst) rows.shift();
      let next = answer.NextToken;
      // It took the place of one of the 1,000 rows that Athena gives at once: that one is fetched by itself.
      if (rows.length === limit - 1 && next !== undefined && limit === MOST_ROWS) {
        const last = await results(id, 1, next);
        rows.push(...(last.ResultSet?.Rows ?? []));
        next = last.NextToken;
      }
      const columns = (answer.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(columnOf);
      return {
        columns,
        rows: rows.map(({ Data = [] }) => columns.map((_, index) => Data[index]?.VarCharValue ?? null)),
        next: next ?? null,
      } satisfies QueryPage;
    },
    async stop(id) {
      try {
        await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }), inTime());
      } catch (error) {
        // It has ended, or is not known.
        if (!isInvalid(error)) throw refusedCall(error);
      }
    },
    async underWay() {
      const found: QueryStatus[] = [];
      let NextToken: string | undefined;
      for (let list = 0; list < LISTS; list++) {
        const listed = await client.send(
          new ListQueryExecutionsCommand({ WorkGroup: workgroup, MaxResults: MOST_LISTED, NextToken }),
          inTime(),
        );
        const QueryExecutionIds = listed.QueryExecutionIds ?? [];
        if (QueryExecutionIds.length === 0) break;
        const { QueryExecutions = [] } = await client.send(
          new BatchGetQueryExecutionCommand({ QueryExecutionIds }),
          inTime(),
        );
        const statuses = QueryExecutions.map(read);
        found.push(...statuses.filter(({ state }) => state === 'queued' || state === 'running'));
        NextToken = listed.NextToken;
        if (!NextToken || statuses.some(({ submitted_at }) => now() - Date.parse(submitted_at) > OLDEST_MS)) break;
      }
      return found.sort((a, b) => (a.submitted_at < b.submitted_at ? -1 : 1));
    },
  };
};

const statusOf = (execution: QueryExecution, root: string, now: number): QueryStatus => {
  const { QueryExecutionId, Status = {}, Statistics = {}, ResultConfiguration } = execution;
  const submitted = Status.SubmissionDateTime?.getTime() ?? now;
  const ended = Status.CompletionDateTime?.getTime();
  const failure = failureOf(Status);
  const state = failure ? 'failed' : ((Status.State ?? 'QUEUED').toLowerCase() as QueryState);
  const output = ResultConfiguration?.OutputLocation ?? '';
  return {
    id: QueryExecutionId!,
    state,
    submitted_at: new Date(submitted).toISOString(),
    ended_at: ended === undefined ? null : new Date(ended).toISOString(),
    bytes_scanned: Statistics.DataScannedInBytes ?? 0,
    duration_ms: Math.max(0, (ended ?? now) - submitted),
    reused: Statistics.ResultReuseInformation?.ReusedPreviousResult ?? false,
    result: state === 'succeeded' && output.startsWith(root) ? output.slice(root.length) : null,
    failure,
  };
};

const columnOf = ({ Name = '', Type = 'varchar', Precision, Scale = 0 }: ColumnInfo) => ({
  name: Name,
  type: Type === 'decimal' && Precision ? `decimal(${Precision},${Scale})` : Type,
});
