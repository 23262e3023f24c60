import { figures, message } from '@granary/domain/testing/figures-source';
import { makeWorld } from '@granary/domain/testing/world';
import type { WorkerRecord } from '@granary/runtime/worker';
import { describe, expect, it } from '@jest/globals';
import { worker } from './functions/collect.ts';

const years = (count: number): string => Array.from({ length: count }, (_, at) => `${1900 + at};${at}\n`).join('');
const runLog = { info: () => {}, error: () => {}, status: async () => {}, flush: async () => {} };
/** A figure that is none, which no CSV can hold. */
const unfit = (...[, , emit]: Parameters<typeof figures.parse>) => ({
  push() {},
  end() {
    emit.rows({ rows: 1, columns: [{ type: 'double', values: Float64Array.of(Number.NaN) }] });
    return { dialect: {} as never, header: [], notes: [] };
  },
});

/** A batch that says two rows at first and has one. */
const miscounted = (...[, , emit]: Parameters<typeof figures.parse>) => ({
  push() {},
  end() {
    const said = [2];
    const columns = [{ type: 'double' as const, values: Float64Array.of(1) }];
    emit.rows({
      get rows() {
        return said.pop() ?? 1;
      },
      columns,
    });
    return { dialect: {} as never, header: [], notes: [] };
  },
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
  await worker.handle({ ...world, runLog, sourceById: () => source })(message('run-2'), record);
  return Object.fromEntries(metrics);
};

describe('A version that is not published though its source has brought it', () => {
  it('W3: is counted when it is held', async () => {
    expect(await metricsOf(years(40))).toEqual({ PartsFailed: 1, VersionsHeld: 1 });
  });

  it('W1: is counted when it does not read back', async () => {
    const litres = { name: 'litres', type: 'double' as const, nullable: false };
    const datasets = figures.datasets.map((dataset) => ({ ...dataset, fields: [litres], key: [] }));
    expect(await metricsOf('1\n', { ...figures, datasets, parse: unfit })).toEqual({
      PartsFailed: 1,
      VersionsNotReadBack: 1,
    });
  });

  it('is counted when its rows do not add up to those that were read', async () => {
    const litres = { name: 'litres', type: 'double' as const, nullable: false };
    const datasets = figures.datasets.map((dataset) => ({ ...dataset, fields: [litres], key: [] }));
    expect(await metricsOf('1\n', { ...figures, datasets, parse: miscounted })).toEqual({
      PartsFailed: 1,
      LedgerImbalances: 1,
    });
  });
});
