/**
 * Goals 1 to 4 and 17 of the performance page: the function's own conversion of a CSV file (`convertTable`: quarantine,
 * contract, hashes, profile, both files and reading them back) against DuckDB, gzip alone and csv-parse with
 * hyparquet-writer. Every contender is a process of its own that has what the collect function has: one core
 * (`taskset`) and 90 % of its memory as the limit of its heap. They take turns, and medians of their processor times
 * are compared: on one core that is the time that a quiet machine takes, and the work of others disturbs it less.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { worker } from '../services/ingestion/src/functions/collect.ts';
import { dataFile } from './data.ts';
import { median } from './measure.ts';
import { onOneCore } from './one-core.ts';
import { printWhenMain } from './print.ts';
import type { BenchRow } from './row.ts';

type Measured = { ms: number; cpu_ms: number; peak_mb: number };

const CONTENDER = fileURLToPath(new URL('./convert-contender.ts', import.meta.url));
const OUT = fileURLToPath(new URL('./out/', import.meta.url));
const HEAP_MB = Math.round(worker.memory_mb * 0.9);
const NODE = ['--no-warnings', `--max-old-space-size=${HEAP_MB}`, CONTENDER];
const measure = (contender: string, file: string): Measured => {
  const folder = `${OUT}${contender}-${process.pid}`;
  return onOneCore<Measured>(process.execPath, [...NODE, contender, file, folder]);
};

/** Medians of each contender over rounds in which all of them take their turn. */
const interleave = (contenders: readonly string[], file: string, rounds: number): Map<string, Measured> => {
  const all = new Map<string, Measured[]>(contenders.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) for (const name of contenders) all.get(name)!.push(measure(name, file));
  const of = (runs: readonly Measured[], figure: keyof Measured): number => median(runs.map((run) => run[figure]));
  return new Map(
    [...all].map(([name, runs]) => [
      name,
      { ms: of(runs, 'ms'), cpu_ms: of(runs, 'cpu_ms'), peak_mb: of(runs, 'peak_mb') },
    ]),
  );
};

/** 16 MiB of lines of nothing but delimiters, behind a header of 200 columns; and one such line. */
const delimiterFiles = (): [string, string][] => {
  const [lines, line] = [`${OUT}delimiters-lines.csv`, `${OUT}delimiters-line.csv`];
  const header = Array.from({ length: 200 }, (_, index) => `c${index}`).join(';');
  if (!existsSync(lines)) writeFileSync(lines, `${header}\n${`1${';'.repeat(199)}\n`.repeat((16 * 2 ** 20) / 201)}`);
  if (!existsSync(line)) writeFileSync(line, `a${';'.repeat(16 * 2 ** 20)}`);
  return [
    ['lines of 200 cells, all but one of them empty', lines],
    ['one line', line],
  ];
};

const FAST = ['floor', 'read', 'profile', 'parquet', 'duckdb'];
const WHOLE = ['product', 'both', 'gzip6', 'duckdb_both', 'duckdb_profiled'];

