import type { BenchRow } from './row.ts';

const number = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

/**
 * The table, and a line that names what was missed. A row without a goal is a figure for comparison: neither met nor
 * missed.
 */
export const printRows = (rows: readonly BenchRow[]): void => {
  console.table(
    rows.map(({ goal, what, value, unit, peer, ratio, limit, met }) => ({
      goal,
      what,
      value: `${number(value)} ${unit}`,
      peer,
      ratio: number(ratio),
      limit: goal === '' ? '' : number(limit),
      '': goal === '' ? '' : met ? 'met' : 'MISSED',
    })),
  );
  const missed = rows.filter(({ goal, met }) => goal !== '' && !met);
  const names = missed.map(({ goal, what }) => `${goal} ${what}`).join('; ');
  console.log(missed.length === 0 ? 'All goals met.' : `${missed.length} missed: ${names}`);
};

/**
 * Runs a suite and prints its rows when its file is the one that node was started with; `--quick` for fewer
 * repetitions.
 */
export const printWhenMain = async (
  meta: ImportMeta,
  run: (options: { quick: boolean }) => Promise<BenchRow[]>,
): Promise<void> => {
  if (meta.main) printRows(await run({ quick: process.argv.includes('--quick') }));
};
