import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { differenceOf } from '@granary/tabular/read-back/read-back';
import { readBackCsv } from '@granary/tabular/read-back/read-back-csv';
import { fileRanges, readBackParquet } from '@granary/tabular/read-back/read-back-parquet';
import type { Field } from '@granary/tabular/table';
import { type Aws, type Item, sha256 } from './aws.ts';

type Files = { parquet: string; csv: string };

/**
 * By DuckDB, which nobody here wrote: the rows of both files are the same, each as often. Texts that are empty and
 * texts that are not there look alike in CSV.
 */
const differenceInDuckDb = async (
  duckdb: DuckDBConnection,
  { parquet, csv }: Files,
  rows: number,
): Promise<string | undefined> => {
  const columns = (await duckdb.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${parquet}')`)).getRowObjects();
  const name = ({ column_name }: Item) => `"${column_name}"`;
  const isText = ({ column_type }: Item) => column_type === 'VARCHAR';
  const ofParquet = columns.map((column) => (isText(column) ? `coalesce(${name(column)}, '')` : name(column)));
  const ofCsv = columns.map((column) =>
    isText(column) ? `coalesce(${name(column)}, '')` : `CAST(${name(column)} AS ${column.column_type})`,
  );
  const one = `SELECT ${ofParquet.join(', ')} FROM read_parquet('${parquet}')`;
  const other = `SELECT ${ofCsv.join(', ')} FROM read_csv('${csv}', all_varchar = true, header = true, delim = ',', quote = '"')`;
  const count = async (sql: string) =>
    Number((await duckdb.runAndReadAll(`SELECT count(*) AS n FROM (${sql})`)).getRowObjects()[0]!.n);
  const read = await count(one);
  if (read !== rows) return `DuckDB reads ${read} rows of the Parquet file, and ${rows} were published`;
  const only = (await count(`${one} EXCEPT ALL ${other}`)) + (await count(`${other} EXCEPT ALL ${one}`));
  return only === 0 ? undefined : `DuckDB reads ${only} rows that are in one of Parquet and CSV only`;
};

/** By our own readers: rows, nulls and values of each column, and the count that the version says. */
const differenceInOurs = async ({ parquet, csv }: Files, version: Item): Promise<string | undefined> => {
  const schema = { fields: version.fields as Field[], key: version.key as string[] };
  const file = fileRanges(parquet);
  try {
    const ofParquet = await readBackParquet(file, schema, { sorted: true });
    const rows = version.counts.rows_published;
    if (ofParquet.rows !== rows)
      return `we read ${ofParquet.rows} rows of the Parquet file, and ${rows} were published`;
    const difference = differenceOf(ofParquet, await readBackCsv(csv, schema), schema);
    return difference && `the CSV file ${difference} to the Parquet file`;
  } finally {
    file.close();
  }
};

/** Reads every file of these versions back. What is wrong, as sentences. */
export const readBackVersions = async (aws: Aws, versions: readonly Item[]): Promise<string[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'granary-soak-'));
  const instance = await DuckDBInstance.create();
  const duckdb = await instance.connect();
  const wrong: string[] = [];
  try {
    const files = { parquet: join(folder, 'data.parquet'), csv: join(folder, 'data.csv.gz') };
    for (const version of versions) {
      const name = `${version.dataset}@${version.version}`;
      try {
        for (const [file, { bytes, sha256: hash }] of Object.entries(version.files as Record<string, Item>)) {
          const body = await aws.object(`${version.prefix}${file}`);
          if (body.byteLength !== bytes || sha256(body) !== hash)
            wrong.push(`${name}: ${file} is not what its version says`);
          if (file === 'data.parquet') writeFileSync(files.parquet, body);
          if (file === 'data.csv.gz') writeFileSync(files.csv, body);
        }
        const { counts } = version;
        const accounted = counts.rows_published + counts.rows_quarantined + counts.rows_deduplicated;
        if (accounted !== counts.rows_read)
          wrong.push(`${name}: ${counts.rows_read} rows read, ${accounted} accounted for`);
        const difference =
          (await differenceInOurs(files, version)) ?? (await differenceInDuckDb(duckdb, files, counts.rows_published));
        if (difference) wrong.push(`${name}: ${difference}`);
      } catch (error) {
        wrong.push(`${name}: ${(error as Error).message}`);
      }
    }
    return wrong;
  } finally {
    duckdb.closeSync();
    instance.closeSync();
    rmSync(folder, { recursive: true });
  }
};
