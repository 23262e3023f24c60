import type { RunStore } from '@granary/domain/ports/run-store';
import { addCounts, addUsers } from '@granary/domain/rules/run-end';
import { begunRun, NO_COUNTS, type PartOutcome, type Run } from '@granary/domain/run';
import { NO_USERS } from '@granary/domain/user';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeDynamoRunStore } from './dynamo-run-store.ts';
import { makeMemoryRunStore } from './memory-run-store.ts';
import { type Emulators, startEmulators } from './testing/emulators.ts';

/** A message of one part is delivered: its work succeeds or fails, and whoever does it may die after so many writes. */
type Delivery = { part: number; fails: boolean; rows: number; users: number; dies_after: number | null };

const PARTS = 6;
const T0 = '2026-11-20T08:00:00.000Z';
const histories = (maxLength: number) =>
  fc.array(
    fc.record({
      part: fc.integer({ min: 1, max: PARTS }),
      fails: fc.boolean(),
      rows: fc.nat(9),
      users: fc.nat(100),
      dies_after: fc.option(fc.nat(2), { freq: 2 }),
    }),
    { minLength: Math.floor(maxLength / 2), maxLength },
  );

/** What a part makes of itself when it works is the same each time; what it had done when it failed is not. */
const success = (part: number): PartOutcome => ({
  part,
  counts: { ...NO_COUNTS, requests: 1, rows_read: part * 10, rows_published: part * 10 },
  versions: [`a_b@${part}`],
  users: { new: part * 100, overwritten: part, failed: 0 },
});
const failure = ({ part, rows, users }: Delivery): PartOutcome => ({
  part,
  counts: { ...NO_COUNTS, requests: 1, rows_read: rows, rows_quarantined: rows, errors: 1 },
  versions: [],
  users: { new: users, overwritten: 0, failed: 100 - users },
  error: { dataset: null, url: null, message: `failed with ${rows}`, at: T0 },
  receives: 3,
});

const run: Run = begunRun({
  id: 'run',
  kind: 'users',
  source: 'source',
  started_at: T0,
  parts: PARTS,
  lease_until: '2026-11-20T09:00:00.000Z',
});

/** As workers do it. */
const deliver = async (runs: RunStore, { part, fails, ...rest }: Delivery): Promise<void> => {
  const state = await runs.partState(run.id, part);
  if (state === 'ended') return runs.settle(run.id, T0);
  if (fails) await runs.endPart(run.id, failure({ part, fails, ...rest }), T0);
  else if (!(await runs.endPart(run.id, success(part), T0))) await runs.mendPart(run.id, success(part), T0);
};

type Part = 'open' | 'ended' | 'failed';
const after = (parts: Part[], { part, fails }: Delivery): Part[] =>
  parts.map((state, index) => {
    if (index + 1 !== part || state === 'ended') return state;
    return fails ? 'failed' : 'ended';
  });

/** What a run has to say of parts of which none has failed, or failed without having counted anything. */
const expectAsParts = (shown: Run, parts: readonly Part[]): void => {
  const failed = parts.flatMap((state, index) => (state === 'failed' ? [index + 1] : []));
  const ended = parts.filter((state) => state !== 'open').length;
  expect(shown.parts_done).toBe(ended);
  expect(shown.counts.errors).toBe(failed.length);
  expect(shown.errors.map(({ part }) => part).sort()).toEqual(failed);
  const state = failed.length === 0 ? 'succeeded' : failed.length === PARTS ? 'failed' : 'partial';
  expect(shown.state).toBe(ended < PARTS ? 'running' : state);
};

/** All of it worked in the end: nothing of any failure may be left. */
const expectComplete = (shown: Run): void => {
  const outcomes = Array.from({ length: PARTS }, (_, index) => success(index + 1));
  const counts = outcomes.map((outcome) => outcome.counts).reduce(addCounts);
  const users = outcomes.map((outcome) => outcome.users ?? NO_USERS).reduce(addUsers);
  expect(shown).toMatchObject({ state: 'succeeded', parts_done: PARTS, users, errors: [] });
  expect({ ...shown.counts, requests: 0 }).toEqual({ ...counts, requests: 0 });
  expect(shown.versions).toHaveLength(PARTS);
};

