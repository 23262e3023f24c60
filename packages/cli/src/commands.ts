/** The commands that ask a stack: what it has, and to collect it. */

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UsageError } from '@granary/admin/arguments';
import type { Dataset } from '@granary/domain/dataset';
import { allOf, type ListedSource, type PublicRun } from '@granary/local/api-client';
import { followRun, sayReading, sayRun } from './follow-run.ts';
import { asTable, say, sayJson } from './output.ts';
import { needStack, type Stack } from './stack.ts';
import type { StackOptions } from './stack-options.ts';

type Values = StackOptions & { json?: boolean; format?: string };

const only = (targets: readonly string[], most: number, what: string): void => {
  if (targets.length > most) throw new UsageError(`${what} Not '${targets[most]}'; quote what has blanks or an &.`);
};

export const sources = async (targets: readonly string[], values: Values): Promise<void> => {
  only(targets, 0, '`sources` takes no more.');
  const found = await allOf<ListedSource>((await needStack(values)).json, '/v1/admin/sources');
  if (values.json) return sayJson(found);
  const rows = found.map(({ id, kind, state, schedule, title }) => [id, kind, state, schedule, title]);
  say(...asTable(['source', 'kind', 'state', 'schedule', 'title'], rows));
};

export const datasets = async (targets: readonly string[], values: Values): Promise<void> => {
  only(targets, 0, '`datasets` takes no more.');
  const found = await allOf<Dataset>((await needStack(values)).json, '/v1/datasets?limit=100');
  if (values.json) return sayJson(found);
  const number = (value: number | null): string => value?.toLocaleString('en') ?? '';
  const rows = found.map(({ id, latest, rows, rows_quarantined, title }) => [
    ...[id, latest === null ? 'none' : String(latest), number(rows), number(rows_quarantined), title],
  ]);
  say(...asTable(['dataset', 'version', 'rows', 'quarantined', 'title'], rows));
};

export const collect = async (targets: readonly string[], values: Values): Promise<void> => {
  const [id] = targets;
  if (id === undefined) throw new UsageError('Which source? `granary sources` lists them.');
  only(targets, 1, 'One source at a time.');
  const stack = await needStack(values);
  const run = await collectNow(stack, id);
  if (values.json) {
    if (run.state !== 'succeeded') process.exitCode = 1;
    return sayJson(run);
  }
  sayRun(run);
  sayReading(stack, run);
};

/** Collects a source, and waits until that has ended. */
export const collectNow = async (stack: Stack, id: string): Promise<PublicRun> =>
  followRun(
    stack,
    await stack.json<PublicRun>(`/v1/admin/sources/${encodeURIComponent(id)}/collect`, { method: 'POST' }),
  );

const ROW_FORMATS = ['csv', 'json', 'ndjson'];

export const rows = async (targets: readonly string[], values: Values): Promise<void> => {
  const [id, filter = ''] = targets;
  if (id === undefined) throw new UsageError('Of which dataset? `granary datasets` lists them.');
  only(targets, 2, 'A dataset, and its filter in one piece.');
  const format = values.format ?? (values.json ? 'json' : 'csv');
  if (!ROW_FORMATS.includes(format))
    throw new UsageError(`There is no format '${format}'. The formats are ${ROW_FORMATS.join(', ')}.`);
  const query = [...(filter === '' ? [] : [filter.replaceAll('#', '%23')]), `format=${format}`].join('&');
  const answer = await (await needStack(values)).ask(`/v1/records/${encodeURIComponent(id)}?${query}`);
  if (!answer.body) return;
  // Who reads a few rows and goes (`| head`) is no fault.
  await pipeline(Readable.fromWeb(answer.body as never), process.stdout, { end: false }).catch((error) => {
    if (error.code !== 'EPIPE') throw error;
  });
  if (format === 'json') say('');
};
