/**
 * Goal 16: a workbook of 100,000 rows × 20 columns from the file to a table that could be published (typed, profiled,
 * Parquet and CSV written and read back), beside SheetJS that only reads it, and calamine (Rust, by Python) as the
 * floor. An .xls has 65,536 rows at most. Each contender is a process of its own with what the collect function has.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { worker } from '../services/ingestion/src/functions/collect.ts';
import { median } from './measure.ts';
import { onOneCore } from './one-core.ts';
import { printWhenMain } from './print.ts';
import { pythonWith } from './python.ts';
import type { BenchRow } from './row.ts';

const OUT = join(import.meta.dirname, 'out');
const COLUMNS = 20;
const ROWS = { xlsx: 100_000, xls: 65_000 } as const;
type Format = keyof typeof ROWS;
type Measured = { cpu_ms: number; peak_mb: number };

/** Undefined for an .xls where no Python writes it. */
const fileOf = async (format: Format, python: string | undefined): Promise<string | undefined> => {
  const path = join(OUT, `workbook-${ROWS[format]}.${format}`);
  if (existsSync(path)) return path;
  mkdirSync(OUT, { recursive: true });
  const size = [path, String(ROWS[format]), String(COLUMNS)];
  if (format === 'xlsx')
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'workbook-data.ts'), ...size]);
  else if (python) await promisify(execFile)(python, [join(import.meta.dirname, 'peers/write_xls.py'), ...size]);
  else return undefined;
  return path;
};

const HEAP = `--max-old-space-size=${Math.round(worker.memory_mb * 0.9)}`;

const ours = (contender: string, file: string): Measured =>
  onOneCore<Measured>(process.execPath, [
    ...['--no-warnings', HEAP, join(import.meta.dirname, 'convert-contender.ts'), contender],
    ...[file, join(OUT, `${contender}-${process.pid}`)],
  ]);

const medians = (all: readonly Measured[]): Measured => ({
  cpu_ms: median(all.map(({ cpu_ms }) => cpu_ms)),
  peak_mb: median(all.map(({ peak_mb }) => peak_mb)),
});

const LIMITS = { time: 1.3, memory: 0.5 } as const;

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const python = await pythonWith('venv-workbook', ['python-calamine', 'xlwt'], 'calamine, and .xls,');
  const rows: BenchRow[] = [];
  for (const format of ['xlsx', 'xls'] as const) {
    const file = await fileOf(format, python);
    if (!file) continue;
    const [published, read, floor]: [Measured[], Measured[], Measured[]] = [[], [], []];
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      published.push(ours('product_undeclared', file));
      read.push(ours('sheetjs', file));
      if (python) floor.push(onOneCore<Measured>(python, [join(import.meta.dirname, 'peers/read_calamine.py'), file]));
    }
    const [product, sheetjs] = [medians(published), medians(read)];
    const what = `.${format}, ${ROWS[format].toLocaleString('en')} rows × ${COLUMNS}`;
    const row = (part: string, value: number, unit: string, peer: string, ratio: number, limit: number): BenchRow => ({
      goal: limit > 0 ? '16' : '',
      ...{ what: `${what}: ${part}`, value, unit, peer, ratio, limit, met: limit === 0 || ratio <= limit },
    });
    const [ms, mb] = ['ms of CPU', 'MB'];
    rows.push(
      row(
        'read, typed, written and read back',
        product.cpu_ms,
        ms,
        `SheetJS reads it in ${sheetjs.cpu_ms.toFixed(0)} ms`,
        product.cpu_ms / sheetjs.cpu_ms,
        LIMITS.time,
      ),
      row(
        'peak memory',
        product.peak_mb,
        mb,
        `SheetJS ${sheetjs.peak_mb.toFixed(0)} MB`,
        product.peak_mb / sheetjs.peak_mb,
        LIMITS.memory,
      ),
    );
    if (python) {
      const { cpu_ms, peak_mb } = medians(floor);
      rows.push(
        row(
          'the same',
          product.cpu_ms,
          ms,
          `calamine reads it in ${cpu_ms.toFixed(0)} ms and ${peak_mb.toFixed(0)} MB`,
          product.cpu_ms / cpu_ms,
          0,
        ),
      );
    }
  }
  return rows;
};

await printWhenMain(import.meta, run);
