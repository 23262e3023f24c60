/**
 * One contender of the conversion benchmark, in a process of its own: does its work once and prints `{ ms, cpu_ms,
 * peak_mb }`.
 */
import { createReadStream, createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, zstdCompressSync } from 'node:zlib';
import type { Batch, Field } from '@granary/tabular/table';

/** `folder`: where files are written to. */
type Contender = (file: string, folder: string) => Promise<void>;

/** What a dataset's definition declares; the other columns are inferred. */
const FIELDS = [
  { name: 'id', type: 'int32', nullable: false },
  { name: 'obs_date', type: 'date', nullable: false },
  { name: 'station', type: 'string', nullable: false },
  { name: 'price', type: 'double', nullable: true },
] as const satisfies readonly Field[];
const PROCESSING_DATE = '2026-11-30';

const kindAndSource = async (key: readonly string[], fields: readonly Field[] = FIELDS) => {
  const { kind } = await import('@granary/sources/kinds/files/kind');
  const definition = { id: 'bench_rows', title: 'Rows', description: 'Rows.', fields, key };
  const config = { files: [{ dataset: definition.id, url: 'rows.csv' }] };
  const source = { id: 'bench', config, datasets: [definition] } as never;
  return { kind, source, definition };
};

/** The function's own conversion: quarantine, contract, hashes, profile and reading back included. */
const product =
  (key: readonly string[] = [], fields?: readonly Field[]): Contender =>
  async (path, folder) => {
    const { convertOnly } = await import('@granary/domain/use-cases/testing/convert-only');
    const { withKind } = await import('@granary/domain/kind');
    const { kind, source, definition } = await kindAndSource(key, fields);
    const resource = { dataset: definition.id, url: 'http://bench.test/rows.csv', hints: {} };
    begin();
    try {
      await convertOnly({
        ...{ source: withKind(kind, source), definition, resource, path, folder },
        processing_date: PROCESSING_DATE,
      });
    } catch (error) {
      // A file of nothing but delimiters is refused, after all of it was read.
      if ((error as { code?: string }).code !== 'refused-content') throw error;
      refused = (error as Error).message;
    }
  };

/** The same reader and table writer, without the CSV or without reading back. */
const pieces =
  ({ csv, readBack }: { csv: boolean; readBack: boolean }): Contender =>
  async (path, folder) => {
    const { openResourceFile } = await import('@granary/domain/use-cases/collect/resource-file');
    const { createTableWriter } = await import('@granary/tabular/table-writer');
    const { createTableSums } = await import('@granary/tabular/read-back/table-sums');
    const { differenceOf } = await import('@granary/tabular/read-back/read-back');
    const { fileRanges, readBackParquet } = await import('@granary/tabular/read-back/read-back-parquet');
    const { fileSink } = await import('@granary/tabular/sink');
    const { kind, source, definition } = await kindAndSource([]);
    begin();
    const file = openResourceFile(path);
    const parquet = fileSink(join(folder, 'data.parquet'));
    const csvGz = csv ? fileSink(join(folder, 'data.csv.gz')) : undefined;
    let schema = { fields: FIELDS as readonly (typeof FIELDS)[number][], key: [] as string[] } as never;
    let summer!: ReturnType<typeof createTableSums>;
    let writer!: ReturnType<typeof createTableWriter>;
    const [table] = await kind.tables(source, { dataset: definition.id, url: '', hints: {} }, file);
    await table.read(
      { processing_date: PROCESSING_DATE, fields: definition.fields },
      {
        begin(fields) {
          schema = { fields, key: [] } as never;
          summer = createTableSums(fields);
          writer = createTableWriter({ schema, parquet, csvGz, sort: false, onBatch: summer.add });
        },
        rows: (batch) => writer.write(batch),
        quarantine: ({ reason }) => {
          throw new Error(reason);
        },
      },
    );
    await writer.end();
    parquet.end();
    csvGz?.end();
    if (!readBack) return;
    const ranges = fileRanges(join(folder, 'data.parquet'));
    const difference = differenceOf(summer.sums(), await readBackParquet(ranges, schema, { sorted: false }), schema);
    if (difference) throw new Error(difference);
  };

type Profiler = { add(batch: Batch): void; profile(): unknown };

