/**
 * Goals 1 to 4 of the performance page: CSV to Parquet and csv.gz, against DuckDB, gzip alone and csv-parse with hyparquet-writer.
 * Every contender runs in a process of its own, all of them interleaved, and the medians are compared. Read the ratios, not the times.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { dataFile } from './data.ts';
import { printWhenMain } from './print.ts';
import type { BenchRow } from './row.ts';

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
const GZIP = ['gzip6', 'both6', 'back6', 'gzip1', 'both1'];
const MEMORY = ['both6', 'back6', 'duckdb'];

/** A ratio that must be at least, or at most, its limit. */
const row = (
  goal: string,
  what: string,
  measured: [number, string],
  peer: string,
  ratio: number,
  limit: [least: 'least' | 'most', bound: number],
): BenchRow => {
  const [value, unit] = measured;
  const [side, bound] = limit;
  return {
    goal,
    what,
    value,
    unit,
    peer,
    ratio,
    limit: bound,
    met: side === 'least' ? ratio >= bound : ratio <= bound,
  };
};

/** A million rows, where the goals are set. `quick`: fewer rounds, and csv-parse with a tenth of the rows. */
export const run = async ({ quick = false }: { quick?: boolean } = {}): Promise<BenchRow[]> => {
  const rows = 1_000_000;
  const fast = interleave(FAST, rows, quick ? 3 : 7);
  const gzip = interleave(GZIP, rows, quick ? 2 : 5);
  const slow = interleave(['csv_parse'], quick ? rows / 10 : rows, 1);
  const memory = new Map([10_000, 100_000, rows].map((count) => [count, interleave(MEMORY, count, quick ? 1 : 3)]));

  const ms = (of: Map<string, Measured>, name: string): number => of.get(name)!.ms;
  const peak = (count: number, name: string): number => memory.get(count)!.get(name)!.peak_mb;
  const parquet = ms(fast, 'parquet');
  const type = ms(fast, 'type');
  const duckdb = ms(fast, 'duckdb');
  const floor = ms(fast, 'floor');
  const csvParse = ms(slow, 'csv_parse') * (quick ? 10 : 1);

  const toParquet = (goal: string, name: string, peer: number, least: number): BenchRow =>
    row(
      goal,
      'CSV to Parquet, 1M rows',
      [parquet, 'ms'],
      `${name} ${peer.toFixed(0)} ms: its time / ours`,
      peer / parquet,
      ['least', least],
    );
  const bothFiles = (level: 6 | 1): BenchRow => {
    const [ours, alone] = [gzip.get(`both${level}`)!, gzip.get(`gzip${level}`)!];
    const cpu = `CPU ${alone.cpu_ms.toFixed(0)}, ours ${ours.cpu_ms.toFixed(0)} on two threads`;
    const peer = `gzip ${level} alone ${alone.ms.toFixed(0)} ms (${cpu})`;
    return row(`3 (gzip ${level})`, 'Parquet and csv.gz, one pass', [ours.ms, 'ms'], peer, ours.ms / alone.ms, [
      'most',
      1.3,
    ]);
  };
  const memoryAt = (count: number): BenchRow => {
    const [ours, theirs] = [peak(count, 'both6'), peak(count, 'duckdb')];
    const peer = `DuckDB, 1 thread, Parquet only ${theirs.toFixed(0)} MB`;
    return row(
      count === rows ? '4' : '4 (smaller)',
      `peak memory, both files, ${count} rows`,
      [ours, 'MB'],
      peer,
      ours / theirs,
      ['most', 1],
    );
  };
  const [back, both] = [gzip.get('back6')!, gzip.get('both6')!];
  const memories = `memory ${peak(rows, 'back6').toFixed(0)} MB, without ${peak(rows, 'both6').toFixed(0)}`;
  const readBackRow = row(
    '3 (read back)',
    'Parquet and csv.gz, gzip 6, both read back and compared',
    [back.ms, 'ms'],
    `gzip 6 alone ${gzip.get('gzip6')!.ms.toFixed(0)} ms; without reading back ${both.ms.toFixed(0)} (${memories})`,
    back.ms / gzip.get('gzip6')!.ms,
    ['most', 1.3],
  );
  const [most, least] = [peak(rows, 'both6'), peak(10_000, 'both6')];
  const inChunks = `in chunks ${ms(fast, 'streamed_floor').toFixed(0)} ms`;
  return [
    toParquet('1', 'DuckDB, 1 thread', duckdb, 0.6),
    toParquet('1 (stretch)', 'DuckDB, 1 thread', duckdb, 0.9),
    toParquet('1 (peer)', 'csv-parse + hyparquet-writer', csvParse, 1),
    row(
      '2',
      'parse and type, 1M rows',
      [type, 'ms'],
      `read the file, count newlines ${floor.toFixed(0)} ms (${inChunks})`,
      type / floor,
      ['most', 8],
    ),
    bothFiles(6),
    bothFiles(1),
    readBackRow,
    ...[...memory.keys()].map(memoryAt),
    row(
      '4',
      'peak memory, both files, 1M rows',
      [most, 'MB'],
      `ours at 10,000 rows ${least.toFixed(0)} MB`,
      most / least,
      ['most', 2.8],
    ),
  ];
};

await printWhenMain(import.meta, run);