const finish = async (runs: RunStore): Promise<void> => {
  for (let part = 1; part <= PARTS; part++) {
    await deliver(runs, { part, fails: false, rows: 0, users: 0, dies_after: null });
  }
};

let emulators: Emulators;
let tables = 0;
beforeAll(async () => {
  emulators = await startEmulators();
});
afterAll(() => emulators.stop());

/** Runs of a process that dies after its n-th write. */
const mortal = (table: string, n: number): RunStore => {
  let writes = 0;
  const send = async (command: Parameters<Emulators['documents']['send']>[0]) => {
    const write = command.constructor.name !== 'GetCommand';
    if (writes >= n && write) throw new Error('died');
    const answer = await emulators.documents.send(command);
    if (write) writes += 1;
    return answer;
  };
  return makeDynamoRunStore({ client: { send } as never, table });
};

describe('The history of a run', () => {
  it('is what its parts say, whatever was delivered how often, in memory', async () => {
    await fc.assert(
      fc.asyncProperty(histories(40), async (history) => {
        const runs = makeMemoryRunStore();
        await runs.start(run);
        let parts: Part[] = Array(PARTS).fill('open');
        for (const delivery of history) {
          await deliver(runs, delivery);
          parts = after(parts, delivery);
          expectAsParts((await runs.getRun(run.id))!, parts);
        }
        await finish(runs);
        expectComplete((await runs.getRun(run.id))!);
      }),
      { numRuns: 200 },
    );
  });

  it('is the same in DynamoDB as in memory', async () => {
    await fc.assert(
      fc.asyncProperty(histories(25), async (history) => {
        const table = await emulators.createCatalogTable(`histories-${++tables}`);
        const [dynamo, memory] = [makeDynamoRunStore({ client: emulators.documents, table }), makeMemoryRunStore()];
        for (const runs of [dynamo, memory]) await runs.start(run);
        for (const delivery of history) {
          for (const runs of [dynamo, memory]) await deliver(runs, delivery);
          expect(await dynamo.getRun(run.id)).toEqual(await memory.getRun(run.id));
        }
      }),
      { numRuns: 8 },
    );
  });

  it('loses nothing when workers die after any of their writes', async () => {
    await fc.assert(
      fc.asyncProperty(histories(20), async (history) => {
        const table = await emulators.createCatalogTable(`histories-${++tables}`);
        const runs = makeDynamoRunStore({ client: emulators.documents, table });
        await runs.start(run);
        let parts: Part[] = Array(PARTS).fill('open');
        for (const delivery of history) {
          if (delivery.dies_after !== null) await deliver(mortal(table, delivery.dies_after), delivery).catch(() => {});
          // The message comes back; what it had done when it fails again is something else.
          await deliver(runs, { ...delivery, rows: delivery.rows + 1 });
          parts = after(parts, delivery);
          expectAsParts((await runs.getRun(run.id))!, parts);
        }
        await finish(runs);
        expectComplete((await runs.getRun(run.id))!);
      }),
      { numRuns: 20 },
    );
  });

  it('is complete when failures and successes of the same parts come all at once', async () => {
    await fc.assert(
      fc.asyncProperty(histories(12), async (history) => {
        const table = await emulators.createCatalogTable(`histories-${++tables}`);
        const runs = makeDynamoRunStore({ client: emulators.documents, table });
        await runs.start(run);
        const workers = history.map(({ dies_after, ...delivery }) => {
          const store = dies_after === null ? runs : mortal(table, dies_after);
          return deliver(store, { ...delivery, dies_after }).catch(() => {});
        });
        await Promise.all(workers);
        await finish(runs);
        expectComplete((await runs.getRun(run.id))!);
      }),
      { numRuns: 12 },
    );
  });
});
