import type { AthenaClient } from '@aws-sdk/client-athena';
import { GranaryError } from '@granary/domain/errors';
import type { QueryEngine, QueryStatus } from '@granary/domain/ports/query-engine';

type Input = Readonly<Record<string, unknown>> & { QueryExecutionId: string; NextToken?: string; MaxResults: number };
type Sent = { name: string; input: Input };

/**
 * For tests: what Athena answers over a QueryEngine that knows no SQL. The first row of a result has the names, a page
 * has at most a thousand rows with that, and what is not known is an InvalidRequestException. `sent` has every request.
 */
export const makeFakeAthena = (engine: QueryEngine, { workgroup }: { workgroup: string }) => {
  const sent: Sent[] = [];
  const started: string[] = [];
  const invalid = (message: string) => Object.assign(new Error(message), { name: 'InvalidRequestException' });

  const known = async (id: string): Promise<QueryStatus> => {
    const status = await engine.status(id);
    if (!status) throw invalid(`QueryExecution ${id} was not found`);
    return status;
  };
  const execution = ({ id, state, submitted_at, ended_at, bytes_scanned, reused, result, failure }: QueryStatus) => ({
    QueryExecutionId: id,
    WorkGroup: workgroup,
    Status: {
      State: state.toUpperCase(),
      SubmissionDateTime: new Date(submitted_at),
      ...(ended_at && { CompletionDateTime: new Date(ended_at) }),
      ...(failure && {
        StateChangeReason: failure.message,
        AthenaError: { ErrorCategory: failure.by === 'query' ? 2 : 1, ErrorMessage: failure.message },
      }),
    },
    Statistics: { DataScannedInBytes: bytes_scanned, ResultReuseInformation: { ReusedPreviousResult: reused } },
    ResultConfiguration: { OutputLocation: `s3://bucket/${result ?? `exports/queries/${id}.csv`}` },
  });
  const rowOf = (cells: readonly (string | null)[]) => ({
    Data: cells.map((cell) => (cell === null ? {} : { VarCharValue: cell })),
  });

  const answers: Readonly<Record<string, (input: Input) => Promise<unknown>>> = {
    async StartQueryExecutionCommand({ QueryString, ResultReuseConfiguration }) {
      const reuse = ResultReuseConfiguration as
        | { ResultReuseByAgeConfiguration: { MaxAgeInMinutes: number } }
        | undefined;
      try {
        const id = await engine.start({
          sql: QueryString as string,
          reuse_minutes: reuse?.ResultReuseByAgeConfiguration.MaxAgeInMinutes ?? 0,
        });
        started.unshift(id);
        return { QueryExecutionId: id };
      } catch (error) {
        throw error instanceof GranaryError ? invalid(error.message) : error;
      }
    },
    GetQueryExecutionCommand: async ({ QueryExecutionId }) => ({
      QueryExecution: execution(await known(QueryExecutionId)),
    }),
    async GetQueryResultsCommand({ QueryExecutionId, NextToken, MaxResults }) {
      if (MaxResults > 1000) throw invalid('MaxResults is more than 1000');
      const rows = NextToken === undefined ? MaxResults - 1 : MaxResults;
      const page = await engine
        .page(QueryExecutionId, { limit: rows, from: NextToken })
        .catch(() => Promise.reject(invalid('Invalid pagination token')));
      const header = NextToken === undefined ? [rowOf(page.columns.map(({ name }) => name))] : [];
      return {
        ResultSet: {
          Rows: [...header, ...page.rows.map(rowOf)],
          ResultSetMetadata: {
            ColumnInfo: page.columns.map(({ name, type }) => {
              const [, Precision, Scale] = /^decimal\((\d+),(\d+)\)$/.exec(type) ?? [];
              return Precision
                ? { Name: name, Type: 'decimal', Precision: Number(Precision), Scale: Number(Scale) }
                : { Name: name, Type: type };
            }),
          },
        },
        NextToken: page.next ?? undefined,
      };
    },
    async StopQueryExecutionCommand({ QueryExecutionId }) {
      await known(QueryExecutionId);
      await engine.stop(QueryExecutionId);
      return {};
    },
    async ListQueryExecutionsCommand({ NextToken = '0', MaxResults }) {
      const end = Number(NextToken) + MaxResults;
      return {
        QueryExecutionIds: started.slice(Number(NextToken), end),
        NextToken: end < started.length ? String(end) : undefined,
      };
    },
    BatchGetQueryExecutionCommand: async ({ QueryExecutionIds }) => ({
      QueryExecutions: await Promise.all((QueryExecutionIds as string[]).map(async (id) => execution(await known(id)))),
    }),
  };

  const send = async (command: { constructor: { name: string }; input: Input }) => {
    const { name } = command.constructor;
    sent.push({ name, input: command.input });
    const answer = answers[name];
    if (!answer) throw new Error(`This Athena knows no ${name}`);
    return answer(command.input);
  };
  return { client: { send } as unknown as AthenaClient, sent };
};
