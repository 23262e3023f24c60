/**
 * Records beside PostgREST on the same table: .ci/suites/postgrest starts it and says where (GRANARY_POSTGREST_URL).
 * What may differ stands in differences.json, and in docs/query.md for whoever comes from there.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { broughtBy, describeWith } from '@granary/local/testing/brought-by-suite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Asking, lineOf } from './asking.ts';
import { DIFFERENCES, differencesTable, verdict } from './differences.ts';
import { FIXED } from './fixed-requests.ts';
import { ask } from './outcome.ts';
import { randomRequest } from './random-requests.ts';
import { type Served, serveTable } from './serve-table.ts';

const RANDOM = Number(process.env.GRANARY_POSTGREST_REQUESTS ?? 3000);
const SEED = Number(process.env.GRANARY_POSTGREST_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Requests under way at once. */
const AT_ONCE = 4;

describe('what differs from PostgREST', () => {
  it('is what docs/query.md says', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/query.md'), 'utf8');
    expect(page).toContain(`\n${differencesTable()}\n`);
  });
});

describeWith(broughtBy('postgrest', process.env.GRANARY_POSTGREST_URL), 'records and PostgREST', (postgrest) => {
  let served: Served;
  const used = new Map<string, number>();
  beforeAll(async () => {
    served = await serveTable();
  }, 180_000);
  afterAll(() => served?.close());

  const compared = async (asking: Asking): Promise<string | undefined> => {
    const [theirs, ours] = await Promise.all([
      ask(`${postgrest}/wine`, asking),
      ask(`${served.url}/rest/v1/wine`, asking, true),
    ]);
    const meant = verdict(asking, theirs, ours);
    if (meant) used.set(meant, (used.get(meant) ?? 0) + 1);
    if (meant !== null) return undefined;
    const [left, right] = [theirs, ours].map((outcome) => JSON.stringify(outcome).slice(0, 400));
    return `${lineOf(asking)}\n  PostgREST ${left}\n  here      ${right}`;
  };

  const differencesOf = async (all: readonly Asking[]): Promise<string[]> => {
    const found: string[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < all.length) {
        const difference = await compared(all[next++] as Asking);
        if (difference) found.push(difference);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return found;
  };

  it(`give the same to ${FIXED.length} requests, but for what is meant to differ`, async () => {
    expect(FIXED.length).toBeGreaterThanOrEqual(400);
    expect(await differencesOf(FIXED)).toEqual([]);
    const unseen = DIFFERENCES.filter(({ name, normalised }) => !normalised && !used.has(name));
    expect(unseen.map(({ name }) => name)).toEqual([]);
  }, 360_000);

  it(`give the same to ${RANDOM} random requests`, async () => {
    const all = fc.sample(randomRequest, { seed: SEED, numRuns: RANDOM });
    const found = await differencesOf(all);
    process.stdout.write(`    ${all.length} random requests, GRANARY_POSTGREST_SEED=${SEED}\n`);
    for (const [name, times] of used) process.stdout.write(`    ${times} times: ${name}\n`);
    expect({ seed: SEED, found: found.slice(0, 10) }).toEqual({ seed: SEED, found: [] });
  }, 900_000);
});
