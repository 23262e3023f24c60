import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { NotImplementedHere } from '../aws-error.ts';
import type { LookUpTables } from '../glue/glue.ts';
import { type JsonService, makeJsonService, operation, readMembers, type ServiceOperation } from '../json-service.ts';
import { readPage } from './athena-csv.ts';
import { openEngine } from './athena-engine.ts';
import { type Execution, hasEnded, openExecutions } from './athena-executions.ts';
import { openObjects, placeOf } from './athena-objects.ts';
import { makeRuns } from './athena-runs.ts';
import { INVALID, invalidRequest, openWorkGroups, resultPlace } from './athena-workgroups.ts';

const LONGEST_QUERY = 262_144;
const MINUTES_OF_A_WEEK = 10_080;
const describe = (execution: Execution, now: number) => {
  const { submitted, started, ended, bytes, failure, reused } = execution;
  return {
    QueryExecutionId: execution.id,
    Query: execution.sql,
    StatementType: 'DML',
    SubstatementType: 'SELECT',
    ResultConfiguration: { OutputLocation: execution.output },
    QueryExecutionContext: { Database: execution.database, Catalog: 'awsdatacatalog' },
    ...(execution.reuse !== undefined && {
      ResultReuseConfiguration: {
        ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: execution.reuse },
      },
    }),
    Status: {
      State: execution.state,
      ...(execution.reason !== undefined && { StateChangeReason: execution.reason }),
      SubmissionDateTime: submitted / 1000,
      ...(ended !== undefined && { CompletionDateTime: ended / 1000 }),
      ...(failure && {
        AthenaError: {
          ErrorCategory: failure.by === 'user' ? 2 : 1,
          ErrorType: failure.by === 'user' ? 1006 : 0,
          Retryable: false,
          ErrorMessage: failure.message,
        },
      }),
    },
    Statistics: {
      EngineExecutionTimeInMillis: started === undefined ? 0 : (ended ?? now) - started,
      DataScannedInBytes: reused ? 0 : bytes,
      TotalExecutionTimeInMillis: (ended ?? now) - submitted,
      QueryQueueTimeInMillis: (started ?? ended ?? now) - submitted,
      ResultReuseInformation: { ReusedPreviousResult: reused },
    },
    WorkGroup: execution.workgroup,
    EngineVersion: { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: 'Athena engine version 3' },
  };
};

const encode = (value: readonly unknown[]) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (token: string): unknown[] => {
  try {
    const value = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (Array.isArray(value)) return value;
  } catch {}
  throw invalidRequest('Invalid next token');
};

const reuseOf = (given: unknown): number | undefined => {
  if (given === undefined) return undefined;
  const outer = readMembers(given, { ResultReuseByAgeConfiguration: 'object' }, INVALID, 'ResultReuseConfiguration.');
  const members = { Enabled: 'flag!', MaxAgeInMinutes: 'integer' } as const;
  const byAge = readMembers(outer.ResultReuseByAgeConfiguration ?? { Enabled: false }, members, INVALID);
  const { Enabled, MaxAgeInMinutes = 60 } = byAge;
  if (!(MaxAgeInMinutes >= 0 && MaxAgeInMinutes <= MINUTES_OF_A_WEEK)) {
    throw invalidRequest(`MaxAgeInMinutes must be from 0 to ${MINUTES_OF_A_WEEK}.`);
  }
  return Enabled ? MaxAgeInMinutes : undefined;
};

/**
 * Part of Athena: workgroups, and SELECTs over the tables of the embedded Glue, run by DuckDB, two at
 * a time, each in a process of its own, their results in S3. A query's bytes are those of the whole Parquet objects of
 * its tables. State is under `dir`.
 */
