/**
 * Gives the sample to PostgreSQL: DuckDB reads the Parquet, psql copies what it read. `node load-postgres.ts
 * <connection>`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ColumnType } from '@granary/tabular/table';
import { SCHEMA, sampleParquet } from './sample-table.ts';

const SQL_TYPE: Record<ColumnType, string> = {
  boolean: 'boolean',
  int32: 'integer',
  int64: 'bigint',
  double: 'double precision',
  date: 'date',
  timestamp: 'timestamp with time zone',
  string: 'text',
};
const NULL = '\\N';

const folder = mkdtempSync(join(tmpdir(), 'granary-differential-'));
try {
  const [parquet, csv] = [join(folder, 'data.parquet'), join(folder, 'data.csv')];
  writeFileSync(parquet, await sampleParquet());
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  await duck.run("SET TimeZone = 'UTC'");
  await duck.run(
    `COPY (SELECT * FROM read_parquet('${parquet}')) TO '${csv}' (FORMAT csv, HEADER false, NULLSTR '${NULL}', FORCE_QUOTE *)`,
  );
  duck.closeSync();
  const columns = SCHEMA.fields.map(
    ({ name, type, nullable }) => `${name} ${SQL_TYPE[type]}${nullable ? '' : ' NOT NULL'}`,
  );
  const sql = [
    'DROP TABLE IF EXISTS wine;',
    `CREATE TABLE wine (${columns.join(', ')});`,
    `\\copy wine FROM '${csv}' WITH (FORMAT csv, NULL '${NULL}')`,
    // What a plan estimates follows from it.
    'ANALYZE wine;',
  ];
  const psql = ['-v', 'ON_ERROR_STOP=1', '-q', '-d', process.argv[2] ?? ''];
  execFileSync('psql', psql, { input: sql.join('\n'), stdio: ['pipe', 'inherit', 'inherit'] });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
