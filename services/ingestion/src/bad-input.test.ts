import { readdir } from 'node:fs/promises';
import type { Run } from '@granary/domain/run';
import { expectSound } from '@granary/domain/use-cases/testing/invariants';
import { startReplica } from '@granary/replica/replica';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Stack, startStack } from './testing/stack.ts';

const ID = 'embrapa_exp_vinho';
const FILE = 'ExpVinho';
const PATH = `/download/${FILE}.csv`;

// Fifteen files through emulators, on a machine that may be busy.
jest.setTimeout(90_000);

let replica: Awaited<ReturnType<typeof startReplica>>;
let stack: Stack;
let rows = 0;

/** Collects one file of the fifteen, whose countries have commas in their names. */
beforeAll(async () => {
  replica = await startReplica({ port: 0, vintage: 2023 });
  stack = await startStack(new URL('/download/', replica.url).href, {
    discover: ({ base_url }) => [{ dataset: ID, url: `${base_url}${FILE}.csv`, hints: {} }],
  });
  const run = await stack.collect();
  expect(run.state).toBe('succeeded');
  rows = run.counts.rows_published;
});
afterAll(async () => {
  await stack.stop();
  await replica.close();
});

const latest = async (): Promise<number> => (await stack.deps.catalog.getDataset(ID))!.latest!;
const collectWith = async (kind: string, options = {}): Promise<Run> => {
  replica.setFaults([{ path: PATH, kind, ...options } as never]);
  const run = await stack.collect({ timeout_ms: 60_000 });
  const { counts } = run;
  expect(counts.rows_published + counts.rows_quarantined + counts.rows_deduplicated).toBe(counts.rows_read);
  await expectSound(stack.deps, ID, await latest());
  return run;
};

describe('A file that is only written in another way', () => {
  it.each(['bom', 'crlf', 'latin1', 'mojibake', 'blank-rows', 'excel-thousands', 'no-header'])(
    'is published whole: %s',
    async (kind) => {
      const before = await latest();
      const run = await collectWith(kind);
      expect(run).toMatchObject({ state: 'succeeded', versions: [`${ID}@${before + 1}`] });
      expect([run.counts.rows_published, run.counts.rows_quarantined]).toEqual([rows, 0]);
    },
  );
});

describe('A file of which some cannot be used', () => {
  it.each(['ragged', 'text-figure', 'unquoted-commas'])(
    'is published without it, and that is quarantined: %s',
    async (kind) => {
      const before = await latest();
      const run = await collectWith(kind);
      expect(run.state).toBe('succeeded');
      expect(run.counts.rows_quarantined).toBeGreaterThan(0);
      expect(run.counts.rows_published).toBeGreaterThan(0);
      expect(await latest()).toBe(before + 1);
      expect((await stack.deps.catalog.getDataset(ID))!.rows_quarantined).toBe(run.counts.rows_quarantined);
    },
  );
});

describe('What is no such file', () => {
  it.each([
    ['html', /html/i],
    ['empty', /empty|nothing|no /i],
    ['redirect-private', /no public address/],
    ['redirect-loop', /circle|more than 5 times/],
    ['huge', /larger than/],
    ['zip-bomb', /larger than/],
  ])('fails its run with a reason, and the version before stays: %s', async (kind, reason) => {
    const before = await latest();
    const memory = process.memoryUsage().rss;
    const run = await collectWith(kind);
    expect(process.memoryUsage().rss - memory).toBeLessThan(128 * 2 ** 20);
    expect(run).toMatchObject({ state: 'failed', versions: [], counts: { errors: 1 } });
    expect(run.errors[0]!.message).toMatch(reason);
    expect(run.errors[0]).toMatchObject({ dataset: ID, part: 1 });
    expect(await latest()).toBe(before);
    expect(await readdir(stack.deps.tmpdir)).toEqual([]);
    expect(await stack.deadLetters()).toEqual([]);
  });
});

describe('A source that fails for a while', () => {
  it.each(['500', 'cut'])('is asked again until it answers: %s', async (kind) => {
    replica.setVintage(kind === 'cut' ? 2025 : 2024);
    const before = await latest();
    const run = await collectWith(kind, { limit: 2 });
    expect(run).toMatchObject({ state: 'succeeded', versions: [`${ID}@${before + 1}`], counts: { requests: 4 } });
  });
});

// The last of this file: a version that is held has a number, which no published one takes.
describe('A file whose last year cannot be read', () => {
  it('is held, with the reason, and the version before stays: four-times', async () => {
    const before = await latest();
    replica.setFaults([{ path: PATH, kind: 'four-times' }]);
    const run = await stack.collect({ timeout_ms: 60_000 });
    expect(run).toMatchObject({ state: 'partial', versions: [], errors: [{ dataset: ID, held: before + 1 }] });
    expect(await latest()).toBe(before);
  });
});
