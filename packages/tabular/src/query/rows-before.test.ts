import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Bound } from '../parquet/read-footer.ts';
import { memorySink } from '../sink.ts';
import type { Cell, Column, Schema } from '../table.ts';
import { createTableBuilder } from '../table-builder.ts';
import { createTableWriter } from '../table-writer.ts';
import { pickRows, textColumn } from './column-ops.ts';
import { openTable } from './open-table.ts';
import { parseQuery } from './parse-query.ts';
import { rowsBefore } from './rows-before.ts';
import { runQuery } from './run-query.ts';
import { orderOf } from './sort-rows.ts';
import { jsonOf } from './write-rows.ts';

const texts = ['', 'a', 'ab', 'b', 'é', '\ue000', '\u{1f347}'];
const numbers = [-Infinity, -1, -0, 0, 0.5, 2, Infinity, NaN];
const masked = (valid: readonly boolean[]) => Uint8Array.from(valid, Number);

/** Columns of any type with few values, so that many rows are equal, some of them null. */
const anyColumn: fc.Arbitrary<{ column: Column; rows: number }> = fc
  .array(fc.tuple(fc.nat(999), fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 30 })
  .chain((cells) => {
    const rows = cells.length;
    const valid = masked(cells.map(([, chance]) => chance > 0));
    const of = <T>(known: readonly T[]): T[] => cells.map(([cell]) => known[cell % known.length]);
    return fc
      .constantFrom<Column>(
        { type: 'double', values: Float64Array.from(of(numbers)), valid },
        { type: 'double', values: Float64Array.from(of(numbers)) },
        { type: 'int64', values: BigInt64Array.from(of([-(2n ** 63n), -1n, 0n, 2n ** 53n, 2n ** 53n + 1n])), valid },
        { type: 'boolean', values: Uint8Array.from(of([0, 1])), valid },
        { type: 'date', values: Int32Array.from(of([-1, 0, 20_000])) },
        textColumn(of<string | null>([...texts, null])),
      )
      .map((column) => ({ column, rows }));
  });

const boundAt = (column: Column, row: number): Bound | null => {
  if (column.valid?.[row] === 0) return null;
  return column.type === 'string' ? Buffer.from(column.dictionary.get(column.codes[row])) : column.values[row];
};

describe('rowsBefore', () => {
  it('leaves out the rows that sorting puts after the last of those kept, and no other', () => {
    fc.assert(
      fc.property(anyColumn, fc.boolean(), fc.boolean(), fc.nat(), ({ column, rows }, descending, nullsFirst, at) => {
        const direction = { descending, nullsFirst };
        const last = at % rows;
        const worst = boundAt(column, last);
        fc.pre(worst !== null);
        /** Equal rows stay as they come, so that a row is after the last only when it comes second both ways round. */
        const isAfter = (row: number): boolean =>
          [
            [row, last],
            [last, row],
          ].every((pair) => {
            const [first] = orderOf([pickRows(column, Uint32Array.from(pair))], [direction], 2);
            return pair[first] !== row;
          });
        const all = Array.from({ length: rows }, (_, row) => row);
        expect([...rowsBefore(column, rows, worst!, direction)]).toEqual(all.filter((row) => !isAfter(row)));
      }),
    );
  });
});

const schema: Schema = {
  fields: [
    { name: 'id', type: 'int32', nullable: false },
    { name: 'text', type: 'string', nullable: true },
    { name: 'litres', type: 'int64', nullable: true },
    { name: 'price', type: 'double', nullable: true },
  ],
  key: ['id'],
};

const tableOf = async (rows: readonly Cell[][], rowGroupRows: number) => {
  const sink = memorySink();
  const writer = createTableWriter({ schema, parquet: sink, sort: true, rowGroupRows });
  const builder = createTableBuilder(schema, { emit: (batch) => writer.write(batch) });
  for (const row of rows) builder.append(row);
  builder.end();
  await writer.end();
  const bytes = sink.bytes();
  return openTable({ byteLength: bytes.length, read: async (start, end) => bytes.subarray(start, end) });
};

const answerOf = async (table: Awaited<ReturnType<typeof tableOf>>, text: string): Promise<unknown[]> => {
  const { fields, batches } = runQuery(table, parseQuery([...new URLSearchParams(text)], schema.fields));
  const chunks: Uint8Array[] = [];
  for await (const chunk of jsonOf(fields, batches)) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
};

describe('an order with a limit', () => {
  it('gives the beginning of what it gives without, whatever it is by and wherever the rows are', async () => {
    const cell = <T extends Cell>(...known: T[]) => fc.constantFrom<Cell>(...known, null);
    const term = fc
      .tuple(
        fc.constantFrom('text', 'litres', 'price', 'id', 'n'),
        fc.constantFrom('', '.desc'),
        fc.constantFrom('', '.nullsfirst', '.nullslast'),
      )
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell(...texts, '7', 'x'), cell(-1n, 0n, 2n ** 60n), cell(-0.5, 0, 3)), {
          minLength: 1,
          maxLength: 120,
        }),
        fc.array(term, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(6),
        fc.constantFrom('', '&id=neq.3', '&price=gte.0'),
        async (cells, terms, groupRows, limit, offset, filter) => {
          const table = await tableOf(
            cells.map((row, id): Cell[] => [id, ...row]),
            groupRows,
          );
          const query = `select=id,text,n:litres::float8&order=${terms.join()}${filter}`;
          const all = await answerOf(table, query);
          expect(await answerOf(table, `${query}&limit=${limit}&offset=${offset}`)).toEqual(
            all.slice(offset, offset + limit),
          );
        },
      ),
    );
  });
});
