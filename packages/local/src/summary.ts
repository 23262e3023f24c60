import type { Dataset } from '@granary/domain/dataset';
import type { PublicRun } from './api-client.ts';
import { usersFailure, usersLine } from './users-summary.ts';

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
  if (runs.some((run) => run.errors.some((error) => error.dataset === dataset.id)))
    return dataset.refused ? 'refused' : 'failed';
  return dataset.latest === null ? 'none' : 'unchanged';
};

const SHOWN_ERRORS = 12;
/** A portal with more datasets is one line. */
const MOST_DATASETS = 80;

const totalOf = (datasets: readonly Dataset[], of: (dataset: Dataset) => number | null) =>
  number(datasets.reduce((sum, dataset) => sum + (of(dataset) ?? 0), 0));

/** `97 published, 2 refused`. */
const statesOf = (datasets: readonly Dataset[], runs: readonly PublicRun[]): string => {
  const counts = new Map<string, number>();
  for (const dataset of datasets) {
    const state = stateOf(dataset, runs);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].map(([state, count]) => `${number(count)} ${state}`).join(', ');
};

const linesOf = (datasets: readonly Dataset[], runs: readonly PublicRun[]): string[][] =>
  [...Map.groupBy(datasets, ({ source }) => source)].flatMap(([source, own]) =>
    own.length > MOST_DATASETS
      ? [
          [
            `${source}: ${number(own.length)} datasets`,
            '',
            totalOf(own, ({ rows }) => rows),
            totalOf(own, ({ rows_quarantined }) => rows_quarantined),
            statesOf(own, runs),
          ],
        ]
      : own.map((dataset) => [
          dataset.id,
          number(dataset.latest),
          number(dataset.rows),
          number(dataset.rows_quarantined),
          stateOf(dataset, runs),
        ]),
  );

const asSentence = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** What stands of the datasets that were not collected. */
const whatStays = (run: PublicRun, datasets: readonly Dataset[]): string => {
  // Those of a portal are no datasets before their first version.
  const failed = new Set(run.errors.flatMap(({ dataset }) => dataset ?? []));
  // Of a run that was given up nobody knows which they are.
  if (failed.size === 0) return 'What was published before stays served.';
  const served = datasets.filter(({ id, latest }) => failed.has(id) && latest !== null).length;
  if (served === 0) return 'None of them is served yet.';
  return served === failed.size
    ? 'The versions before stay served.'
    : `Of these datasets ${served} stay served in the version before, the others are not served yet.`;
};

const failureOf = (run: PublicRun, datasets: readonly Dataset[]): string => {
  const shown = run.errors.slice(0, SHOWN_ERRORS).map((error) => `  ${error.dataset ?? run.source}: ${error.message}`);
  const more = run.counts.errors - shown.length;
  if (more > 0 && shown.length > 0) shown.push(`  … and ${more} more`);
  const failed = Math.max(run.counts.errors, run.errors.length);
  // Several of them stand above, each with its own.
  const reason =
    new Set(run.errors.map(({ message }) => message)).size > 1
      ? ''
      : ` ${asSentence(run.errors[0]?.message ?? 'the run did not end in its time')}`;
  const head =
    failed > 0
      ? `${failed} of ${run.parts} files could not be collected from ${run.source}`
      : `The collection from ${run.source} could not be ended`;
  const list = shown.length > 0 ? `Not collected:\n${shown.join('\n')}\n\n` : '';
  return `${list}${head}${reason ? `:${reason}` : '.'} ${whatStays(run, datasets)} See /v1/runs/${run.id}`;
};

const goesOn = ({ kind, source, id, parts, parts_done }: PublicRun): string =>
  `${source} is not done yet: ${parts_done} of ${parts} ${kind === 'users' ? 'pages' : 'files'}. The run goes on, see /v1/runs/${id}`;

const hasFailed = ({ errors, counts, state }: PublicRun) =>
  errors.length > 0 || counts.errors > 0 || state === 'failed';

/**
 * The table that ends a start: what is there, and what this collection did to it; below it the users, then what failed
 * and why. `problems`: sentences about what could not be begun.
 */
export const summary = (
  datasets: readonly Dataset[],
  runs: readonly PublicRun[],
  seconds: number,
  problems: readonly string[] = [],
): string => {
  const files = runs.filter(({ kind }) => kind !== 'users');
  const table = aligned([
    ['dataset', 'version', 'rows', 'quarantined', 'now'],
    ...linesOf(datasets, files),
    [
      `${number(datasets.length)} datasets`,
      '',
      totalOf(datasets, ({ rows }) => rows),
      totalOf(datasets, ({ rows_quarantined }) => rows_quarantined),
      `${seconds.toFixed(1)} s`,
    ],
  ]);
  const pages = runs.filter(({ kind }) => kind === 'users');
  return [
    table,
    ...pages.map(usersLine),
    ...files.filter(hasFailed).map((run) => failureOf(run, datasets)),
    ...pages.filter(hasFailed).map(usersFailure),
    ...runs.filter(({ state }) => state === 'running').map(goesOn),
    ...problems,
  ].join('\n\n');
};
