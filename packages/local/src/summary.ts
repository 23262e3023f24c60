import type { Dataset } from '@granary/domain/dataset';
import type { PublicRun } from './api-client.ts';
import { STATE_VARIABLE } from './state.ts';

const number = (value: number | null) => (value === null ? '-' : value.toLocaleString('en-GB'));

/** Columns padded to their widest cell; the first is aligned left, the others right. */
const aligned = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const stateOf = (dataset: Dataset, runs: readonly PublicRun[]): string => {
  if (runs.some((run) => run.versions.includes(`${dataset.id}@${dataset.latest}`))) return 'published';
  if (runs.some((run) => run.errors.some((error) => error.dataset === dataset.id))) return 'failed';
  return dataset.latest === null ? 'none' : 'unchanged';
};

/** The table that ends a start: what is there, and what this collection did to it. */
export const summary = (datasets: readonly Dataset[], runs: readonly PublicRun[], seconds: number): string => {
  const total = (of: (dataset: Dataset) => number | null) =>
    datasets.reduce((sum, dataset) => sum + (of(dataset) ?? 0), 0);
  const rows = datasets.map((dataset) => [
    dataset.id,
    number(dataset.latest),
    number(dataset.rows),
    number(dataset.rows_quarantined),
    stateOf(dataset, runs),
  ]);
  const table = aligned([
    ['dataset', 'version', 'rows', 'quarantined', 'now'],
    ...rows,
    [
      `${datasets.length} datasets`,
      '',
      number(total((d) => d.rows)),
      number(total((d) => d.rows_quarantined)),
      `${seconds.toFixed(1)} s`,
    ],
  ]);
  const errors = runs.flatMap((run) => run.errors.map((error) => `  ${error.dataset ?? run.source}: ${error.message}`));
  return errors.length === 0 ? table : `${table}\n\nNot collected:\n${errors.join('\n')}`;
};

/** How to call it, ready to be copied. `state` only when it is not the usual folder. */
export const howToCall = (address: string, state?: string): string => {
  const token = `${state ? `${STATE_VARIABLE}=${state} ` : ''}node scripts/bootstrap.mjs packages/local/src/token.ts reader`;
  return `curl --compressed -H "Authorization: Bearer $(${token})" ${address}/producaoCSV`;
};
