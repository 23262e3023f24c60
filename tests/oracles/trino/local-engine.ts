import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRows } from '@granary/embedded-aws/athena/athena-csv';
import { openEngine } from '@granary/embedded-aws/athena/athena-engine';
import type { AthenaObjects } from '@granary/embedded-aws/athena/athena-objects';
import { createParquetWriter } from '@granary/tabular/parquet/parquet-writer';
import { memorySink } from '@granary/tabular/sink';
import type { ColumnType } from '@granary/tabular/table';
import { createTableBuilder } from '@granary/tabular/table-builder';
import type { Answer } from './answers.ts';

/** The table `wines` of the corpus: its columns with their types, and its rows. */
export type CorpusTable = {
  columns: readonly (readonly [name: string, type: ColumnType])[];
  rows: readonly (readonly (string | number | boolean | null)[])[];
};

export const corpusTable = (): CorpusTable =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'table.json'), 'utf8')) as CorpusTable;

/** The rows as a file that the stores would publish. */
export const parquetOfTable = ({ columns, rows }: CorpusTable): Uint8Array => {
  const fields = columns.map(([name, type]) => ({ name, type, nullable: true }));
  const schema = { fields, key: [] };
  const parquet = memorySink();
  const writer = createParquetWriter({ schema, sink: parquet });
  const builder = createTableBuilder(schema, { emit: (batch) => writer.write(batch) });
  const whole = (value: string | number | boolean | null, n: number) =>
    columns[n][1] === 'int64' && typeof value === 'string' ? BigInt(value) : value;
  for (const row of rows) builder.append(row.map(whole));
  builder.end();
  writer.end();
  return parquet.bytes();
};

const HIVE: Readonly<Record<string, string>> = { int32: 'int', int64: 'bigint' };
const SYMLINKS = 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat';

/** The embedded Athena's engine with the table `wines`, without the services around it. */
export const openLocalEngine = (table: CorpusTable) => {
  const dir = mkdtempSync(join(tmpdir(), 'granary-corpus-'));
  const path = join(dir, 'wines.parquet');
  const bytes = parquetOfTable(table);
  writeFileSync(path, bytes);
  const facts = { bytes: bytes.length, etag: 'one', path };
  const wines = {
    location: 's3://corpus/wines',
    inputFormat: SYMLINKS,
    columns: table.columns.map(([name, type]) => ({ name, type: HIVE[type] ?? type })),
    partitionKeys: [],
    parameters: {},
  };
  const engine = openEngine({
    dir: join(dir, 'engine'),
    tables: () => ({ names: () => ['wines'], table: (name) => (name === 'wines' ? wines : undefined) }),
    objects: {
      read: async () => Buffer.from('s3://corpus/data.parquet\n'),
      head: async () => facts,
      hold: async () => facts,
      release: () => undefined,
    } as unknown as AthenaObjects,
    onFailure: () => undefined,
  });
  let asked = 0;
  return {
    ask: async (sql: string): Promise<Answer> => {
      const id = `q${++asked}`;
      const query = { id, sql, database: 'd', cutoff: undefined, stop: { asked: false, interrupt: () => undefined } };
      try {
        const { path: result, columns } = await engine.run(query, () => undefined);
        const [, ...rows] = readRows(readFileSync(result), 10_000).rows;
        return { columns, rows };
      } catch (error) {
        return { error: (error as Error).message };
      } finally {
        engine.discard(id);
      }
    },
    close: async () => {
      await engine.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