/** Reads the file, and gives its batches to a profiler. */
const reading =
  (create: (fields: readonly Field[]) => Profiler): Contender =>
  async (path) => {
    const { openResourceFile } = await import('@granary/domain/use-cases/collect/resource-file');
    const { kind, source, definition } = await kindAndSource([]);
    const resource = { dataset: definition.id, url: '', hints: {} };
    begin();
    let profiler!: Profiler;
    const options = { processing_date: PROCESSING_DATE, fields: definition.fields };
    const [table] = await kind.tables(source, resource, openResourceFile(path));
    await table.read(options, {
      begin: (fields) => {
        profiler = create(fields);
      },
      rows: (batch) => profiler.add(batch),
      quarantine() {},
    });
    profiler.profile();
  };

const gzipAlone =
  (level: number): Contender =>
  async (path, folder) => {
    begin();
    await pipeline(
      createReadStream(path, { highWaterMark: 1 << 20 }),
      createGzip({ level, chunkSize: 1 << 18 }),
      createWriteStream(join(folder, 'gz')),
    );
  };

const duckdb =
  (statements: (path: string, folder: string) => readonly string[]): Contender =>
  async (path, folder) => {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    begin();
    for (const statement of statements(path, folder)) await connection.run(statement);
    stop();
    connection.closeSync();
  };

const countLines = (bytes: Buffer): number => {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
};

const contenders: Record<string, Contender> = {
  product: product(),
  product_key: product(['station', 'id']),
  /** Nothing is declared. */
  product_undeclared: product([], []),
  parquet: pieces({ csv: false, readBack: true }),
  both: pieces({ csv: true, readBack: false }),
  gzip6: gzipAlone(6),
  async floor(path) {
    begin();
    countLines(readFileSync(path));
  },
  read: reading(() => ({ add() {}, profile() {} })),
  /** The same, and every batch profiled. */
  async profile(path, folder) {
    const { createTableProfiler } = await import('@granary/tabular/profile/profile-table');
    await reading(createTableProfiler)(path, folder);
  },
  duckdb: duckdb((path, folder) => [
    `copy (from read_csv('${path}')) to '${folder}/data.parquet' (format parquet, compression zstd)`,
  ]),
  /** What a version of DuckDB's would be: written, and profiled. */
  duckdb_profiled: duckdb((path, folder) => [
    `copy (from read_csv('${path}')) to '${folder}/data.parquet' (format parquet, compression zstd)`,
    `summarize from '${folder}/data.parquet'`,
  ]),
  duckdb_both: duckdb((path, folder) => [
    `copy (from read_csv('${path}')) to '${folder}/data.parquet' (format parquet, compression zstd)`,
    `copy (from '${folder}/data.parquet') to '${folder}/data.csv.gz' (format csv, compression gzip)`,
  ]),
  /** Of bench/workbook.ts: a workbook is read into memory, and nothing else. */
  async sheetjs(path) {
    const { read } = await import('@e965/xlsx');
    begin();
    read(readFileSync(path), { type: 'buffer', dense: true, cellNF: true, cellText: false, cellHTML: false });
  },
  async csv_parse(path, folder) {
    const { parse } = await import('csv-parse/sync');
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const { writeFileSync } = await import('node:fs');
    begin();
    const convert: ((text: string) => unknown)[] = [
      Number,
      date,
      String,
      String,
      String,
      String,
      Number,
      Number,
      Number,
      (text) => text === 'true',
      String,
      date,
    ];
    const [names, ...records] = parse(readFileSync(path)) as string[][];
    const columns = names.map((_, index) =>
      records.map((record) => (record[index] === '' ? null : convert[index](record[index]))),
    );
    const columnData = names.map((name, index) => ({ name, data: columns[index] }));
    const ZSTD = (bytes: Uint8Array) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    writeFileSync(
      join(folder, 'data.parquet'),
      Buffer.from(parquetWriteBuffer({ columnData, codec: 'ZSTD', compressors: { ZSTD }, rowGroupSize: 10_000 })),
    );
  },
};
const date = (text: string): Date => new Date(text);

let started = 0;
let cpu = process.cpuUsage();
let ended = 0;
let refused: string | undefined;
// Loading modules is no part of the work.
const begin = (): void => {
  started = performance.now();
  cpu = process.cpuUsage();
};
const stop = (): void => {
  ended = performance.now();
};

const [name, file, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
try {
  await contenders[name](file, folder);
  if (ended === 0) stop();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const { user, system } = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    ms: ended - started,
    cpu_ms: (user + system) / 1000,
    peak_mb: process.resourceUsage().maxRSS / 1024,
    refused,
  }),
);
