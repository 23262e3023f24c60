/**
 * Goals 5 to 8 of the performance page: queries over Parquet through the S3 API, at 10,000, 100,000 and 1,000,000 rows,
 * beside DuckDB with one thread on the same file on disk, objects in memory, and the whole CSV parsed on every request
 * as the ancestors do. Every contender is a process of its own; S3 is one too. Ours reads through the SDK, the footer
 * kept as it is for a version.
 */
import { median } from './measure.ts';
import { printWhenMain } from './print.ts';
import { CASES, type Case } from './query-cases.ts';
import { tableFile } from './query-data.ts';
import { type Measured, measure, type Name, startS3, upload } from './query-processes.ts';
import type { BenchRow } from './row.ts';

const SIZES = [10_000, 100_000, 1_000_000] as const;
const NAMES: readonly Name[] = ['ours', 'duckdb', 'json', 'whole_file'];

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  for (const rows of SIZES) await tableFile(rows);
  const { url, child } = await startS3();
  const all = new Map<string, Measured[]>();
  /** Of processes that run one query only, the median of several. */
  const peaks: Record<'ours' | 'duckdb', { what: string; peak_mb: number }[]> = { ours: [], duckdb: [] };
  try {
    await upload(url, SIZES);
    for (let turn = 0; turn < (quick ? 1 : 3); turn++) {
      for (const rows of SIZES)
        for (const name of NAMES) {
          // A million rows parsed for every query: once says enough.
          const slow = name === 'whole_file';
          if (slow && turn > 0) continue;
          const measured = await measure(name, rows, slow ? 0 : 9, url);
          all.set(`${name} ${rows}`, [...(all.get(`${name} ${rows}`) ?? []), measured]);
        }
    }
    for (const { name, what } of CASES)
      for (const contender of ['ours', 'duckdb'] as const) {
        // When garbage is collected differs from process to process.
        const each: number[] = [];
        for (let turn = 0; turn < (quick ? 1 : 3); turn++)
          each.push((await measure(contender, SIZES[2], 5, url, name)).peak_mb);
        peaks[contender].push({ what, peak_mb: median(each) });
      }
  } finally {
    child.kill();
  }
  const of = (name: Name, rows: number, value: (measured: Measured) => number): number =>
    median((all.get(`${name} ${rows}`) ?? []).map(value));
  const msOf = (name: Name, rows: number, each: Case['name']): number => of(name, rows, ({ cases }) => cases[each].ms);
  const cpuOf = (name: Name, each: Case['name']): number => of(name, SIZES[2], ({ cases }) => cases[each].cpu_ms);
  const bytesOf = (rows: number, each: Case['name']): number => of('ours', rows, ({ cases }) => cases[each].bytes);
  const requestsOf = (rows: number, each: Case['name']): number =>
    of('ours', rows, ({ cases }) => cases[each].requests);

  const row = (
    goal: string,
    what: string,
    [value, unit]: [number, string],
    peer: string,
    ratio: number,
    limit: number,
  ): BenchRow => ({
    goal,
    what,
    value,
    unit,
    peer,
    ratio,
    limit,
    met: ratio <= limit,
  });
  const million = SIZES[2];
  const beside = (rows: number, each: Case['name']): string =>
    (['duckdb', 'json', 'whole_file'] as const)
      .map(
        (name) =>
          `${{ duckdb: 'DuckDB', json: 'JSON in memory', whole_file: 'whole CSV' }[name]} ${msOf(name, rows, each).toFixed(1)}`,
      )
      .join(' · ');
  const figures = SIZES.flatMap((rows) =>
    CASES.map(({ name, what }) =>
      row(
        '',
        `${what}, ${rows.toLocaleString('en')} rows: ${requestsOf(rows, name)} requests, ${(bytesOf(rows, name) / 1000).toFixed(0)} kB`,
        [msOf('ours', rows, name), 'ms'],
        `${beside(rows, name)} ms`,
        msOf('ours', rows, name) / msOf('duckdb', rows, name),
        0,
      ),
    ),
  );
  const key = [msOf('ours', million, 'key'), msOf('ours', SIZES[0], 'key')] as const;
  const bytes = [bytesOf(million, 'key'), bytesOf(SIZES[0], 'key')] as const;
  const againstDuckdb = (goal: string, name: Case['name'], limit: number): BenchRow => {
    const [mine, theirs] = [msOf('ours', million, name), msOf('duckdb', million, name)];
    const { what } = CASES.find((each) => each.name === name)!;
    return row(
      goal,
      `${what}, 1M rows`,
      [mine, 'ms'],
      `DuckDB, 1 thread ${theirs.toFixed(1)} ms; CPU ${cpuOf('ours', name).toFixed(0)} and ${cpuOf('duckdb', name).toFixed(0)} ms`,
      mine / theirs,
      limit,
    );
  };
  const highest = (name: 'ours' | 'duckdb') =>
    peaks[name].reduce((most, each) => (each.peak_mb > most.peak_mb ? each : most));
  const peak = highest('ours');
  return [
    ...figures,
    row(
      '5',
      'one row group answers: 1M rows, time',
      [key[0], 'ms'],
      `ours at 10,000 rows ${key[1].toFixed(1)} ms`,
      key[0] / key[1],
      1.5,
    ),
    row(
      '5',
      'one row group answers: 1M rows, bytes',
      [bytes[0] / 1000, 'kB'],
      `ours at 10,000 rows ${(bytes[1] / 1000).toFixed(0)} kB`,
      bytes[0] / bytes[1],
      1.5,
    ),
    againstDuckdb('6', 'other', 5),
    againstDuckdb('7', 'group', 10),
    againstDuckdb('7 (stretch)', 'group', 5),
    row(
      '8',
      `peak memory, 1M rows: ${peak.what}`,
      [peak.peak_mb, 'MB'],
      `DuckDB ${highest('duckdb').peak_mb.toFixed(0)} MB · JSON in memory ${of('json', million, ({ peak_mb }) => peak_mb).toFixed(0)} MB`,
      peak.peak_mb / 300,
      1,
    ),
  ];
};

await printWhenMain(import.meta, run);
