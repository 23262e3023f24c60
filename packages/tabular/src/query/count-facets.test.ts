import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { memorySink } from '../sink.ts';
import type { Cell, Field } from '../table.ts';
import { createTableWriter } from '../table-writer.ts';
import { batchesOf, type RandomTable, randomTables } from '../testing/arbitrary-table.ts';
import { countFacets } from './count-facets.ts';
import { openTable } from './open-table.ts';
import { parseQuery } from './parse-query.ts';

const tableOf = async (table: RandomTable, rowGroupRows: number) => {
  const parquet = memorySink();
  const writer = createTableWriter({ schema: table.schema, parquet, sort: false, rowGroupRows });
  for (const batch of batchesOf(table, rowGroupRows)) writer.write(batch);
  await writer.end();
  const bytes = parquet.bytes();
  return openTable({ byteLength: bytes.length, read: async (start, end) => bytes.slice(start, end) });
};

describe('Facets', () => {
  it('are the counts of grouping by each column, of all rows or those that a filter leaves', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomTables,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        async (table, size, limit, filtered) => {
          const { fields } = table.schema;
          const names = fields.map(({ name }) => name);
          const parameters: [string, string][] = filtered ? [['c0', 'not.is.null']] : [];
          const { where } = parseQuery(parameters, fields);
          const rows = table.rows.filter((row) => !filtered || row[0] !== null);
          const found = await countFacets(await tableOf(table, size), { where, columns: names, limit });
          expect(found.rows).toBe(rows.length);
          for (const [index, facet] of found.facets.entries()) {
            const counts = new Map<Cell, number>();
            for (const row of rows) counts.set(row[index]!, (counts.get(row[index]!) ?? 0) + 1);
            const nulls = counts.get(null) ?? 0;
            counts.delete(null);
            const listed = facet.values.reduce((sum, { count }) => sum + count, 0);
            expect(facet).toMatchObject({ column: names[index], nulls, distinct: counts.size });
            expect(facet.values.length).toBe(Math.min(limit, counts.size));
            for (const { value, count } of facet.values) expect(counts.get(value)).toBe(count);
            expect(facet.values.map(({ count }) => count)).toEqual(
              [...counts.values()].sort((a, b) => b - a).slice(0, limit),
            );
            expect([facet.other, facet.truncated]).toEqual([rows.length - nulls - listed, counts.size > limit]);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of too many values, or of too many rows at once, are refused with the column and the way out', async () => {
    const fields: Field[] = [
      { name: 'n', type: 'int32', nullable: false },
      { name: 's', type: 'string', nullable: false },
    ];
    const rows = Array.from({ length: 200_001 }, (_, i): Cell[] => [i, `text ${i}`]);
    const table = await tableOf({ schema: { fields, key: [] }, rows }, 10_000);
    for (const name of ['n', 's'])
      await expect(countFacets(table, { where: null, columns: [name], limit: 5 })).rejects.toMatchObject({
        code: 'PGRST100',
        details: `the column ${name} has more values than are counted at once (200000, or 32 MiB of text)`,
      });
    const { where } = parseQuery([['n', 'lt.1000']], fields);
    const { facets } = await countFacets(table, { where, columns: ['s'], limit: 1 });
    expect(facets).toEqual([
      { column: 's', nulls: 0, distinct: 1000, values: [{ value: 'text 0', count: 1 }], other: 999, truncated: true },
    ]);
    const groups = Array.from({ length: 1000 }, () => table.groups).flat();
    await expect(countFacets({ ...table, groups }, { where: null, columns: ['n'], limit: 5 })).rejects.toMatchObject({
      details: '1 columns of 200001000 rows are more than are counted at once',
    });
  }, 30_000);
});
