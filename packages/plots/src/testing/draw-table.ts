import type { PublishedVersion } from '@granary/domain/dataset';
import { openTable } from '@granary/tabular/query/open-table';
import { memorySink } from '@granary/tabular/sink';
import type { Cell, Schema } from '@granary/tabular/table';
import { createTableBuilder } from '@granary/tabular/table-builder';
import { createTableWriter } from '@granary/tabular/table-writer';
import { makePlot } from '../make-plot.ts';
import type { PlotParameters } from '../plot-query.ts';

const USUAL = { format: 'svg', theme: 'light', width: 800, height: 450, scale: 1 } as const;

const written = async (schema: Schema, rows: readonly (readonly Cell[])[]) => {
  const parquet = memorySink();
  const writer = createTableWriter({ schema, parquet, sort: true });
  const builder = createTableBuilder(schema, { emit: (batch) => writer.write(batch) });
  for (const row of rows) builder.append(row);
  builder.end();
  await writer.end();
  const bytes = parquet.bytes();
  return openTable({ byteLength: bytes.length, read: async (start, end) => bytes.slice(start, end) });
};

/** Draws a table as version 1 of the dataset `some_table`; the query as the endpoint's schema leaves it: for tests. */
export const drawTable = (schema: Schema, rows: readonly (readonly Cell[])[], title = 'Some table') => {
  const table = written(schema, rows);
  const version = { dataset: 'some_table', version: 1, published_at: '2026-01-02T03:04:05.000Z', ...schema };
  return (query: object = {}): Promise<string | Uint8Array> => {
    const parameters: PlotParameters = { ...USUAL, ...query };
    return makePlot(parameters, { title }, version as PublishedVersion, () => table);
  };
};
