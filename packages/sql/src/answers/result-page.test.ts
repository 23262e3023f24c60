import { makeAthenaQueryEngine } from '@granary/stores/athena-query-engine';
import { makeMemoryQueryEngine } from '@granary/stores/memory-query-engine';
import { makeFakeAthena } from '@granary/stores/testing/fake-athena';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FIRST_PLACE, type ResultPlace, readResultPage } from './result-page.ts';

const place = { workgroup: 'granary-test', database: 'granary_test', bucket: 'bucket' };
const MOST_BYTES = 4 * 2 ** 20;

/** Athena with one result: rows with their number and a text; every `every`-th is `bytes` long. */
const resultOf = async (count: number, every: number, bytes: number) => {
  const long = 'x'.repeat(bytes);
  const memory = makeMemoryQueryEngine({
    answer: () => ({
      columns: [
        { name: 'n', type: 'integer' },
        { name: 'word', type: 'varchar' },
      ],
      rows: Array.from({ length: count }, (_, n) => [String(n), n % every === 0 ? long : '']),
    }),
  });
  const engine = makeAthenaQueryEngine({ client: makeFakeAthena(memory, place).client, ...place });
  return { engine, id: await engine.start({ sql: 'x', reuse_minutes: 0 }) };
};

const counts = fc.oneof(fc.constantFrom(0, 1, 998, 999, 1000, 1001, 1002, 2000), fc.integer({ min: 0, max: 2500 }));
const limits = fc.oneof(fc.constantFrom(1000, 999, 7), fc.integer({ min: 40, max: 1000 }));

describe('the pages of a result', () => {
  it('have every row once, in order, whatever their size, the limit of each page, and how long its rows are', async () => {
    await fc.assert(
      fc.asyncProperty(
        counts,
        fc.array(limits, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom(0, 10_000, 50_000, 400_000),
        async (count, sizes, every, bytes) => {
          const { engine, id } = await resultOf(count, every, bytes);
          const seen: number[] = [];
          for (let next: ResultPlace | null = FIRST_PLACE, page = 0; next !== null; page++) {
            const limit = sizes[page % sizes.length] as number;
            const { items, next: following } = await readResultPage(engine, id, next, limit);
            expect(items.length).toBeLessThanOrEqual(limit);
            expect(items.reduce((sum, item) => sum + item.length + 2, 0)).toBeLessThanOrEqual(MOST_BYTES);
            if (count > 0) expect(items.length).toBeGreaterThan(0);
            for (const item of items) seen.push(Number(/^\{"n":(\d+)/.exec(item)?.[1]));
            next = following;
          }
          expect(seen).toEqual(Array.from({ length: count }, (_, n) => n));
        },
      ),
      { numRuns: 25 },
    );
  });
});
