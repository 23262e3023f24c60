import type { BenchRow } from './row.ts';

/** Runs a suite and prints its rows when its file is the one that node was started with; `--quick` for fewer repetitions. */
export const printWhenMain = async (
  meta: ImportMeta,
  run: (options: { quick: boolean }) => Promise<BenchRow[]>,
): Promise<void> => {
  if (!meta.main) return;
  const rows = await run({ quick: process.argv.includes('--quick') });
  console.table(
    rows.map(({ goal, what, value, unit, peer, ratio, limit, met }) => ({
      goal,
      what,
      value: `${value.toPrecision(3)} ${unit}`,
      peer,
      ratio: ratio.toPrecision(3),
      limit,
      met,
    })),
  );
};
