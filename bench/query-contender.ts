/**
 * One contender of the reading benchmark, in a process of its own: `node query-contender.ts <contender> <rows> <rounds>
 * [case]` runs every query of query-cases.ts (or that one) so many times and prints `{ peak_mb, cases: { <case>: { ms,
 * cpu_ms, requests, bytes,
 * chain } } }`. The environment has the address of the S3 API: BENCH_S3.
 */
import { readFileSync } from 'node:fs';
import { S3Client } from '@aws-sdk/client-s3';
import { makeS3ObjectReader } from '@granary/stores/s3-object-reader';
import { longestChain, median } from './measure.ts';
import { BUCKET, CASES, type Case, keyOf } from './query-cases.ts';
import { tableFile } from './query-data.ts';

/** Runs one case and gives how much it answered, so that no work can be left out. */
type Contender = { run(each: Case): Promise<number>; requests(): Requests };
/** `chain`: of how many requests each waited for the one before, at most. */
type Requests = { requests: number; bytes: number; chain: number };

const none = (): Requests => ({ requests: 0, bytes: 0, chain: 0 });

const ours = async (rows: number): Promise<Contender> => {
  const { openTable } = await import('@granary/tabular/query/open-table');
  const { parseQuery } = await import('@granary/tabular/query/parse-query');
  const { runQuery } = await import('@granary/tabular/query/run-query');
  const { jsonOf } = await import('@granary/tabular/query/write-rows');
  const client = new S3Client({
    endpoint: process.env.BENCH_S3,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    forcePathStyle: true,
  });
  const store = makeS3ObjectReader({ client, bucket: BUCKET });
  let asked: { begun: number; ended: number; bytes: number }[] = [];
  const table = await openTable({
    byteLength: (await store.head(keyOf(rows)))!.bytes,
    async read(start, end) {
      const begun = performance.now();
      const bytes = await store.getRange(keyOf(rows), start, end);
      asked.push({ begun, ended: performance.now(), bytes: end - start });
      return bytes;
    },
  });
  return {
    async run({ query }) {
      asked = [];
      const { fields, batches } = runQuery(table, parseQuery([...new URLSearchParams(query(rows))], table.fields));
      let size = 0;
      for await (const bytes of jsonOf(fields, batches)) size += bytes.length;
      return size;
    },
    requests: () => ({
      requests: asked.length,
      bytes: asked.reduce((sum, { bytes }) => sum + bytes, 0),
      chain: longestChain(asked),
    }),
  };
};

const duckdb = async (rows: number): Promise<Contender> => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(`CREATE VIEW t AS FROM read_parquet('${await tableFile(rows)}')`);
  return {
    async run({ sql }) {
      const reader = await connection.runAndReadAll(sql(rows));
      return JSON.stringify(reader.getRowObjectsJson()).length;
    },
    requests: none,
  };
};

type Row = Record<string, string | number | boolean | null>;

const rowsOfFile = async (bytes: Buffer): Promise<Row[]> => {
  const { byteSource, readTable, rowsOf } = await import('@granary/tabular/read-table');
  const table = await readTable(byteSource(bytes));
  const rows: Row[] = [];
  for (const row of rowsOf(table)) rows.push(row as Row);
  return rows;
};

/** Everything as objects in memory, loaded before. */
const json = async (rows: number): Promise<Contender> => {
  const all = await rowsOfFile(readFileSync(await tableFile(rows)));
  return { run: async ({ js }) => JSON.stringify(js(all, rows)).length, requests: none };
};

/** What the ancestors do on every request: the whole CSV is read and parsed, then looked through. */
const wholeFile = async (rows: number): Promise<Contender> => {
  const { parse } = await import('csv-parse/sync');
  const { dataFile } = await import('./data.ts');
  return {
    async run({ js }) {
      const cast = (value: string): string | number =>
        value !== '' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
      const all = parse(readFileSync(dataFile(rows)), { columns: true, cast }) as Row[];
      return JSON.stringify(js(all, rows)).length;
    },
    requests: none,
  };
};

const CONTENDERS = { ours, duckdb, json, whole_file: wholeFile };

const [name, count, times, only] = process.argv.slice(2) as [keyof typeof CONTENDERS, string, string, string?];
const contender = await CONTENDERS[name](Number(count));
const results: Record<string, { ms: number; cpu_ms: number } & Requests> = {};
for (const each of CASES.filter((known) => only === undefined || known.name === only)) {
  const measured: number[] = [];
  const worked: number[] = [];
  // The first round warms up, as a function that has served before is.
  for (let round = 0; round <= Number(times); round++) {
    const begun = performance.now();
    const cpu = process.cpuUsage();
    const size = await contender.run(each);
    const { user, system } = process.cpuUsage(cpu);
    if (round > 0 || times === '0') {
      measured.push(performance.now() - begun);
      worked.push((user + system) / 1000);
    }
    if (size < 10) throw new Error(`${name} answers ${each.name} with ${size} bytes`);
  }
  results[each.name] = { ms: median(measured), cpu_ms: median(worked), ...contender.requests() };
}
console.log(JSON.stringify({ peak_mb: process.resourceUsage().maxRSS / 1024, cases: results }));
process.exit(0);
