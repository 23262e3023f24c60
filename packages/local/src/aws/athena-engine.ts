import { mkdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { csvLine } from './athena-csv.ts';
import { macroSql } from './athena-functions.ts';
import type { AthenaObjects, LocalObject } from './athena-objects.ts';
import { QueryFailure, type ReadSql, readSql, type Serialized } from './athena-sql.ts';
import { literal, planTable, quoted, type TablePlan, tableSql } from './athena-tables.ts';
import { describeType, OutOfRange, type ResultColumn } from './athena-values.ts';
import type { LookUpTables } from './glue.ts';

/** It was stopped, by whoever asked for it or by the limit of bytes. */
export class QueryCancelled extends Error {}

/** What whoever started a query holds of it. */
export type Stop = { asked: boolean; interrupt(): void };

export type Query = { id: string; sql: string; database: string; cutoff: number | undefined; stop: Stop };
export type Answer = { path: string; columns: readonly ResultColumn[] };

const SETTINGS = {
  threads: '2',
  memory_limit: '1GB',
  max_temp_directory_size: '8GB',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  lambda_syntax: 'ENABLE_SINGLE_ARROW',
};
/** Bytes of text that are written to the result at a time. */
const WRITE = 1 << 18;

const failureOf = (error: Error, read: ReadSql | undefined): Error => {
  if (error instanceof QueryFailure || error instanceof QueryCancelled) return error;
  if (error instanceof OutOfRange) return new QueryFailure(error.message);
  const message = error.message.split('\n')[0]!;
  if (message.startsWith('Out of Memory Error')) {
    return new QueryFailure('Query exhausted resources at this scale factor', 'system');
  }
  const column = /Referenced column "(.+?)" (?:not found|was not found)|does not have a column named "(.+?)"/.exec(
    message,
  );
  const name = column?.[1] ?? column?.[2];
  if (name !== undefined) {
    return new QueryFailure(
      `COLUMN_NOT_FOUND: ${read?.placeOf(name.toLowerCase()) ?? ''}Column '${name}' cannot be resolved or requester is not authorized to access requested resources`,
    );
  }
  const [, kind = '', said = message] = /^([\w ]+?) Error: (.*)$/.exec(message) ?? [];
  if (kind === 'IO' || kind === 'Fatal' || kind === 'Internal' || kind === '') {
    return new QueryFailure('GENERIC_INTERNAL_ERROR: the query could not be run', 'system');
  }
  if (/\.parquet\b/.test(said))
    return new QueryFailure('HIVE_BAD_DATA: a file of the table cannot be read as its columns say');
  // What a macro says is Athena's own wording already.
  if (/^[A-Z_]+: /.test(said)) return new QueryFailure(said);
  const code: Record<string, string> = {
    Parser: 'SYNTAX_ERROR: ',
    Binder: 'SYNTAX_ERROR: ',
    Catalog: 'SYNTAX_ERROR: ',
    Conversion: 'INVALID_CAST_ARGUMENT: ',
    'Out of Range': 'NUMERIC_VALUE_OUT_OF_RANGE: ',
  };
  return new QueryFailure(`${code[kind] ?? ''}${said}`);
};

/**
 * SQL by DuckDB, which is loaded at the first query: until then nobody pays its memory. Each query has an instance of its own in memory, with the tables that it
 * names as views over copies of their objects, and can reach nothing else: its SQL is read before ({@link readSql}), and of files DuckDB may open these copies
 * alone, with no setting changed any more.
 */
export const openEngine = (options: {
  /** for spilling and results, a folder for each query; removed at the start */
  dir: string;
  tables: LookUpTables;
  objects: AthenaObjects;
  onFailure: (error: Error) => void;
  load?: () => Promise<typeof import('@duckdb/node-api')>;
}) => {
  const { dir, tables, objects, onFailure } = options;
  rmSync(dir, { recursive: true, force: true });

  const importDuckDb = options.load ?? (() => import('@duckdb/node-api'));
  const load = () =>
    importDuckDb().catch((error: Error) => {
      onFailure(error);
      const message = 'The embedded AWS runs SQL by @duckdb/node-api, which cannot be loaded on this machine.';
      throw new QueryFailure(message, 'system');
    });

  const columnsOf = async (connection: DuckDBConnection, path: string): Promise<ReadonlyMap<string, string>> => {
    const reader = await connection.runAndReadAll(
      `DESCRIBE SELECT * FROM read_parquet(${literal(path)}, hive_partitioning = false)`,
    );
    return new Map(reader.getRows().map(([name]) => [String(name).toLowerCase(), String(name)]));
  };

  const view = async (connection: DuckDBConnection, plan: TablePlan, copies: readonly LocalObject[]): Promise<void> => {
    const columns = new Map<string, ReadonlyMap<string, string>>();
    for (const { path } of copies) columns.set(path, await columnsOf(connection, path));
    await connection.run(`CREATE VIEW ${quoted(plan.name)} AS ${tableSql(plan, copies, (path) => columns.get(path)!)}`);
  };

  const write = async (result: DuckDBResult, names: readonly string[], file: FileHandle, stop: Stop) => {
    const columns = names.map((name, n) => ({ name, ...describeType(result.columnType(n)) }));
    let text = csvLine(names);
    for (;;) {
      if (stop.asked) throw new QueryCancelled();
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) break;
      const vectors = columns.map((_, n) => chunk.getColumnVector(n));
      for (let row = 0; row < chunk.rowCount; row++) {
        const values = vectors.map((vector, n) => {
          const value = vector.getItem(row);
          return value === null ? null : columns[n]!.write(value);
        });
        text += csvLine(values);
      }
      if (text.length < WRITE) continue;
      await file.write(text);
      text = '';
    }
    await file.write(text);
    return columns.map(({ write: _, ...column }) => column);
  };

  /**
   * The result of a query as a file, which whoever called removes by {@link discard}. `scanned` is told the bytes of its tables' objects before they are read:
   * whole objects, where Athena counts the columns that it reads. Throws QueryFailure and QueryCancelled.
   */
  const run = async (query: Query, scanned: (bytes: number) => void): Promise<Answer> => {
    const { id, sql, database, cutoff, stop } = query;
    const { DuckDBInstance, StatementType } = await load();
    const own = join(dir, id);
    mkdirSync(own, { recursive: true });
    const instance = await DuckDBInstance.create(':memory:', { ...SETTINGS, temp_directory: join(own, 'spill') });
    const connection = await instance.connect();
    const copies: LocalObject[] = [];
    let read: ReadSql | undefined;
    const unlessStopped = () => {
      if (stop.asked) throw new QueryCancelled();
    };
    stop.interrupt = () => connection.interrupt();
    try {
      const catalog = tables(database);
      if (!catalog) throw new QueryFailure(`SCHEMA_NOT_FOUND: Schema '${database}' does not exist`);
      const serialized = await connection.runAndReadAll(`SELECT json_serialize_sql(${literal(sql)})`);
      const parsed = JSON.parse(String(serialized.getRows()[0]![0])) as Serialized;
      read = readSql(sql, parsed, { database, has: (name) => catalog.table(name) !== undefined });
      const plans = await Promise.all(read.tables.map((name) => planTable(name, catalog.table(name)!, objects)));
      const bytes = plans.flatMap(({ files }) => files).reduce((sum, file) => sum + file.bytes, 0);
      if (cutoff !== undefined && bytes > cutoff) throw new QueryCancelled('Bytes scanned limit was exceeded');
      scanned(bytes);

      await connection.run("SET TimeZone = 'UTC'");
      await connection.run(`ATTACH ':memory:' AS awsdatacatalog`);
      await connection.run(`CREATE SCHEMA IF NOT EXISTS awsdatacatalog.${quoted(database)}`);
      await connection.run(`USE awsdatacatalog.${quoted(database)}`);
      for (const plan of plans) {
        const own: LocalObject[] = [];
        for (const file of plan.files) {
          unlessStopped();
          const copy = await objects.hold(file, file);
          copies.push(copy);
          own.push(copy);
        }
        await view(connection, plan, own);
      }
      for (const name of read.macros) await connection.run(macroSql(name));
      await connection.run(`SET allowed_paths = [${copies.map(({ path }) => literal(path)).join(', ')}]`);
      await connection.run('SET enable_external_access = false');
      await connection.run('SET lock_configuration = true');

      unlessStopped();
      const statements = await connection.extractStatements(read.sql);
      const prepared = await statements.prepare(0);
      if (statements.count !== 1 || prepared.statementType !== StatementType.SELECT) {
        throw new QueryFailure('Only SELECT is allowed in the embedded AWS.');
      }
      if (prepared.parameterCount > 0) {
        throw new QueryFailure(
          `INVALID_PARAMETER_USAGE: Incorrect number of parameters: expected ${prepared.parameterCount} but found 0`,
        );
      }
      const given = new Set(
        plans.flatMap(({ columns, partitionColumn }) => [...columns, partitionColumn].map((c) => c?.name)),
      );
      const result = await prepared.stream();
      const { columnNames } = read;
      const names = result
        .columnNames()
        .map((name, n) => (columnNames.has(name.toLowerCase()) || given.has(name.toLowerCase()) ? name : `_col${n}`));
      const path = join(own, 'result.csv');
      const file = await open(path, 'w', 0o600);
      try {
        return { path, columns: await write(result, names, file, stop) };
      } finally {
        await file.close();
      }
    } catch (error) {
      if (stop.asked) throw new QueryCancelled();
      const failure = failureOf(error as Error, read);
      if (failure instanceof QueryFailure && failure.by === 'system') onFailure(error as Error);
      throw failure;
    } finally {
      stop.interrupt = () => undefined;
      for (const { path } of copies) objects.release(path);
      connection.closeSync();
      instance.closeSync();
    }
  };

  return { run, discard: (id: string) => rmSync(join(dir, id), { recursive: true, force: true }) };
};

export type Engine = ReturnType<typeof openEngine>;
