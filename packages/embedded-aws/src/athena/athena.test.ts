import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchGetQueryExecutionCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetQueryRuntimeStatisticsCommand,
  ListQueryExecutionsCommand,
  paginateGetQueryResults,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  UpdateWorkGroupCommand,
} from '@aws-sdk/client-athena';
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type AthenaStack,
  ask,
  BUCKET,
  ended,
  execution,
  failure,
  history,
  parquetOf,
  putFolder,
  putTable,
  startAthenaStack,
  startQuery,
  tableInput,
} from './testing/athena-stack.ts';

let stack: AthenaStack;
const athena = () => stack.clients.athena;
const run = (sql: string) => ask(stack.clients, sql);
const fails = (sql: string) => failure(stack.clients, sql);
const start = (...more: [sql: string, more?: object]) => startQuery(stack.clients, ...more);
const end = (id: string) => ended(stack.clients, id);
const refusal = async (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    (error: Error) => `${error.name}: ${error.message}`,
  );
/** Runs until it is stopped. */
const ENDLESS = 'SELECT count(*) FROM numbers a, numbers b, numbers c, numbers d WHERE a.n + b.n + c.n + d.n = -1';

const int = (name: string) => ({ name, type: 'int32' as const, nullable: true });

beforeAll(async () => {
  stack = await startAthenaStack();
  const numbers = Array.from({ length: 2500 }, (_, n) => [n]);
  await putFolder(stack.clients, 'numbers/1', parquetOf([int('n')], numbers));
  await putTable(stack.clients, tableInput('numbers', { n: 'int' }));
});
afterAll(() => stack.close());

