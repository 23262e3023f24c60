import { createTableBuilder } from '@granary/tabular/table-builder';
import * as z from 'zod/mini';
import { RefusedContent } from '../../errors.ts';
import { defineKind, withKind } from '../../kind.ts';
import type { CollectMessage } from '../../messages/collect.ts';
import { type FoundTable, onlyTable } from '../../reading.ts';

const fields = [
  { name: 'year', type: 'int32', nullable: false },
  { name: 'quantity', type: 'double', nullable: true, unit: 'L' },
  { name: 'line', type: 'int32', nullable: false },
  { name: 'processing_date', type: 'date', nullable: false },
] as const;

const dataset = (name: string) => ({
  id: `test_${name}`,
  title: name,
  description: `Figures of ${name}`,
  fields,
  key: ['year'],
});

/** For tests: lines `year;quantity`. What is no figure is quarantined; a file that begins with `<` is refused. */
export const figuresKind = defineKind({
  kind: 'figures',
  config: z.strictObject({ names: z.array(z.string()) }),
  parser_version: 1,
  accept: 'text/csv',
  discover: ({ config }, base_url) =>
    config.names.map((name) => ({ dataset: `test_${name}`, url: `${base_url}${name}.csv`, hints: {} })),
  async tables(_source, _resource, file) {
    const text = Buffer.from(file.read(0, file.bytes)).toString('latin1');
    if (text.startsWith('<')) throw new RefusedContent('The file is a page of HTML');
    return onlyTable(readFigures(text));
  },
});

const readFigures =
  (text: string): FoundTable['read'] =>
  async ({ processing_date }, out) => {
    out.begin(fields);
    const builder = createTableBuilder({ fields, key: ['year'] }, { emit: out.rows });
    for (const [index, raw] of text.split('\n').entries()) {
      const [year, quantity] = raw.split(';').map(Number);
      const line = index + 1;
      if (raw === '') continue;
      if (Number.isInteger(year) && Number.isFinite(quantity)) {
        builder.append([year!, quantity!, line, processing_date]);
      } else out.quarantine({ line, column: null, positions: [], raw, reason: 'No figure', rows: 1 });
    }
    builder.end();
    return { dialect: DIALECT, header: ['year', 'quantity'], notes: [] };
  };

/** For tests: two datasets. */
export const figures = withKind(figuresKind, {
  id: 'test',
  kind: 'figures',
  title: 'Figures',
  publisher: 'Test office',
  theme: 'agriculture',
  tags: ['figures'],
  licence: { name: 'CC0-1.0', title: 'Public domain' },
  schedule: 'rate(1 day)',
  base_url: 'http://figures.test/',
  requests_per_minute: 600,
  max_bytes: 1_000_000,
  config: { names: ['wine', 'juice'] },
  datasets: ['wine', 'juice'].map(dataset),
});

const DIALECT = {
  encoding: 'utf-8',
  bom: false,
  mojibake: false,
  delimiter: ';',
  quote: null,
  newline: '\n',
  header_line: null,
  decimal: '.',
  thousands: null,
} as const;

const RESOURCES = figures.discover({ base_url: figures.base_url });

/**
 * The message of a part as its planner would send it: the first is of `test_wine`, the second of `test_juice`, and so
 * on.
 */
export const message = (
  run: string,
  part = 1,
  enqueued_at = '2026-11-20T08:00:00.000Z',
  source = 'test',
): CollectMessage => {
  const { hints, ...resource } = RESOURCES[(part - 1) % RESOURCES.length]!;
  return { type: 'collect', run, part, source, resource: { ...resource, hints: { ...hints } }, enqueued_at };
};
