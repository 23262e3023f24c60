import type { PublishedVersion } from '@granary/domain/dataset';
import { openTable } from '@granary/tabular/query/open-table';
import { memorySink } from '@granary/tabular/sink';
import type { Cell, Schema } from '@granary/tabular/table';
import { createTableBuilder } from '@granary/tabular/table-builder';
import { createTableWriter } from '@granary/tabular/table-writer';
import { makePlot } from '../plots/make-plot.ts';
import type { PlotParameters } from '../plots/plot-query.ts';

const USUAL = { format: 'svg', theme: 'light', width: 800, height: 450, scale: 1 } as const;

/** Draws a table as version 1 of the dataset `some_table`; the query as the endpoint's schema leaves it: for tests. */
export const drawTable =
  (schema: Schema, rows: readonly (readonly Cell[])[], title = 'Some table') =>
  async (query: object = {}): Promise<string | Uint8Array> => {
    const parquet = memorySink();
    const writer = createTableWriter({ schema, parquet, sort: true });
    const builder = createTableBuilder(schema, { emit: (batch) => writer.write(batch) });
    for (const row of rows) builder.append(row);
    builder.end();
    writer.end();
    const bytes = parquet.bytes();
    const file = { byteLength: bytes.length, read: async (start: number, end: number) => bytes.slice(start, end) };
    const version = { dataset: 'some_table', version: 1, published_at: '2026-01-02T03:04:05.000Z', ...schema };
    const parameters: PlotParameters = { ...USUAL, ...query };
    return makePlot(parameters, { title }, version as PublishedVersion, () => openTable(file));
  };