describe('a query', () => {
  it('reads every type of column as Athena writes it', async () => {
    const types = { b: 'boolean', i: 'int', l: 'bigint', d: 'double', day: 'date', t: 'timestamp', s: 'string' };
    const kinds = ['boolean', 'int32', 'int64', 'double', 'date', 'timestamp', 'string'] as const;
    const fields = Object.keys(types).map((name, n) => ({ name, type: kinds[n]!, nullable: true }));
    const rows = [
      [true, -1, 2n ** 62n, 174224052, '2020-02-29', '2020-01-01T00:00:00.000Z', 'vinho "tinto", é'],
      [false, 0, 0n, 0.1, '1900-01-01', '1969-12-31T23:59:59.999Z', ''],
      [null, null, null, null, null, null, null],
    ];
    await putFolder(stack.clients, 'types/1', parquetOf(fields, rows));
    await putTable(stack.clients, tableInput('types', types));
    const id = await start('SELECT * FROM types');
    expect((await end(id)).Status).toMatchObject({ State: 'SUCCEEDED' });
    const { ResultSet } = await athena().send(new GetQueryResultsCommand({ QueryExecutionId: id }));
    const columns = ResultSet!.ResultSetMetadata!.ColumnInfo!.map(({ Name, Type }) => [Name, Type]);
    const athenas = ['boolean', 'integer', 'bigint', 'double', 'date', 'timestamp', 'varchar'];
    expect(columns).toEqual(Object.keys(types).map((name, n) => [name, athenas[n]]));
    expect(await run('SELECT * FROM types')).toEqual([
      Object.keys(types),
      [
        'true',
        '-1',
        '4611686018427387904',
        '1.74224052E8',
        '2020-02-29',
        '2020-01-01 00:00:00.000',
        'vinho "tinto", é',
      ],
      ['false', '0', '0', '0.1', '1900-01-01', '1969-12-31 23:59:59.999', ''],
      [null, null, null, null, null, null, null],
    ]);
    const csv = await stack.clients.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: `exports/queries/${id}.csv` }));
    expect(await csv.Body!.transformToString()).toBe(
      '"b","i","l","d","day","t","s"\n' +
        '"true","-1","4611686018427387904","1.74224052E8","2020-02-29","2020-01-01 00:00:00.000","vinho ""tinto"", é"\n' +
        '"false","0","0","0.1","1900-01-01","1969-12-31 23:59:59.999",""\n' +
        ',,,,,,\n',
    );
  });

  it('names what has no name by its place, and tells types of numbers', async () => {
    const sql =
      'SELECT n, count(*), sum(n) AS total, cast(1.5 AS decimal(5, 2)), n AS "Other", 1e0 FROM numbers GROUP BY 1 LIMIT 0';
    const id = await start(sql);
    await end(id);
    const { ResultSet } = await athena().send(new GetQueryResultsCommand({ QueryExecutionId: id }));
    const columns = ResultSet!.ResultSetMetadata!.ColumnInfo!;
    expect(columns.map(({ Name, Type }) => `${Name} ${Type}`)).toEqual([
      'n integer',
      '_col1 bigint',
      'total bigint',
      '_col3 decimal',
      'Other integer',
      '_col5 double',
    ]);
    expect(columns[3]).toMatchObject({ Precision: 5, Scale: 2 });
    expect(await run('SELECT *, n + 1 FROM (SELECT n, n * 2 FROM numbers WHERE n = 3)')).toEqual([
      ['n', '_col1', '_col2'],
      ['3', '6', '4'],
    ]);
  });

  it('says how long it took, what it read and where its result is', async () => {
    const id = await start('SELECT max(n) FROM numbers');
    const found = await end(id);
    const { ContentLength } = await stack.clients.s3.send(
      new HeadObjectCommand({ Bucket: BUCKET, Key: 'versions/numbers/1/data.parquet' }),
    );
    expect(found).toMatchObject({
      QueryExecutionId: id,
      StatementType: 'DML',
      WorkGroup: 'test',
      QueryExecutionContext: { Database: 'test_tables' },
      ResultConfiguration: { OutputLocation: `s3://${BUCKET}/exports/queries/${id}.csv` },
      Statistics: { DataScannedInBytes: ContentLength, ResultReuseInformation: { ReusedPreviousResult: false } },
    });
    const { SubmissionDateTime, CompletionDateTime } = found.Status!;
    expect(CompletionDateTime!.getTime()).toBeGreaterThanOrEqual(SubmissionDateTime!.getTime());
    expect(found.Statistics!.TotalExecutionTimeInMillis).toBeGreaterThanOrEqual(
      found.Statistics!.EngineExecutionTimeInMillis!,
    );
    expect(readdirSync(join(stack.dir, 'athena', 'running'))).toEqual([]);
  });

  it('is given in pages of some megabytes, however large its rows are, and none of them is lost', async () => {
    const id = await start("SELECT n, rpad('', 2000000, 'x') AS much FROM numbers WHERE n < 12 ORDER BY n");
    expect((await end(id)).Status).toMatchObject({ State: 'SUCCEEDED' });
    const rows: string[] = [];
    const sizes: number[] = [];
    for await (const { ResultSet } of paginateGetQueryResults({ client: athena() }, { QueryExecutionId: id })) {
      rows.push(...ResultSet!.Rows!.map(({ Data }) => Data![0]!.VarCharValue!));
      sizes.push(JSON.stringify(ResultSet!.Rows).length);
    }
    expect(rows).toEqual(['n', ...Array.from({ length: 12 }, (_, n) => String(n))]);
    expect(Math.max(...sizes)).toBeLessThan(9 << 20);
  });

  it('is given in pages, the names as the first row of the first', async () => {
    const id = await start('SELECT n FROM numbers ORDER BY n');
    await end(id);
    const pages: string[][] = [];
    for await (const { ResultSet } of paginateGetQueryResults(
      { client: athena(), pageSize: 1000 },
      { QueryExecutionId: id },
    )) {
      pages.push(ResultSet!.Rows!.map(({ Data }) => Data![0]!.VarCharValue!));
    }
    expect(pages.map(({ length }) => length)).toEqual([1000, 1000, 501]);
    expect(pages.flat()).toEqual(['n', ...Array.from({ length: 2500 }, (_, n) => String(n))]);
    const page = (input: object) =>
      refusal(athena().send(new GetQueryResultsCommand({ QueryExecutionId: id, ...input })));
    expect(await page({ MaxResults: 1001 })).toMatch(/^InvalidRequestException/);
    for (const NextToken of ['x', Buffer.from('["other",0]').toString('base64url')]) {
      expect(await page({ NextToken })).toMatch(/^InvalidRequestException: Invalid next token/);
    }
    const empty = await start('SELECT n FROM numbers WHERE n < 0');
    await end(empty);
    const nothing = await athena().send(new GetQueryResultsCommand({ QueryExecutionId: empty }));
    expect([nothing.ResultSet!.Rows!.length, nothing.NextToken]).toEqual([1, undefined]);
  });

  it('reads a history with the numbers of its versions, null for a column that a version lacks', async () => {
    await putFolder(stack.clients, 'prices/1', parquetOf([int('year'), int('old')], [[2020, 7]]));
    await putFolder(stack.clients, 'prices/3', parquetOf([int('fresh'), int('year')], [[9, 2021]]));
    await putTable(
      stack.clients,
      tableInput('prices_versions', { year: 'int', old: 'int', fresh: 'bigint' }, history('prices', 1, 3)),
    );
    expect(await run('SELECT * FROM prices_versions ORDER BY version')).toEqual([
      ['year', 'old', 'fresh', 'version'],
      ['2020', '7', null, '1'],
      ['2021', null, '9', '3'],
    ]);
    expect(await run('SELECT count(*) AS c FROM prices_versions WHERE version = 2')).toEqual([['c'], ['0']]);
  });

  it('reads a table without a row and one without a folder', async () => {
    await putFolder(stack.clients, 'no_rows/1', parquetOf([int('a')], []));
    await putTable(stack.clients, tableInput('no_rows', { a: 'int' }));
    await putTable(stack.clients, tableInput('no_folder', { a: 'int', s: 'string' }));
    expect(await run('SELECT a FROM no_rows')).toEqual([['a']]);
    expect(await run('SELECT * FROM no_folder')).toEqual([['a', 's']]);
    expect(await run('SELECT count(*) AS c, sum(a) AS s FROM no_folder')).toEqual([
      ['c', 's'],
      ['0', null],
    ]);
  });

  it('takes the object that is there now, not a copy of before', async () => {
    await putFolder(stack.clients, 'changing/1', parquetOf([int('a')], [[1]]));
    await putTable(stack.clients, tableInput('changing', { a: 'int' }));
    expect(await run('SELECT a FROM changing')).toEqual([['a'], ['1']]);
    await putFolder(stack.clients, 'changing/1', parquetOf([int('a')], [[2]]));
    expect(await run('SELECT a FROM changing')).toEqual([['a'], ['2']]);
  });
});

