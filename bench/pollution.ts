/**
 * Polluted CSV: what of one clean table of 84 rows and 9 columns is found again in thousands of files, each with one
 * fault, that are read without anything declared. Records and cells count as Pollock counts them (VLDB 2023): F1, the
 * mean over the files, and the mean over the kinds of faults. `--worst` prints the files that were read worst.
 */
import { pollutedFiles } from '@granary/sources/testing/pollution/polluted-files';
import { readPolluted } from '@granary/sources/testing/pollution/read-polluted';
import { type Score, scoreOf } from '@granary/sources/testing/pollution/score';
import { printWhenMain } from './print.ts';
import type { BenchRow } from './row.ts';

type Scored = Score & { kind: string; variant: string };

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const scoreAll = async (every: number): Promise<Scored[]> => {
  const scores: Scored[] = [];
  let index = 0;
  for (const { kind, variant, bytes, tables } of pollutedFiles()) {
    if (index++ % every !== 0) continue;
    const read = await readPolluted(bytes);
    scores.push({ kind, variant, ...scoreOf(tables, read.tables) });
  }
  return scores;
};

const byKind = (scores: readonly Scored[]): [string, Scored[]][] => {
  const kinds = new Map<string, Scored[]>();
  for (const score of scores) kinds.set(score.kind, [...(kinds.get(score.kind) ?? []), score]);
  return [...kinds];
};

const WORDS = {
  records: 'records',
  cells: 'cells',
  header: 'header',
  published: 'records, those in quarantine not found',
} as const;
const GOALS = { files: 0.999, kinds: 0.98 } as const;

/** `quick`: every twentieth file. */
export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const scores = await scoreAll(quick ? 20 : 1);
  const kinds = byKind(scores);
  const figures = ['header', 'records', 'cells', 'published'] as const;
  const shown = (value: number): string => (value === 1 ? '1' : value.toFixed(4));
  const table = kinds.map(([kind, each]) => ({
    kind,
    files: each.length,
    ...Object.fromEntries(figures.map((figure) => [figure, shown(mean(each.map((score) => score[figure])))])),
    worst: shown(Math.min(...each.map(({ records }) => records))),
  }));
  console.table(table);
  if (process.argv.includes('--worst'))
    for (const { kind, variant, header, records, cells } of scores)
      if (records < 1 || header < 1)
        console.log(`${kind}; ${variant}: ${[header, records, cells].map(shown).join(' ')}`);
  return (['records', 'cells', 'header', 'published'] as const).flatMap((figure) =>
    (['files', 'kinds'] as const).map((over): BenchRow => {
      const value =
        over === 'files'
          ? mean(scores.map((score) => score[figure]))
          : mean(kinds.map(([, each]) => mean(each.map((score) => score[figure]))));
      const limit = GOALS[over];
      return {
        goal: figure === 'header' || figure === 'published' ? '' : `pollution (${over})`,
        what: `F1 of ${WORDS[figure]}: ${value.toFixed(5)}, mean over ${over === 'files' ? scores.length : kinds.length} ${over}`,
        ...{ value, unit: '', peer: 'the clean table: 1', ratio: value, limit, met: value >= limit },
      };
    }),
  );
};

await printWhenMain(import.meta, run);
