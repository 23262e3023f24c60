import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  type AthenaStack,
  ask,
  failure,
  parquetOf,
  putFolder,
  putTable,
  startAthenaStack,
  tableInput,
} from './testing/athena-stack.ts';

let stack: AthenaStack;
let copy: string;
beforeAll(async () => {
  stack = await startAthenaStack();
  const fields = ['a', 'hidden'].map((name) => ({ name, type: 'int32' as const, nullable: true }));
  await putFolder(stack.clients, 't/1', parquetOf(fields, [[1, 2]]));
  await putTable(stack.clients, tableInput('t', { a: 'int' }));
  expect(await ask(stack.clients, 'SELECT * FROM t')).toEqual([['a'], ['1']]);
  copy = join(stack.dir, 'athena', 'cache', readdirSync(join(stack.dir, 'athena', 'cache'))[0]!);
  writeFileSync(join(stack.dir, 'secret.csv'), 'secret\n1\n');
});
afterAll(() => stack.close());

/** `COPY`: the path of the copy of the table's own file; `SECRET`: that of another. */
const ATTACKS = [
  "SELECT * FROM read_parquet('COPY')",
  "SELECT * FROM 'COPY'",
  'SELECT * FROM "COPY"',
  "SELECT hidden FROM t, read_parquet('COPY')",
  "SELECT * FROM read_csv('SECRET')",
  "SELECT * FROM 'SECRET'",
  "SELECT * FROM read_text('/etc/passwd')",
  "SELECT * FROM read_blob('SECRET')",
  "SELECT * FROM glob('/*')",
  "SELECT * FROM parquet_schema('COPY')",
  "SELECT * FROM sniff_csv('SECRET')",
  "SELECT * FROM query('SELECT 1')",
  "SELECT * FROM query_table('t')",
  "SELECT * FROM json_execute_serialized_sql('{}')",
  "SELECT (SELECT content FROM read_text('SECRET'))",
  "WITH x AS (SELECT * FROM read_text('SECRET')) SELECT * FROM x",
  "SELECT 1 WHERE EXISTS (SELECT 1 FROM read_text('SECRET'))",
  "SELECT 1 UNION ALL SELECT content FROM read_text('SECRET')",
  "SELECT * FROM t ORDER BY (SELECT count(*) FROM read_text('SECRET'))",
  "SELECT * FROM unnest((SELECT list(content) FROM read_text('SECRET'))) AS u (x)",
  'SELECT * FROM duckdb_settings()',
  'SELECT * FROM duckdb_tables',
  'SELECT * FROM duckdb_secrets()',
  'SELECT * FROM sqlite_master',
  'SELECT * FROM information_schema.tables',
  'SELECT * FROM pg_catalog.pg_class',
  'SELECT * FROM system.main.duckdb_tables',
  'SELECT * FROM duckdb_tables, (WITH duckdb_tables AS (SELECT 1) SELECT 1) x',
  'WITH a AS (SELECT * FROM duckdb_tables), duckdb_tables AS (SELECT 1) SELECT * FROM a',
  'WITH duckdb_tables AS (SELECT * FROM duckdb_tables) SELECT * FROM duckdb_tables',
  "SELECT current_setting('temp_directory')",
  "SELECT getenv('HOME')",
  "SELECT getvariable('x')",
  "SELECT main.current_setting('allowed_paths')",
  "SELECT system.main.current_setting('allowed_paths')",
  "SELECT list_transform(array[1], x -> current_setting('allowed_paths'))",
  "SELECT sum(a) FILTER (WHERE current_setting('threads') = '1') FROM t",
  "SELECT sum(a) OVER (ORDER BY current_setting('threads')) FROM t",
  "SELECT a FROM t LIMIT (SELECT length(current_setting('threads')))",
  "COPY t TO 'SECRET.out'",
  "COPY (SELECT 1) TO 'SECRET.out'",
  "ATTACH 'SECRET.db'",
  "EXPORT DATABASE 'SECRET.d'",
  "IMPORT DATABASE 'SECRET.d'",
  'INSTALL httpfs',
  'LOAD httpfs',
  'SET threads = 8',
  'PRAGMA version',
  'CALL pragma_version()',
  'SHOW TABLES',
  'DESCRIBE t',
  'SUMMARIZE t',
  'EXPLAIN SELECT 1',
  'EXPLAIN ANALYZE SELECT 1',
  'CREATE TABLE x AS SELECT 1',
  'CREATE MACRO m() AS 1',
  'INSERT INTO t VALUES (1)',
  'DELETE FROM t',
  'UPDATE t SET a = 1',
  'DROP VIEW t',
  'VACUUM',
  'CHECKPOINT',
  'BEGIN',
  'PREPARE p AS SELECT 1',
  'EXECUTE p',
  'SELECT 1; SELECT 2',
  "SELECT 1; COPY t TO 'SECRET.out'",
  'SELECT * FROM t WHERE a = ?',
  'SELECT * FROM t WHERE a = $1',
  'PIVOT t ON a',
  '',
  ';',
  "SELECT 'unfinished",
];

it('lets no query read a file, DuckDB itself, or do anything but read its tables, and tells no path', async () => {
  const before = readdirSync(stack.dir);
  const secret = join(stack.dir, 'secret.csv');
  for (const attack of ATTACKS.filter((sql) => sql !== '')) {
    const sql = attack.replaceAll("COPY'", `${copy}'`).replaceAll('COPY"', `${copy}"`).replaceAll('SECRET', secret);
    const answer = await failure(stack.clients, sql);
    expect([attack, answer]).toEqual([attack, expect.stringMatching(/^2 /)]);
    expect(answer.replace(sql, '').replaceAll(copy, '').replaceAll(secret, '')).not.toContain(stack.dir);
  }
  expect(readdirSync(stack.dir)).toEqual(before);
}, 180_000);

it('still reads by names that look like those: tables of WITH, quoted names, the database and the catalog', async () => {
  for (const sql of [
    'WITH duckdb_tables AS (SELECT a FROM t) SELECT a FROM duckdb_tables',
    'SELECT a FROM "t"',
    'SELECT a FROM T',
    'SELECT a FROM test_tables.t',
    'SELECT a FROM awsdatacatalog.test_tables.t',
    'SELECT a FROM "AwsDataCatalog"."test_tables"."t"',
    'SELECT x.a FROM (SELECT * FROM t) x',
    'SELECT a FROM unnest(array[1]) AS u (a)',
    'WITH RECURSIVE r (a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM r WHERE a < 1) SELECT a FROM r',
  ]) {
    expect([sql, await ask(stack.clients, sql)]).toEqual([sql, [['a'], ['1']]]);
  }
});