describe('a query that fails', () => {
  it("says why in Athena's words, and whose fault it is", async () => {
    expect(await fails('SELECT nothing FROM numbers')).toMatch(/^2 COLUMN_NOT_FOUND: line 1:8: Column 'nothing'/);
    expect(await fails('SELECT a.nothing FROM numbers a')).toMatch(/^2 COLUMN_NOT_FOUND: line 1:8: Column 'nothing'/);
    expect(await fails('SELECT n\nFROM nowhere')).toBe(
      "2 TABLE_NOT_FOUND: line 2:6: Table 'awsdatacatalog.test_tables.nowhere' does not exist",
    );
    expect(await fails('SELECT FROM')).toMatch(/^2 SYNTAX_ERROR: line 1:/);
    expect(await fails('SELECT n, count(*) FROM numbers')).toMatch(/^2 SYNTAX_ERROR: /);
    expect(await fails("SELECT cast('x' AS integer) FROM numbers")).toMatch(/^2 INVALID_CAST_ARGUMENT: /);
    expect(await fails('SELECT n / 0 FROM numbers')).toBe('2 DIVISION_BY_ZERO: Division by zero');
    const elsewhere = await start('SELECT 1', { QueryExecutionContext: { Database: 'none' } });
    expect((await end(elsewhere)).Status!.StateChangeReason).toBe("SCHEMA_NOT_FOUND: Schema 'none' does not exist");
    await putTable(stack.clients, tableInput('odd', { a: 'array<int>' }));
    expect(await fails('SELECT a FROM odd')).toMatch(/^1 The type array<int> of the column a of odd/);
    await putFolder(stack.clients, 'broken/1', new TextEncoder().encode('no Parquet at all'));
    await putTable(stack.clients, tableInput('broken', { a: 'int' }));
    expect(await fails('SELECT a FROM broken')).toMatch(/^[12] (HIVE_|GENERIC_)/);
    expect(await fails('SELECT a FROM broken')).not.toContain(stack.dir);
  });

  it('has no results, and one that never was is not found', async () => {
    const results = (QueryExecutionId: string) =>
      refusal(athena().send(new GetQueryResultsCommand({ QueryExecutionId })));
    const failed = await start('SELECT nothing FROM numbers');
    await end(failed);
    expect(await results(failed)).toBe(
      'InvalidRequestException: Query did not finish successfully. Final query state: FAILED',
    );
    expect(await results('none')).toBe('InvalidRequestException: QueryExecution none was not found');
    const id = await start('SELECT 1');
    await end(id);
    await stack.clients.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `exports/queries/${id}.csv` }));
    expect(await results(id)).toBe('InvalidRequestException: Could not find results');
  });

  it('is cancelled when its tables are more bytes than the workgroup allows', async () => {
    const texts = Array.from({ length: 3000 }, () => [randomBytes(1000).toString('base64')]);
    const field = { name: 's', type: 'string' as const, nullable: false };
    await putFolder(stack.clients, 'large/1', parquetOf([field], texts));
    await putFolder(stack.clients, 'large/2', parquetOf([field], texts.toReversed()));
    await putFolder(stack.clients, 'large/3', parquetOf([field], texts.slice(1)));
    await putFolder(stack.clients, 'large/4', parquetOf([field], texts.slice(2)));
    await putTable(stack.clients, tableInput('large_versions', { s: 'string' }, history('large', 1, 4)));
    const cut = await end(await start('SELECT count(*) FROM large_versions'));
    expect(cut.Status).toMatchObject({ State: 'CANCELLED', StateChangeReason: 'Bytes scanned limit was exceeded' });
    const ConfigurationUpdates = { RemoveBytesScannedCutoffPerQuery: true };
    await athena().send(new UpdateWorkGroupCommand({ WorkGroup: 'test', ConfigurationUpdates }));
    expect(await run('SELECT count(*) AS c FROM large_versions')).toEqual([['c'], ['11997']]);
  });

  it('runs out of its own memory, not out of that of others', async () => {
    const sql =
      "SELECT cardinality(array_agg(concat(rpad('x', 1000, 'y'), cast(a.n AS varchar)))) FROM numbers a, numbers b";
    expect(await fails(sql)).toBe('1 Query exhausted resources at this scale factor');
    expect(await run('SELECT 1 AS one')).toEqual([['one'], ['1']]);
  }, 180_000);
});

