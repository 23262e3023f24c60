import { InvalidRequest } from '@granary/domain/errors';
import { describe, expect, it } from '@jest/globals';
import { checkSql } from './check-sql.ts';

const refusal = (sql: string): InvalidRequest => {
  try {
    checkSql(sql, {});
  } catch (error) {
    if (error instanceof InvalidRequest) return error;
    throw error;
  }
  throw new Error(`It was taken: ${sql}`);
};

const OTHER_STATEMENTS = [
  "ATTACH '/tmp/other.db' AS other",
  "COPY wine TO '/tmp/x.csv'",
  "COPY (SELECT 1) TO 's3://bucket/x'",
  'PRAGMA database_list',
  'INSTALL httpfs',
  'LOAD httpfs',
  "SET s3_region = 'us-east-1'",
  'SET SESSION query_max_run_time = 1',
  'RESET SESSION a',
  'CALL pragma_version()',
  'EXECUTE prepared USING 1',
  "EXECUTE IMMEDIATE 'DROP TABLE wine'",
  'PREPARE p FROM SELECT 1',
  'DEALLOCATE PREPARE p',
  'INSERT INTO wine SELECT 1',
  'UPDATE wine SET a = 1',
  'DELETE FROM wine',
  'MERGE INTO wine USING juice ON true WHEN MATCHED THEN DELETE',
  'TRUNCATE TABLE wine',
  'CREATE TABLE x AS SELECT 1',
  'CREATE VIEW x AS SELECT 1',
  'CREATE FUNCTION f() RETURNS int RETURN 1',
  'DROP TABLE wine',
  'ALTER TABLE wine RENAME TO juice',
  'GRANT SELECT ON wine TO PUBLIC',
  'SHOW TABLES',
  'SHOW CREATE TABLE wine',
  'DESCRIBE wine',
  'DESC wine',
  'EXPLAIN SELECT 1',
  'EXPLAIN ANALYZE SELECT 1',
  'ANALYZE wine',
  'USE system',
  'START TRANSACTION',
  'COMMIT',
  "UNLOAD (SELECT 1) TO 's3://bucket/x' WITH (format = 'PARQUET')",
  'MSCK REPAIR TABLE wine',
  'VACUUM wine',
  'OPTIMIZE wine REWRITE DATA USING BIN_PACK',
  'TABLE wine',
  'FROM wine',
  'VALUES 1',
  'DO $$ BEGIN END $$',
];

const WITHIN_QUERIES = [
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT read_text('/etc/passwd')",
  "SELECT * FROM '/etc/passwd'",
  'SELECT * FROM "/etc/passwd"',
  'SELECT * FROM "s3://bucket/raw/x.gz"',
  "SELECT * FROM glob('/*')",
  'SELECT * FROM duckdb_settings()',
  "SELECT getenv('AWS_SECRET_ACCESS_KEY')",
  "SELECT current_setting('s3_secret_access_key')",
  "SELECT * FROM TABLE(system.query(query => 'SELECT 1'))",
  'SELECT * FROM TABLE(sequence(1, 1000000000))',
  "SELECT * FROM TABLE(read_csv('/etc/passwd'))",
  "SELECT * FROM JSON_TABLE('[1]', 'lax $[*]' COLUMNS (a int PATH 'lax $'))",
  'SELECT * FROM information_schema.tables',
  'SELECT * FROM awsdatacatalog.granary_local.wine',
  'SELECT * FROM "information_schema"."tables"',
  'SELECT * FROM "wine$partitions"',
  'SELECT "$path", "$file_size" FROM wine',
  'SELECT w."$path" FROM wine w',
  'SELECT * FROM wine FOR VERSION AS OF 3',
  "SELECT * FROM wine FOR TIMESTAMP AS OF timestamp '2024-01-01 00:00:00 UTC'",
  'SELECT * FROM wine MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS true)',
  'WITH FUNCTION f() RETURNS int RETURN 1 SELECT f()',
  'WITH a AS (DELETE FROM wine RETURNING *) SELECT * FROM a',
  'WITH a AS (INSERT INTO wine SELECT 1) SELECT * FROM a',
  'SELECT * FROM (SHOW TABLES)',
  'SELECT * FROM (DESCRIBE wine)',
  'SELECT * FROM (DESC wine)',
  'WITH summarize AS (SELECT 1) SELECT * FROM (SUMMARIZE duckdb_settings)',
  'SELECT * FROM (PIVOT wine ON year)',
  'SELECT * FROM (TABLE wine)',
  'SELECT (TABLE wine)',
  'SELECT 1 INTO x FROM wine',
  "SELECT 1 INTO OUTFILE '/tmp/x'",
  'SELECT current_user',
  'SELECT CURRENT_CATALOG, CURRENT_SCHEMA',
  'SELECT current_path',
  'SELECT version()',
  'SELECT current_groups()',
  'SELECT invoker_principal()',
  'SELECT "read_csv"(1)',
  'SELECT system.runtime.kill_query(1)',
  "SELECT pg_sleep(100), sleep(100), fail('x')",
  'SELECT COLUMNS(*) FROM wine',
  'SELECT * EXCLUDE (a) FROM wine',
  'SELECT a::int FROM wine',
  'SELECT [1, 2]',
  "SELECT {'a': 1}",
  'SELECT $1',
  'SELECT $$a$$',
  'SELECT a FROM wine WHERE b = ?',
  'SELECT `a` FROM wine',
  'SELECT 1a',
  // A string that another dialect ends elsewhere: what follows would be its SQL.
  "SELECT E'\\', ' FROM read_csv(''/etc/passwd'') --'",
  "SELECT b'1', n'a'",
  "SELECT regclass 'wine'",
  "SELECT CAST('wine' AS regclass)",
  "SELECT X'zz'",
  // DuckDB reads 0, called x1F: another answer, and no error.
  'SELECT 0x1F',
  'SELECT 0b11',
  'SELECT 0o17',
];

