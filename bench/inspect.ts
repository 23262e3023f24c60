/**
 * Goal 15: `inspect` of 1,000 small files (dialect, header, tables, types, evidence, profile), in files a second,
 * beside DuckDB's `sniff_csv` with SUMMARIZE, and csv-detective. The files are every fifth of the pollution benchmark,
 * so some are read by nobody; what a contender refuses counts as done. Each contender is a process of its own with one
 * core.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pollutedFiles } from '@granary/sources/testing/pollution/polluted-files';
import { median } from './measure.ts';
import { onOneCore } from './one-core.ts';
import { printWhenMain } from './print.ts';
import { pythonWith } from './python.ts';
import type { BenchRow } from './row.ts';

const FILES = 1000;
const EVERY = 5;
/** The first of the same files: csv-detective takes a large part of a second for each. */
const SLOW_FILES = 100;
const FOLDER = join(import.meta.dirname, 'out/inspect');

const writeFiles = (): void => {
  if (existsSync(join(FOLDER, `${FILES - 1}.csv`))) return;
  mkdirSync(FOLDER, { recursive: true });
  let [index, written] = [0, 0];
  for (const { bytes } of pollutedFiles()) {
    if (index++ % EVERY !== 0) continue;
    writeFileSync(join(FOLDER, `${written++}.csv`), bytes);
    if (written === FILES) return;
  }
};

/** `refused`: files that the contender could not read. */
type Told = { cpu_ms: number; refused: number };

const measured = (program: string, args: readonly string[], files: number): Told =>
  onOneCore(program, [...args, FOLDER, String(files)]);

const node = (contender: string, files = FILES): Told =>
  measured(process.execPath, ['--no-warnings', join(import.meta.dirname, 'inspect-contender.ts'), contender], files);

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  writeFiles();
  const python = await pythonWith('venv-detective', ['csv-detective'], 'csv-detective');
  const [ours, duckdb]: [Told[], Told[]] = [[], []];
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    ours.push(node('granary'));
    duckdb.push(node('duckdb'));
  }
  const perSecond = (told: readonly Told[], files: number): number =>
    files / (median(told.map(({ cpu_ms }) => cpu_ms)) / 1000);
  const row = (own: readonly Told[], files: number, peer: string, told: readonly Told[], least: number): BenchRow => {
    const value = perSecond(own, files);
    const rate = perSecond(told, files);
    return {
      goal: '15',
      what: `inspect, ${files} files of 84 rows × 9; ${own[0]!.refused} refused`,
      ...{ value, unit: 'files a second of CPU', peer: `${peer}: ${rate.toFixed(1)}, ${told[0]!.refused} refused` },
      ...{ ratio: value / rate, limit: least, met: value / rate >= least },
    };
  };
  const rows = [row(ours, FILES, 'DuckDB, sniff_csv and SUMMARIZE', duckdb, 2)];
  if (python) {
    const script = join(import.meta.dirname, 'peers/detect_csv.py');
    const told = measured(python, [script], SLOW_FILES);
    rows.push(row([node('granary', SLOW_FILES)], SLOW_FILES, 'csv-detective', [told], 10));
  }
  return rows;
};

await printWhenMain(import.meta, run);