describe('queries at once', () => {
  it('run two at a time, the others wait, and stop when they are told to, waiting or running', async () => {
    const ids = await Promise.all([start(ENDLESS), start(ENDLESS), start(ENDLESS), start(ENDLESS)]);
    const states = async () => {
      const { QueryExecutions } = await athena().send(new BatchGetQueryExecutionCommand({ QueryExecutionIds: ids }));
      return QueryExecutions!.map(({ Status }) => Status!.State!).sort();
    };
    while ((await states()).filter((state) => state === 'RUNNING').length < 2)
      await new Promise((r) => setTimeout(r, 5));
    expect(await states()).toEqual(['QUEUED', 'QUEUED', 'RUNNING', 'RUNNING']);
    const early = refusal(athena().send(new GetQueryResultsCommand({ QueryExecutionId: ids[0]! })));
    expect(await early).toMatch(/^InvalidRequestException: Query has not yet finished\. Current state: /);
    for (const QueryExecutionId of ids.toReversed()) {
      await athena().send(new StopQueryExecutionCommand({ QueryExecutionId }));
      expect((await end(QueryExecutionId)).Status).toMatchObject({
        State: 'CANCELLED',
        StateChangeReason: 'Query cancelled by user',
      });
      await athena().send(new StopQueryExecutionCommand({ QueryExecutionId }));
    }
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => run(`SELECT ${n} AS x`)));
    expect(answers.map((rows) => rows[1]![0])).toEqual(Array.from({ length: 20 }, (_, n) => String(n)));
  }, 90_000);

  it('are one when they have one token, and listed newest first', async () => {
    const ClientRequestToken = randomUUID();
    const one = await start('SELECT 41', { ClientRequestToken });
    expect(await start('SELECT 41', { ClientRequestToken })).toBe(one);
    expect(await refusal(start('SELECT 42', { ClientRequestToken }))).toBe(
      'InvalidRequestException: Idempotent parameters do not match',
    );
    const two = await start('SELECT 43');
    await Promise.all([end(one), end(two)]);
    const page = await athena().send(new ListQueryExecutionsCommand({ WorkGroup: 'test', MaxResults: 1 }));
    expect(page.QueryExecutionIds).toEqual([two]);
    const { NextToken } = page;
    const next = await athena().send(new ListQueryExecutionsCommand({ WorkGroup: 'test', MaxResults: 1, NextToken }));
    expect(next.QueryExecutionIds).toEqual([one]);
    const batch = new BatchGetQueryExecutionCommand({ QueryExecutionIds: [one, 'none'] });
    const { QueryExecutions, UnprocessedQueryExecutionIds } = await athena().send(batch);
    expect(QueryExecutions!.map(({ Query }) => Query)).toEqual(['SELECT 41']);
    expect(UnprocessedQueryExecutionIds).toMatchObject([{ QueryExecutionId: 'none', ErrorCode: 'INVALID_INPUT' }]);
  });

  it('give the result of before when they may, as long as it is there', async () => {
    const reuse = (MaxAgeInMinutes: number) => ({
      ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes } },
    });
    const sql = 'SELECT sum(n) AS total FROM numbers';
    const first = await end(await start(sql));
    const again = await end(await start(sql, reuse(60)));
    expect(again.Statistics).toMatchObject({
      DataScannedInBytes: 0,
      ResultReuseInformation: { ReusedPreviousResult: true },
    });
    expect(again.ResultConfiguration).toEqual(first.ResultConfiguration);
    const results = new GetQueryResultsCommand({ QueryExecutionId: again.QueryExecutionId });
    expect((await athena().send(results)).ResultSet!.Rows![1]!.Data![0]!.VarCharValue).toBe('3123750');
    const isReused = async (...input: Parameters<typeof start>) =>
      (await end(await start(...input))).Statistics!.ResultReuseInformation!.ReusedPreviousResult;
    expect(await isReused(sql)).toBe(false);
    expect(await isReused(`${sql} `, reuse(60))).toBe(false);
    expect(await isReused(sql, reuse(0))).toBe(false);
    expect(await refusal(start(sql, reuse(10_081)))).toMatch(/^InvalidRequestException/);
    const { QueryExecutionIds = [] } = await athena().send(new ListQueryExecutionsCommand({ WorkGroup: 'test' }));
    for (const id of QueryExecutionIds) {
      await stack.clients.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `exports/queries/${id}.csv` }));
    }
    expect(await isReused(sql, reuse(60))).toBe(false);
  });
});