export const startAthena = (options: {
  dir: string;
  /** Where S3 is. */
  endpoint: string;
  region: string;
  tables: LookUpTables;
  onFailure: (error: Error) => void;
  /** Told of queries that have ended, in workgroups that publish metrics. */
  onEnd?: (execution: Execution) => void;
  /** ms since the epoch */
  now?: () => number;
}): { handle: JsonService; close(): Promise<void> } => {
  const { dir, endpoint, region, tables, onFailure, now = Date.now } = options;
  const groups = openWorkGroups(dir, now);
  const executions = openExecutions(join(dir, 'executions'), now, (execution) => {
    if (groups.find(execution.workgroup).configuration.metrics) options.onEnd?.(execution);
  });
  const objects = openObjects({ dir: join(dir, 'cache'), endpoint, region });
  const engine = openEngine({ dir: join(dir, 'running'), tables, objects, onFailure });
  const runs = makeRuns({ executions, engine, objects, now, onFailure });

  const find = (id: string): Execution => {
    const found = executions.get(id);
    if (!found) throw invalidRequest(`QueryExecution ${id} was not found`);
    return found;
  };

  /** Rows from a byte of the result on. The first page begins with the names, as a row. */
  const page = async (execution: Execution, limit: number, from: number) => {
    const place = placeOf(execution.output)!;
    const facts = await objects.head(place);
    if (!facts) throw invalidRequest('Could not find results');
    const { path } = await objects.hold(place, facts);
    try {
      const file = await open(path);
      try {
        const found = from > facts.bytes ? undefined : await readPage(file, { limit, from, end: facts.bytes });
        if (!found) throw invalidRequest('Invalid next token');
        return found;
      } finally {
        await file.close();
      }
    } finally {
      objects.release(path);
    }
  };

  const operations: Record<string, ServiceOperation> = {
    ...groups.operations,
    StartQueryExecution: operation(
      {
        QueryString: 'text!',
        ClientRequestToken: 'text',
        QueryExecutionContext: 'object',
        WorkGroup: 'text',
        ResultReuseConfiguration: 'object',
      },
      ({ QueryString: sql, ClientRequestToken: token, WorkGroup = 'primary', ...more }) => {
        if (sql.length < 1 || sql.length > LONGEST_QUERY) {
          throw invalidRequest(`queryString must have from 1 to ${LONGEST_QUERY} characters.`);
        }
        if (token !== undefined && (token.length < 32 || token.length > 128)) {
          throw invalidRequest('clientRequestToken must have from 32 to 128 characters.');
        }
        const members = { Database: 'text', Catalog: 'text' } as const;
        const context = readMembers(more.QueryExecutionContext ?? {}, members, INVALID, 'QueryExecutionContext.');
        const { Database = 'default', Catalog = 'AwsDataCatalog' } = context;
        if (Catalog.toLowerCase() !== 'awsdatacatalog') throw new NotImplementedHere(`with Catalog ${Catalog}`);
        const reuse = reuseOf(more.ResultReuseConfiguration);
        const group = groups.find(WorkGroup);
        if (group.state === 'DISABLED') throw invalidRequest(`WorkGroup ${WorkGroup} is disabled.`);
        const { output, cutoff } = group.configuration;
        if (output === undefined) {
          throw invalidRequest(
            'No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.',
          );
        }
        const database = Database.toLowerCase();
        const before = token === undefined ? undefined : executions.list().find((one) => one.token === token);
        if (before) {
          if (before.sql === sql && before.database === database && before.workgroup === WorkGroup) {
            return { QueryExecutionId: before.id };
          }
          throw invalidRequest('Idempotent parameters do not match');
        }
        const id = randomUUID();
        const { bucket, key } = resultPlace(output, id);
        const execution = executions.add({
          id,
          sql,
          database,
          workgroup: WorkGroup,
          token,
          reuse,
          output: `s3://${bucket}/${key}`,
          state: 'QUEUED',
          submitted: now(),
          bytes: 0,
          reused: false,
        });
        runs.start(execution, cutoff);
        return { QueryExecutionId: id };
      },
    ),
    GetQueryExecution: operation({ QueryExecutionId: 'text!' }, ({ QueryExecutionId }) => ({
      QueryExecution: describe(find(QueryExecutionId), now()),
    })),
    BatchGetQueryExecution: operation({ QueryExecutionIds: 'texts!' }, ({ QueryExecutionIds: ids }) => {
      if (ids.length < 1 || ids.length > 50) throw invalidRequest('queryExecutionIds has from 1 to 50 ids.');
      const found = ids.flatMap((id) => executions.get(id) ?? []);
      const unknown = ids.filter((id) => !executions.get(id));
      return {
        QueryExecutions: found.map((execution) => describe(execution, now())),
        UnprocessedQueryExecutionIds: unknown.map((id) => ({
          QueryExecutionId: id,
          ErrorCode: 'INVALID_INPUT',
          ErrorMessage: `QueryExecution ${id} was not found`,
        })),
      };
    }),
    GetQueryResults: operation(
      { QueryExecutionId: 'text!', MaxResults: 'integer', NextToken: 'text' },
      async ({ QueryExecutionId, MaxResults = 1000, NextToken }) => {
        if (!(MaxResults >= 1 && MaxResults <= 1000))
          throw invalidRequest('MaxResults is more than maximum allowed length 1000');
        const execution = find(QueryExecutionId);
        const { id, state } = execution;
        if (!hasEnded(execution)) throw invalidRequest(`Query has not yet finished. Current state: ${state}`);
        if (state !== 'SUCCEEDED') {
          throw invalidRequest(`Query did not finish successfully. Final query state: ${state}`);
        }
        const [of, from] = NextToken === undefined ? [id, 0] : decode(NextToken);
        if (of !== id || !Number.isSafeInteger(from) || (from as number) < 0)
          throw invalidRequest('Invalid next token');
        const { rows, next } = await page(execution, MaxResults, from as number);
        return {
          UpdateCount: 0,
          ResultSet: {
            Rows: rows.map((row) => ({ Data: row.map((value) => (value === null ? {} : { VarCharValue: value })) })),
            ResultSetMetadata: {
              ColumnInfo: (execution.columns ?? []).map(({ name, type, precision, scale }) => ({
                CatalogName: 'hive',
                SchemaName: '',
                TableName: '',
                Name: name,
                Label: name,
                Type: type,
                Precision: precision,
                Scale: scale,
                Nullable: 'UNKNOWN',
                CaseSensitive: type === 'varchar',
              })),
            },
          },
          ...(next !== undefined && { NextToken: encode([id, next]) }),
        };
      },
    ),
    StopQueryExecution: operation({ QueryExecutionId: 'text!' }, ({ QueryExecutionId }) => {
      runs.stop(find(QueryExecutionId));
      return {};
    }),
    ListQueryExecutions: operation(
      { WorkGroup: 'text', MaxResults: 'integer', NextToken: 'text' },
      ({ WorkGroup = 'primary', MaxResults = 50, NextToken }) => {
        if (!(MaxResults >= 0 && MaxResults <= 50)) throw invalidRequest('MaxResults must be from 0 to 50.');
        const group = groups.find(WorkGroup);
        const [before] = NextToken === undefined ? [Number.POSITIVE_INFINITY] : decode(NextToken);
        const rest = executions.list().filter((one) => one.workgroup === group.name && one.order < Number(before));
        const items = rest.slice(0, MaxResults || 50);
        return {
          QueryExecutionIds: items.map(({ id }) => id),
          ...(items.length < rest.length && { NextToken: encode([items.at(-1)!.order]) }),
        };
      },
    ),
  };

  const handle = makeJsonService({
    name: 'Athena',
    target: 'AmazonAthena',
    operations,
    errors: { invalid: INVALID, internal: 'InternalServerException' },
    // The longest query, every character of it escaped.
    largest: 2 << 20,
    onFailure,
  });
  return {
    handle,
    async close() {
      await runs.close();
      await objects.close();
    },
  };
};
