import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { exhausted, failureOf, QueryCancelled } from './athena-failures.ts';
import { macrosSql } from './athena-macros.ts';
import type { HeldTable, RunQuery } from './athena-messages.ts';
import { writeResult } from './athena-result.ts';
import { rewriteDays, rewriteSql } from './athena-rewrite.ts';
import { QueryFailure, type ReadSql, readSql, type Serialized } from './athena-sql.ts';
import { literal, quoted, tableSql } from './athena-tables.ts';
import type { ResultColumn } from './athena-values.ts';

type DuckDb = typeof import('@duckdb/node-api');

/** What whoever started a query holds of it. */
export type Stop = { asked: boolean; interrupt(): void };

/** A failure with the error that it is told of by. */
export class QueryFailed extends Error {
  readonly failure: QueryFailure | QueryCancelled;
  constructor(failure: QueryFailure | QueryCancelled, cause: Error) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}

const SETTINGS = {
  threads: '2',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  lambda_syntax: 'ENABLE_SINGLE_ARROW',
};

const columnsOf = async (connection: DuckDBConnection, path: string): Promise<ReadonlyMap<string, string>> => {
  const reader = await connection.runAndReadAll(
    `DESCRIBE SELECT * FROM read_parquet(${literal(path)}, hive_partitioning = false)`,
  );
  return new Map(reader.getRows().map(([name]) => [String(name).toLowerCase(), String(name)]));
};

const view = async (connection: DuckDBConnection, { plan, copies }: HeldTable): Promise<void> => {
  const columns = new Map<string, ReadonlyMap<string, string>>();
  for (const { path } of copies) columns.set(path, await columnsOf(connection, path));
  await connection.run(`CREATE VIEW ${quoted(plan.name)} AS ${tableSql(plan, copies, (path) => columns.get(path)!)}`);
};

/**
 * Runs a query in an instance of DuckDB of its own, in memory, with the tables that it names as views over copies of
 * their objects, and writes its result to `result.csv` of its folder. It can reach nothing else: its SQL is read before
 * ({@link readSql}), and of files DuckDB may open these copies alone, with no setting changed any more. `hold` gives
 * the tables. Throws Failed.
 */
export const runQuery = async (
  duckdb: DuckDb,
  query: RunQuery,
  hold: (names: readonly string[]) => Promise<readonly HeldTable[]>,
  stop: Stop,
): Promise<ResultColumn[]> => {
  const { sql, database, folder, limits } = query;
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    ...SETTINGS,
    memory_limit: `${limits.memory}B`,
    max_temp_directory_size: `${limits.spill}B`,
    temp_directory: join(folder, 'spill'),
  });
  const connection = await instance.connect();
  stop.interrupt = () => connection.interrupt();
  let read: ReadSql | undefined;
  try {
    if (!query.tables) throw new QueryFailure(`SCHEMA_NOT_FOUND: Schema '${database}' does not exist`);
    const written = rewriteSql(sql);
    const serialized = await connection.runAndReadAll(`SELECT json_serialize_sql(${literal(written)})`);
    const parsed = JSON.parse(String(serialized.getRows()[0]![0])) as Serialized;
    const known = new Set(query.tables);
    read = readSql(written, parsed, { database, has: (name) => known.has(name) });
    if (stop.asked) throw new QueryCancelled();
    const tables = await hold(read.tables);
    stop.interrupt = () => connection.interrupt();

    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(`ATTACH ':memory:' AS awsdatacatalog`);
    await connection.run(`CREATE SCHEMA IF NOT EXISTS awsdatacatalog.${quoted(database)}`);
    await connection.run(`USE awsdatacatalog.${quoted(database)}`);
    for (const table of tables) await view(connection, table);
    for (const statement of macrosSql([...read.macros, '_days'])) await connection.run(statement);
    const paths = tables.flatMap(({ copies }) => copies.map(({ path }) => literal(path)));
    await connection.run(`SET allowed_paths = [${paths.join(', ')}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');

    if (stop.asked) throw new QueryCancelled();
    const dates = tables.flatMap(({ plan }) =>
      plan.columns.filter(({ type }) => type === 'date').map(({ name }) => name),
    );
    const statements = await connection.extractStatements(rewriteDays(read.sql, new Set(dates)));
    const prepared = await statements.prepare(0);
    if (statements.count !== 1 || prepared.statementType !== duckdb.StatementType.SELECT) {
      throw new QueryFailure('Only SELECT is allowed in the embedded AWS.');
    }
    if (prepared.parameterCount > 0) {
      throw new QueryFailure(
        `INVALID_PARAMETER_USAGE: Incorrect number of parameters: expected ${prepared.parameterCount} but found 0`,
      );
    }
    const given = new Set(
      tables.flatMap(({ plan }) => [...plan.columns, plan.partitionColumn].map((column) => column?.name)),
    );
    const result = await prepared.stream();
    const { columnNames } = read;
    const names = result
      .columnNames()
      .map((name, n) => (columnNames.has(name.toLowerCase()) || given.has(name.toLowerCase()) ? name : `_col${n}`));
    return await writeResult(duckdb, result, {
      names,
      path: join(folder, 'result.csv'),
      isStopped: () => stop.asked,
    });
  } catch (error) {
    if (stop.asked) throw new QueryFailed(new QueryCancelled(), error as Error);
    // V8's own limit of a text, where DuckDB's account of the query or a value is longer.
    const isTooLong = (error as { code?: string }).code === 'ERR_STRING_TOO_LONG' || error instanceof RangeError;
    throw new QueryFailed(isTooLong ? exhausted() : (failureOf(error as Error, read) as QueryFailure), error as Error);
  } finally {
    stop.interrupt = () => undefined;
    connection.closeSync();
    instance.closeSync();
  }
};