const SEVERAL = [
  'SELECT 1; DROP TABLE wine',
  'SELECT 1;',
  ';SELECT 1',
  'SELECT 1 SELECT 2',
  'SELECT 1 -- rest',
  'SELECT 1 /* x */',
  'SELECT /* /* nested */ */ 1',
  'SELECT /*+ hint */ 1',
  'SELECT 1 /* not closed',
  '-- SELECT 1',
  "SELECT 'not closed",
  'SELECT "not closed',
  "SELECT 'a' 'b'",
  'SELECT 1；DROP TABLE wine',
  'SELECT 1\u037e',
  'SELECT\u00a01',
  'SELECT\u20281',
  'SELECT\f1',
  'SELECT ‘a’',
  'ＳＥＬＥＣＴ 1',
  'SELECT 1 \u202e',
  '\ufeffSELECT 1',
  'SELECT "a\0b"',
  'SELECT 1\0; DROP TABLE wine',
  "SELECT '\ud800'",
  '',
  '   ',
  '()',
  '(',
  'SELECT',
  'SELECT (1',
  'SELECT 1)',
  'SELECT (1]',
  'SELECT CASE WHEN 1 THEN 2',
  'SELECT (CASE WHEN 1 THEN 2) END',
];

describe('texts that are not one query over tables', () => {
  it.each(OTHER_STATEMENTS)('refuses the statement %s at its first word', (sql) => {
    const { message, fields } = refusal(sql);
    expect(message).toMatch(
      sql.includes('$') ? /^Line 1, column \d+: / : /^Line 1, column 1: '[A-Z]+' cannot be asked here/,
    );
    expect(fields).toEqual([{ field: 'sql', message }]);
  });

  it.each(WITHIN_QUERIES)('refuses %s', (sql) => {
    const { message, fields } = refusal(sql);
    expect(message).toMatch(/^Line 1, column \d+: .+\.$/);
    expect(fields).toEqual([{ field: 'sql', message }]);
  });

  it.each(SEVERAL)('refuses %j', (sql) => {
    expect(refusal(sql).message).toMatch(/^(Line 1, column \d+: |The query (is empty|holds )).+\.$/);
  });

  it('takes for a table what another reader of the text could take for one', () => {
    // U+212A is the Kelvin sign: some fold it to k, some do not.
    const folded = 'WITH "duc\u212adb_settings" AS (SELECT 1) SELECT * FROM duckdb_settings';
    expect(checkSql(folded, {}).tables).toEqual(['duckdb_settings']);
    const recursive = 'WITH RECURSIVE sqlite_master AS (SELECT * FROM sqlite_master) SELECT * FROM sqlite_master';
    expect(checkSql(recursive, {}).tables).toEqual(['sqlite_master']);
    const anchored = 'WITH RECURSIVE t AS (SELECT * FROM t UNION ALL SELECT * FROM t) SELECT * FROM t';
    expect(checkSql(anchored, {}).tables).toEqual(['t']);
  });
});
