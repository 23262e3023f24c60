import { type FoundTable, onlyTable } from '@granary/domain/reading';
import type { SourceDefinition } from '@granary/domain/source';
import { figures, message } from '@granary/domain/use-cases/testing/figures-source';
import { makeWorld } from '@granary/domain/use-cases/testing/world';
import type { WorkerRecord } from '@granary/runtime/worker';
import type { Batch } from '@granary/tabular/table';
import { describe, expect, it } from '@jest/globals';
import { worker } from './functions/collect.ts';

const years = (count: number): string => Array.from({ length: count }, (_, at) => `${1900 + at};${at}\n`).join('');
const runLog = { info: () => {}, error: () => {}, status: async () => {}, flush: async () => {} };
const litres = { name: 'litres', type: 'double' as const, nullable: false };
const datasets = figures.datasets.map((dataset) => ({ ...dataset, fields: [litres], key: [] }));
/** A source of files that hold this batch, whatever they hold. */
const sourceOf = (batch: Batch): SourceDefinition => ({
  ...figures,
  datasets,
  tables: async () =>
    onlyTable(async (_options, out) => {
      out.begin([litres]);
      out.rows(batch);
      return { dialect: {} as never, header: [], notes: [] };
    }),
});

/** The metrics of the collection of a file after one of a hundred years, by their names. */
const metricsOf = async (bytes: string, source = figures): Promise<Record<string, number>> => {
  const world = makeWorld();
  const metrics = new Map<string, number>();
  const record = {
    ...{ receiveCount: 1, receiptHandle: 'r', messageId: 'm' },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    metrics: { add: (name: string, value: number) => void metrics.set(name, (metrics.get(name) ?? 0) + value) },
  } as unknown as WorkerRecord;
  world.source.bytes = years(100);
  await world.startRun('run-1');
  await worker.handle({ ...world, runLog })(message('run-1'), record);
  metrics.clear();
  world.source.bytes = bytes;
  await world.startRun('run-2');
  await worker.handle({ ...world, runLog, findSource: () => source })(message('run-2'), record);
  return Object.fromEntries(metrics);
};

describe('A version that is not published though its source has brought it', () => {
  it('W3: is counted when it is held', async () => {
    expect(await metricsOf(years(40))).toEqual({ PartsFailed: 1, VersionsHeld: 1 });
  });

  it('W3: is counted when it is held, and so are the other tables of its file: one does not read back, one is published', async () => {
    const tables: SourceDefinition['tables'] = async (...asked) => {
      const [table] = await figures.tables(...asked);
      const tableOf = (name: string, ...values: number[]): FoundTable => ({
        name,
        async read(_options, out) {
          out.begin([litres]);
          out.rows({ rows: values.length, columns: [{ type: 'double', values: Float64Array.from(values) }] });
          return { dialect: {} as never, header: ['litres'], notes: [] };
        },
      });
      return [{ ...table!, header: ['year', 'quantity'] }, tableOf('Unfit', Number.NaN), tableOf('Litres', 1, 2)];
    };
    const undeclared = figures.datasets.map((dataset) => ({ ...dataset, fields: [], key: [] }));
    const both = { ...figures, tables, datasets: undeclared };
    expect(await metricsOf(years(40), both)).toEqual({
      ...{ PartsFailed: 1, VersionsHeld: 1, VersionsNotReadBack: 1, Collected: 1 },
      ...{ RowsRead: 2, RowsPublished: 2, RowsQuarantined: 0, RowsDeduplicated: 0 },
    });
  });

  it('W1: is counted when it does not read back', async () => {
    // No CSV can hold it.
    const unfit: Batch = { rows: 1, columns: [{ type: 'double', values: Float64Array.of(Number.NaN) }] };
    expect(await metricsOf('1\n', sourceOf(unfit))).toEqual({
      PartsFailed: 1,
      VersionsNotReadBack: 1,
    });
  });

  it('is counted when its rows do not add up to those that were read', async () => {
    // It says two rows when it is counted and has one when it is written.
    const said = [2];
    const miscounted: Batch = {
      get rows() {
        return said.pop() ?? 1;
      },
      columns: [{ type: 'double', values: Float64Array.of(1) }],
    };
    expect(await metricsOf('1\n', sourceOf(miscounted))).toEqual({
      PartsFailed: 1,
      LedgerImbalances: 1,
    });
  });
});