/** `quick`: fewer rounds, csv-parse with a tenth of the rows, no memory of five million rows. */
export const run = async ({ quick = false }: { quick?: boolean } = {}): Promise<BenchRow[]> => {
  const million = dataFile(1_000_000);
  const fast = interleave(FAST, million, quick ? 3 : 7);
  const whole = interleave(WHOLE, million, quick ? 2 : 5);
  const slow = interleave(['csv_parse'], dataFile(quick ? 100_000 : 1_000_000), 1);
  const rows: BenchRow[] = [];
  const add = (
    goal: string,
    what: string,
    [value, unit]: [number, string],
    peer: string,
    ratio: number,
    [side, limit]: ['least' | 'most', number],
  ): void => {
    rows.push({ goal, what, value, unit, peer, ratio, limit, met: side === 'least' ? ratio >= limit : ratio <= limit });
  };
  const ms = (of: Map<string, Measured>, name: string): number => of.get(name)!.cpu_ms;

  const parquet = ms(fast, 'parquet');
  const toParquet = (goal: string, name: string, peer: number, least: number): void =>
    add(
      goal,
      'CSV to Parquet, read back, 1M rows',
      [parquet, 'ms of CPU'],
      `${name} ${peer.toFixed(0)} ms: its time / ours`,
      peer / parquet,
      ['least', least],
    );
  toParquet('1', 'DuckDB, 1 thread, not read back', ms(fast, 'duckdb'), 0.6);
  toParquet('1 (stretch)', 'DuckDB, 1 thread, not read back', ms(fast, 'duckdb'), 0.9);
  toParquet('1 (peer)', 'csv-parse + hyparquet-writer', ms(slow, 'csv_parse') * (quick ? 10 : 1), 1);
  const [read, floor] = [ms(fast, 'read'), ms(fast, 'floor')];
  add(
    '2',
    'parse and type, 1M rows',
    [read, 'ms of CPU'],
    `read the file, count newlines ${floor.toFixed(0)} ms`,
    read / floor,
    ['most', 8],
  );
  const [both, gzip, product] = [ms(whole, 'both'), ms(whole, 'gzip6'), ms(whole, 'product')];
  add('3', 'Parquet and csv.gz, one pass', [both, 'ms of CPU'], `gzip 6 alone ${gzip.toFixed(0)} ms`, both / gzip, [
    'most',
    1.3,
  ]);
  add(
    '',
    'the same, both files read back: convertTable',
    [product, 'ms of CPU'],
    `without reading back ${both.toFixed(0)} ms`,
    product / both,
    ['most', Number.POSITIVE_INFINITY],
  );
  const profile = ms(fast, 'profile') - read;
  add(
    '',
    'the profile of 1M rows',
    [profile, 'ms of CPU'],
    `convertTable ${product.toFixed(0)} ms`,
    profile / product,
    ['most', 0.1],
  );
  const duckdb = ms(whole, 'duckdb_both');
  add(
    '',
    'convertTable, 1M rows',
    [product, 'ms of CPU'],
    `DuckDB, 1 thread, Parquet and csv.gz, not read back ${duckdb.toFixed(0)} ms: its time / ours`,
    duckdb / product,
    ['least', 0],
  );
  const profiled = ms(whole, 'duckdb_profiled');
  add(
    '17',
    'convertTable, 1M rows: Parquet and csv.gz, profiled, read back',
    [product, 'ms of CPU'],
    `DuckDB, 1 thread, Parquet and SUMMARIZE ${profiled.toFixed(0)} ms: its time / ours`,
    profiled / product,
    ['least', 0.6],
  );

  const memory = (what: string, contender: string, file: string, most: number, rounds: number): number => {
    const { peak_mb } = interleave([contender], file, rounds).get(contender)!;
    add('4', `peak memory, ${what}`, [peak_mb, 'MB'], `${most} MB`, peak_mb / most, ['most', 1]);
    return peak_mb;
  };
  const rounds = quick ? 1 : 3;
  const withoutKey: number[] = [];
  for (const count of quick ? [1_000_000] : [1_000_000, 5_000_000]) {
    withoutKey.push(memory(`${count} rows without a key`, 'product', dataFile(count), 256, rounds));
    memory(`${count} rows sorted by a key`, 'product_key', dataFile(count), 512, rounds);
  }
  const [million_mb, five_mb] = withoutKey;
  if (million_mb !== undefined && five_mb !== undefined)
    add(
      '17',
      'peak memory without a key, 5M rows',
      [five_mb, 'MB'],
      `1M rows ${million_mb.toFixed(0)} MB`,
      five_mb / million_mb,
      ['most', 1.15],
    );
  for (const [what, file] of delimiterFiles())
    memory(`16 MiB of delimiters: ${what}`, 'product_undeclared', file, 256, 1);
  return rows;
};

await printWhenMain(import.meta, run);
