import { rejectVersion, releaseVersion } from '@granary/domain/use-cases/publish/decide-version';
import { restoreVersion } from '@granary/domain/use-cases/publish/restore-version';
import { expectSound, expectTables } from '@granary/domain/use-cases/testing/invariants';
import { startReplica } from '@granary/replica/replica';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Stack, startStack } from './testing/stack.ts';

const PRODUCTION = 'embrapa_producao';
const JUICE = 'embrapa_exp_suco';
const IDS: Readonly<Record<string, string>> = { Producao: PRODUCTION, ExpSuco: JUICE };

// Files through emulators, on a machine that may be busy.
jest.setTimeout(90_000);

let replica: Awaited<ReturnType<typeof startReplica>>;
let stack: Stack;
beforeAll(async () => {
  replica = await startReplica({ port: 0, vintage: 2023 });
  stack = await startStack(new URL('/download/', replica.url).href, {
    discover: ({ base_url }) =>
      Object.entries(IDS).map(([file, dataset]) => ({ dataset, url: `${base_url}${file}.csv`, hints: {} })),
  });
  expect(await stack.collect()).toMatchObject({ state: 'succeeded' });
});
afterAll(async () => {
  await stack?.stop();
  await replica?.close();
});

const asked = (dataset: string, version: number) => ({ dataset, version, by: 'sub-of-operator' });

describe('W3: over HTTP, with the stores that are deployed', () => {
  it('Comercio.csv as Producao.csv and half of another file are held, with the reason on the run', async () => {
    replica.setFaults([
      { path: '/download/Producao.csv', kind: 'other-file', other: 'Comercio' },
      { path: '/download/ExpSuco.csv', kind: 'half' },
    ]);
    const run = await stack.collect();
    expect(run).toMatchObject({ state: 'partial', versions: [], counts: { errors: 2, rows_published: 0 } });
    const errors = Object.fromEntries(run.errors.map(({ dataset, message, held }) => [dataset, { message, held }]));
    expect(errors[PRODUCTION]).toMatchObject({ held: 2, message: expect.stringContaining('Is it another file?') });
    expect(errors[JUICE]).toMatchObject({ held: 2, message: expect.stringMatching(/rows, and version 1 has [\d,]+/) });
    for (const id of [PRODUCTION, JUICE]) await expectSound(stack.deps, id, 1);
  });

  it('are not held twice', async () => {
    expect(await stack.collect()).toMatchObject({ state: 'succeeded', versions: [], counts: { unchanged: 2 } });
    for (const id of [PRODUCTION, JUICE])
      expect((await stack.deps.catalog.listWithheld(id)).map(({ version }) => version)).toEqual([2]);
  });

  it('are released and rejected', async () => {
    await releaseVersion(stack.deps)(asked(PRODUCTION, 2));
    await expectSound(stack.deps, PRODUCTION, 2);
    await rejectVersion(stack.deps)(asked(JUICE, 2));
    expect(await stack.collect()).toMatchObject({ state: 'succeeded', versions: [], counts: { unchanged: 2 } });
    await expectSound(stack.deps, JUICE, 1);
    replica.setFaults([
      { path: '/download/Producao.csv', kind: 'other-file', other: 'Comercio' },
      // Nor does the page contradict it.
      { path: '/index.php', kind: 'html' },
    ]);
    replica.setVintage(2024);
    expect((await stack.collect()).versions).toEqual(expect.arrayContaining([`${PRODUCTION}@3`, `${JUICE}@3`]));
    await expectTables(stack.deps, JUICE, 3);
  });

  it('is rolled back: version 1 again, by another number; its own file and the wrong one are unchanged', async () => {
    // Comercio.csv in the place of Producao.csv, of this vintage by now.
    expect(await restoreVersion(stack.deps)(asked(PRODUCTION, 1))).toMatchObject({ version: 4 });
    await expectSound(stack.deps, PRODUCTION, 4);
    expect(await stack.collect()).toMatchObject({ state: 'succeeded', versions: [], counts: { unchanged: 2 } });
    replica.setFaults([]);
    expect((await stack.collect()).versions).toEqual([`${PRODUCTION}@5`]);
    await expectSound(stack.deps, PRODUCTION, 5);
  });
});
