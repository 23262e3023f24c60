import { read, utils } from '@e965/xlsx';
import { UnfitQuery } from '@granary/domain/errors';
import { openTable } from '@granary/tabular/query/open-table';
import { parseQuery } from '@granary/tabular/query/parse-query';
import { runQuery } from '@granary/tabular/query/run-query';
import { byteSource, readTable } from '@granary/tabular/read-table';
import { memorySink } from '@granary/tabular/sink';
import type { Schema } from '@granary/tabular/table';
import { createTableBuilder } from '@granary/tabular/table-builder';
import { createTableWriter } from '@granary/tabular/table-writer';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { encode } from './encode.ts';
import type { FormatName } from './formats.ts';

const schema: Schema = {
  fields: [
    { name: 'place', type: 'string', nullable: false },
    { name: 'line', type: 'int32', nullable: false },
    { name: 'litres', type: 'int64', nullable: true },
  ],
  key: ['line'],
};
const LARGEST = 2n ** 63n - 1n;

let table: Awaited<ReturnType<typeof openTable>>;
beforeAll(async () => {
  const parquet = memorySink();
  const writer = createTableWriter({ schema, parquet, sort: true });
  const builder = createTableBuilder(schema, { emit: (batch) => writer.write(batch) });
  builder.append(['a', 1, 5n]);
  builder.append(['a', 2, 7n]);
  builder.append(['b', 3, 9_007_199_254_740_993n]);
  builder.append(['c', 4, null]);
  builder.append(['d', 5, LARGEST]);
  builder.append(['d', 6, LARGEST]);
  builder.end();
  await writer.end();
  const bytes = parquet.bytes();
  table = await openTable({ byteLength: bytes.length, read: async (start, end) => bytes.slice(start, end) });
});

const bytesOf = async (query: string, format: FormatName): Promise<Buffer> => {
  const result = runQuery(table, parseQuery([...new URLSearchParams(query)], schema.fields));
  const chunks: Uint8Array[] = [];
  for await (const chunk of encode(result, { format, single: false, stripped: false }, { guard: true, name: 'x' })
    .chunks)
    chunks.push(chunk);
  return Buffer.concat(chunks);
};
const parquetOf = async (query: string) => readTable(byteSource(await bytesOf(query, 'parquet')));
const sheetOf = async (query: string): Promise<unknown[][]> => {
  const { Sheets, SheetNames } = read(await bytesOf(query, 'xlsx'));
  return utils.sheet_to_json(Sheets[SheetNames[0]], { header: 1, raw: true, defval: null });
};

describe('a sum of integers of 64 bits', () => {
  it('R11: is int64 in Parquet, a number in Excel, and a number in JSON', async () => {
    const query = 'select=line::bigint.sum()';
    const { fields, columns } = await parquetOf(query);
    expect([fields, columns]).toEqual([[expect.objectContaining({ name: 'sum', type: 'int64' })], [[21n]]]);
    expect(await sheetOf(query)).toEqual([['sum'], [21]]);
    expect((await bytesOf(query, 'json')).toString()).toBe('[{"sum":21}]');
  });

  it('R11: is text in Excel only where Excel has too few digits, row by row', async () => {
    expect(await sheetOf('select=place,litres.sum()&order=place')).toEqual([
      ['place', 'sum'],
      ['a', 12],
      ['b', '9007199254740993'],
      ['c', null],
      ['d', '18446744073709551614'],
    ]);
  });

  it('R11: keeps its type in Parquet when there are no rows, nulls and all digits', async () => {
    const { fields, columns } = await parquetOf('select=place,litres.sum()&place=neq.d&order=place');
    expect(fields.map(({ type }) => type)).toEqual(['string', 'int64']);
    expect(columns[1]).toEqual([12n, 9_007_199_254_740_993n, null]);
    const none = await parquetOf('select=place,litres.sum()&place=eq.z');
    expect([none.rows, none.fields[1].type]).toEqual([0, 'int64']);
  });

  it('R11: that is larger than 64 bits is refused as Parquet, and the way out is told and works', async () => {
    const refused = await bytesOf('select=place,litres.sum()', 'parquet').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnfitQuery);
    expect(refused).toMatchObject({ status: 400, message: expect.stringContaining('sum()::text') });
    const { columns } = await parquetOf('select=place,litres.sum()::text&place=eq.d');
    expect(columns[1]).toEqual(['18446744073709551614']);
  });
});
