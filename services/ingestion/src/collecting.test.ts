import { gunzipSync } from 'node:zlib';
import { runLogPrefix } from '@granary/domain/rules/keys';
import { expectSound } from '@granary/domain/use-cases/testing/invariants';
import { startReplica } from '@granary/replica/replica';
import { byteSource, readTable } from '@granary/tabular/read-table';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Stack, startStack } from './testing/stack.ts';

// Fifteen files through emulators, on a machine that may be busy.
jest.setTimeout(90_000);

let replica: Awaited<ReturnType<typeof startReplica>>;
let stack: Stack;
beforeAll(async () => {
  replica = await startReplica({ port: 0, vintage: 2022 });
  stack = await startStack(new URL('/download/', replica.url).href);
});
afterAll(async () => {
  await stack.stop();
  await replica.close();
});

const balance = ({ counts }: { counts: Record<string, number> }): void =>
  expect(counts.rows_published! + counts.rows_quarantined! + counts.rows_deduplicated!).toBe(counts.rows_read);

describe('Collecting Embrapa over HTTP', () => {
  it('publishes 15 datasets, whose tables and hashes are sound', async () => {
    const run = await stack.collect();
    expect(run).toMatchObject({ state: 'succeeded', parts: 15, parts_done: 15, errors: [] });
    expect(run.versions).toHaveLength(15);
    expect(run.counts.rows_published).toBeGreaterThan(10_000);
    balance(run);
    const datasets = await stack.deps.catalog.listDatasets();
    expect(datasets).toHaveLength(15);
    let rows = 0;
    for (const { id, latest } of datasets) {
      await expectSound(stack.deps, id, 1);
      const version = (await stack.deps.catalog.getVersion(id, latest!))!;
      if (version.state !== 'published') throw new Error('not published');
      const table = await readTable(byteSource((await stack.deps.objects.get(`${version.prefix}data.parquet`))!));
      const csv = gunzipSync((await stack.deps.objects.get(`${version.prefix}data.csv.gz`))!).toString();
      expect(table.rows).toBe(version.counts.rows_published);
      expect(csv.split('\r\n')).toHaveLength(table.rows + 2);
      rows += table.rows;
    }
    expect(run.counts.rows_published).toBe(rows);
  });

  it('has a line for each of them among the lines of its run', async () => {
    const [run] = (await stack.deps.runs.listRuns({ limit: 1 })).runs;
    const keys = await stack.deps.objects.list(runLogPrefix(run!.id));
    const objects = await Promise.all(keys.map(async (key) => Buffer.from((await stack.deps.objects.get(key))!)));
    const lines = objects.flatMap((bytes) => bytes.toString().trimEnd().split('\n'));
    expect(lines.map((line) => JSON.parse(line).dataset).sort()).toEqual(
      (await stack.deps.catalog.listDatasets()).map(({ id }) => id).sort(),
    );
    expect(stack.reported).toEqual([]);
  });

  it('makes nothing new of what has not changed', async () => {
    const run = await stack.collect();
    expect(run).toMatchObject({
      state: 'succeeded',
      versions: [],
      counts: { unchanged: 15, requests: 15, rows_read: 0 },
    });
    for (const { id } of await stack.deps.catalog.listDatasets()) await expectSound(stack.deps, id, 1);
  });

  it('publishes the next year beside the one before', async () => {
    replica.setVintage(2023);
    const run = await stack.collect();
    expect(run.state).toBe('succeeded');
    expect(run.versions.length + run.counts.unchanged).toBe(15);
    expect(run.versions.length).toBeGreaterThan(7);
    balance(run);
    for (const { id, latest } of await stack.deps.catalog.listDatasets()) await expectSound(stack.deps, id, latest!);
  });
});
