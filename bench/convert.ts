/**
 * Goals 1 to 4 of the performance page: CSV to Parquet and csv.gz, against DuckDB, gzip alone and csv-parse with hyparquet-writer.
 * Every contender runs in a process of its own, all of them interleaved, and the medians are compared. Read the ratios, not the times.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { dataFile } from './data.ts';

export type BenchRow = {
  goal: string;
  what: string;
  value: number;
  unit: string;
  peer: string;
  ratio: number;
  limit: number;
  met: boolean;
};

type Measured = { ms: number; cpu_ms: number; peak_mb: number };

const CONTENDER = fileURLToPath(new URL('./convert-contender.ts', import.meta.url));
const OUT = fileURLToPath(new URL('./out/', import.meta.url));

const measure = (contender: string, rows: number): Measured => {
  const target = `${OUT}${contender}-${rows}-${process.pid}`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--no-warnings', CONTENDER, contender, dataFile(rows), target],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${contender} at ${rows} rows failed: ${stderr}`);
  return JSON.parse(stdout) as Measured;
};

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
};

/** Medians of each contender over rounds in which all of them take their turn. */
const interleave = (contenders: readonly string[], rows: number, rounds: number): Map<string, Measured> => {
  const all = new Map<string, Measured[]>(contenders.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) for (const name of contenders) all.get(name)!.push(measure(name, rows));
  const medians = ([name, runs]: [string, Measured[]]): [string, Measured] => [
    name,
    {
      ms: median(runs.map((run) => run.ms)),
      cpu_ms: median(runs.map((run) => run.cpu_ms)),
      peak_mb: median(runs.map((run) => run.peak_mb)),
    },
  ];
  return new Map([...all].map(medians));
};

const FAST = ['floor', 'streamed_floor', 'type', 'parquet', 'duckdb'];
const GZIP = ['gzip6', 'both6', 'gzip1', 'both1'];
const MEMORY = ['both6', 'duckdb'];

/** `quick`: three rounds instead of seven, at 100,000 rows instead of a million. */
export const run = async ({ quick = false }: { quick?: boolean } = {}): Promise<BenchRow[]> => {
  const rows = quick ? 100_000 : 1_000_000;
  const rounds = quick ? 3 : 7;
  const fast = interleave(FAST, rows, rounds);
  const gzip = interleave(GZIP, rows, quick ? 3 : 5);
  const slow = interleave(['csv_parse'], rows, 1);
  const memory = new Map(
    (quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000]).map((count) => [count, interleave(MEMORY, count, 3)]),
  );

  const size = `${rows.toLocaleString('en')} rows`;
  const ms = (of: Map<string, Measured>, name: string): number => of.get(name)!.ms;
  const peak = (count: number, name: string): number => memory.get(count)!.get(name)!.peak_mb;
  const atLeast = (
    goal: string,
    what: string,
    value: number,
    peer: string,
    ratio: number,
    limit: number,
  ): BenchRow => ({ goal, what, value, unit: 'ms', peer, ratio, limit, met: ratio >= limit });
  const atMost = (
    goal: string,
    what: string,
    value: number,
    unit: string,
    peer: string,
    ratio: number,
    limit: number,
  ): BenchRow => ({ goal, what, value, unit, peer, ratio, limit, met: ratio <= limit });

  const parquet = ms(fast, 'parquet');
  const type = ms(fast, 'type');
  const duckdb = ms(fast, 'duckdb');
  const floor = ms(fast, 'floor');
  const streamed = ms(fast, 'streamed_floor');
  const table = [
    atLeast(
      '1',
      `CSV to Parquet, ${size}`,
      parquet,
      `DuckDB, 1 thread ${duckdb.toFixed(0)} ms: its time / ours`,
      duckdb / parquet,
      0.6,
    ),
    atLeast(
      '1 stretch',
      `CSV to Parquet, ${size}`,
      parquet,
      `DuckDB, 1 thread ${duckdb.toFixed(0)} ms: its time / ours`,
      duckdb / parquet,
      0.9,
    ),
    atLeast(
      '1 peer',
      `CSV to Parquet, ${size}`,
      parquet,
      `csv-parse + hyparquet-writer ${ms(slow, 'csv_parse').toFixed(0)} ms: its time / ours`,
      ms(slow, 'csv_parse') / parquet,
      1,
    ),
    atMost(
      '2',
      `parse and type, ${size}`,
      type,
      'ms',
      `read the file, count newlines ${floor.toFixed(0)} ms (in chunks ${streamed.toFixed(0)} ms)`,
      type / floor,
      8,
    ),
  ];
  for (const level of [6, 1]) {
    const [ours, alone] = [ms(gzip, `both${level}`), ms(gzip, `gzip${level}`)];
    table.push(
      atMost(
        '3',
        `Parquet and csv.gz in one pass, gzip ${level}`,
        ours,
        'ms',
        `gzip ${level} alone ${alone.toFixed(0)} ms`,
        ours / alone,
        1.3,
      ),
    );
  }
  const largest = quick ? 100_000 : 1_000_000;
  for (const [count] of memory) {
    const [ours, theirs] = [peak(count, 'both6'), peak(count, 'duckdb')];
    const limit = 1;
    table.push(
      atMost(
        count === largest ? '4' : '4 info',
        `peak memory, both files, ${count.toLocaleString('en')} rows`,
        ours,
        'MB',
        `DuckDB, 1 thread, Parquet only ${theirs.toFixed(0)} MB`,
        ours / theirs,
        limit,
      ),
    );
  }
  const [most, least] = [peak(largest, 'both6'), peak(10_000, 'both6')];
  table.push(
    atMost(
      '4',
      `peak memory, both files, ${largest.toLocaleString('en')} rows`,
      most,
      'MB',
      `ours at 10,000 rows ${least.toFixed(0)} MB`,
      most / least,
      2.8,
    ),
  );
  return table;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const table = await run({ quick: process.argv.includes('--quick') });
  for (const { goal, what, value, unit, peer, ratio, limit, met } of table) {
    console.log(
      `${goal.padEnd(10)}${what.padEnd(52)}${`${value.toFixed(0)} ${unit}`.padStart(9)}  ${ratio.toFixed(2).padStart(6)} (limit ${limit}) ${met ? 'met   ' : 'missed'}  ${peer}`,
    );
  }
}
