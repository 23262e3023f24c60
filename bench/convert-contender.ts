/** One contender of the conversion benchmark, in a process of its own: does its work once and prints `{ ms, cpu_ms, peak_mb }`. */
import { closeSync, createReadStream, createWriteStream, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, zstdCompressSync } from 'node:zlib';

type Contender = (file: string, target: string) => Promise<void>;

/** What a dataset's definition would declare; the other columns are inferred. */
const CONTRACT = {
  fields: [
    { name: 'id', type: 'int32', nullable: false },
    { name: 'obs_date', type: 'date', nullable: false },
    { name: 'station', type: 'string', nullable: false },
    { name: 'price', type: 'double', nullable: true },
  ],
} as const;

const ours =
  (outputs: { parquet?: boolean; gzipLevel?: number; readBack?: boolean }): Contender =>
  async (path, target) => {
    const { convertCsv } = await import('@granary/tabular/convert-csv');
    const { fileSink } = await import('@granary/tabular/sink');
    const { readBack } = await import('@granary/tabular/read-back/read-back');
    const { createTableSums } = await import('@granary/tabular/read-back/table-sums');
    let summer: ReturnType<typeof createTableSums> | undefined;
    begin();
    const parquet = outputs.parquet ? fileSink(`${target}.parquet`) : undefined;
    const csvGz = outputs.gzipLevel ? fileSink(`${target}.csv.gz`) : undefined;
    const { quarantined, passes, schema } = await convertCsv({
      path,
      contract: CONTRACT,
      parquet,
      csvGz,
      gzipLevel: outputs.gzipLevel,
      onQuarantine() {},
      onBatch(batch, { fields }) {
        if (!outputs.readBack) return;
        summer ??= createTableSums(fields);
        summer.add(batch);
      },
    });
    const files = { parquet: parquet?.end(), csvGz: csvGz?.end() };
    if (summer) {
      const difference = await readBack({
        ...{ schema, sorted: false, sums: summer.sums() },
        parquet: { path: `${target}.parquet`, ...files.parquet! },
        csvGz: { path: `${target}.csv.gz`, ...files.csvGz! },
      });
      if (difference) throw new Error(difference);
    }
    if (quarantined !== 0 || passes !== 1) throw new Error(`${quarantined} rows quarantined in ${passes} passes`);
  };

const gzipAlone =
  (level: number): Contender =>
  async (path, target) => {
    begin();
    await pipeline(
      createReadStream(path, { highWaterMark: 1 << 20 }),
      createGzip({ level, chunkSize: 1 << 18 }),
      createWriteStream(`${target}.gz`),
    );
  };

const countLines = (bytes: Buffer): number => {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
};

const contenders: Record<string, Contender> = {
  async floor(path) {
    begin();
    countLines(readFileSync(path));
  },
  async streamed_floor(path) {
    begin();
    const file = openSync(path, 'r');
    const chunk = Buffer.allocUnsafe(1 << 20);
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) countLines(chunk.subarray(0, size));
    closeSync(file);
  },
  type: ours({}),
  parquet: ours({ parquet: true }),
  both6: ours({ parquet: true, gzipLevel: 6 }),
  /** The same, and both files read back as convertResource does before a version is committed. */
  back6: ours({ parquet: true, gzipLevel: 6, readBack: true }),
  both1: ours({ parquet: true, gzipLevel: 1 }),
  gzip6: gzipAlone(6),
  gzip1: gzipAlone(1),
  async duckdb(path, target) {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    begin();
    await connection.run(`copy (from read_csv('${path}')) to '${target}.parquet' (format parquet, compression zstd)`);
    stop();
    connection.closeSync();
  },
  async csv_parse(path, target) {
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
      `${target}.parquet`,
      Buffer.from(parquetWriteBuffer({ columnData, codec: 'ZSTD', compressors: { ZSTD }, rowGroupSize: 10_000 })),
    );
  },
};
const date = (text: string): Date => new Date(text);

let started = 0;
let cpu = process.cpuUsage();
let ended = 0;
// Loading modules is no part of the work.
const begin = (): void => {
  started = performance.now();
  cpu = process.cpuUsage();
};
const stop = (): void => {
  ended = performance.now();
};

const [name, file, target] = process.argv.slice(2);
await contenders[name](file, target);
if (ended === 0) stop();
for (const ending of ['parquet', 'csv.gz', 'gz']) rmSync(`${target}.${ending}`, { force: true });
const { user, system } = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    ms: ended - started,
    cpu_ms: (user + system) / 1000,
    peak_mb: process.resourceUsage().maxRSS / 1024,
  }),
);