describe('Athena', () => {
  it('refuses what Athena refuses, and answers 501 by name to what it does not do', async () => {
    expect(await refusal(start('SELECT 1', { WorkGroup: 'none' }))).toBe(
      'InvalidRequestException: WorkGroup none is not found.',
    );
    expect(await refusal(start('SELECT 1', { WorkGroup: 'primary' }))).toMatch(
      /^InvalidRequestException: No output location/,
    );
    expect(await refusal(start(`SELECT ${'1'.repeat(262_144)}`))).toMatch(/^InvalidRequestException: queryString/);
    expect(await refusal(start('SELECT ?', { ExecutionParameters: ['1'] }))).toBe(
      'NotImplemented: The embedded AWS does not implement Athena StartQueryExecution with ExecutionParameters.',
    );
    const ResultConfiguration = { OutputLocation: `s3://${BUCKET}/elsewhere/` };
    expect(await refusal(start('SELECT 1', { ResultConfiguration }))).toMatch(/with ResultConfiguration\.$/);
    const statistics = new GetQueryRuntimeStatisticsCommand({ QueryExecutionId: 'x' });
    expect(await refusal(athena().send(statistics))).toMatch(/^NotImplemented/);
    await athena().send(new UpdateWorkGroupCommand({ WorkGroup: 'test', State: 'DISABLED' }));
    expect(await refusal(start('SELECT 1'))).toBe('InvalidRequestException: WorkGroup test is disabled.');
    await athena().send(new UpdateWorkGroupCommand({ WorkGroup: 'test', State: 'ENABLED' }));
    expect(await refusal(athena().send(new StartQueryExecutionCommand({ QueryString: '' })))).toMatch(
      /^InvalidRequest/,
    );
  });

  it('keeps queries and results over a restart, in which those under way fail', async () => {
    const done = await start('SELECT n FROM numbers WHERE n = 7');
    await end(done);
    const underWay = await start(ENDLESS);
    while ((await execution(stack.clients, underWay)).Status!.State !== 'RUNNING')
      await new Promise((r) => setTimeout(r, 5));
    const token = { ClientRequestToken: randomUUID() };
    const named = await start('SELECT 1', token);
    await end(named);
    await stack.restart();
    expect((await execution(stack.clients, done)).Status!.State).toBe('SUCCEEDED');
    const { ResultSet } = await athena().send(new GetQueryResultsCommand({ QueryExecutionId: done }));
    expect(ResultSet!.Rows![1]!.Data![0]!.VarCharValue).toBe('7');
    expect(ResultSet!.ResultSetMetadata!.ColumnInfo).toMatchObject([{ Name: 'n', Type: 'integer' }]);
    expect((await execution(stack.clients, underWay)).Status).toMatchObject({
      State: 'FAILED',
      AthenaError: { ErrorCategory: 1 },
    });
    expect(await start('SELECT 1', token)).toBe(named);
    expect(await run('SELECT 1 AS one')).toEqual([['one'], ['1']]);
    const unknown = new GetQueryExecutionCommand({ QueryExecutionId: 'none' });
    expect(await refusal(athena().send(unknown))).toBe('InvalidRequestException: QueryExecution none was not found');
    expect(existsSync(join(stack.dir, 'athena', 'running', underWay))).toBe(false);
  }, 90_000);
});
