import { describe, expect, it } from '@jest/globals';
import { memorySink } from '../sink.ts';
import type { Cell, Schema } from '../table.ts';
import { createTableBuilder } from '../table-builder.ts';
import { createTableWriter } from '../table-writer.ts';
import { openTable, type RangeReader } from './open-table.ts';
import { parseQuery } from './parse-query.ts';
import { planGroups } from './plan-groups.ts';
import { countRows, isInOrder, runQuery } from './run-query.ts';
import { csvOf, jsonOf, ndjsonOf } from './write-rows.ts';

const schema: Schema = {
  fields: [
    { name: 'id', type: 'int32', nullable: false },
    { name: 'product', type: 'string', nullable: true },
    { name: 'year', type: 'int32', nullable: true, unit: 'a' },
    { name: 'litres', type: 'int64', nullable: true },
    { name: 'price', type: 'double', nullable: true },
    { name: 'day', type: 'date', nullable: true },
    { name: 'at', type: 'timestamp', nullable: true },
    { name: 'done', type: 'boolean', nullable: true },
  ],
  key: ['id'],
};
const SMALL: Cell[][] = [
  [1, 'Tinto, "seco"', 1970, 9007199254740993n, 0.1, '1970-01-01', '1970-01-01T00:00:00.000Z', true],
  [2, '=1+1', 1971, 2n ** 63n - 1n, 1e21, '2024-02-29', '2024-02-29T12:00:00.001Z', false],
  [3, null, null, null, null, null, null, null],
  [4, '', 1970, -1n, -2.5, '1969-12-31', '1969-12-31T23:59:59.999Z', true],
];

/** A table in memory, and the ranges that were read of it. */
const tableOf = async (rows: Iterable<Cell[]>, { rowGroupRows = 10_000, sort = true } = {}) => {
  const sink = memorySink();
  const writer = createTableWriter({ schema, parquet: sink, sort, rowGroupRows });
  const builder = createTableBuilder(schema, { emit: (batch) => writer.write(batch) });
  for (const row of rows) builder.append(row);
  builder.end();
  await writer.end();
  const bytes = sink.bytes();
  const reads: number[] = [];
  const file: RangeReader = {
    byteLength: bytes.length,
    async read(start, end) {
      reads.push(end - start);
      return bytes.subarray(start, end);
    },
  };
  return { table: await openTable(file), reads, bytes };
};
type Opened = Awaited<ReturnType<typeof tableOf>>;

const textOf = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
};
const queryOf = (text: string) => parseQuery([...new URLSearchParams(text)], schema.fields);
const json = async (opened: Opened, text: string): Promise<string> => {
  const { fields, batches } = runQuery(opened.table, queryOf(text));
  return textOf(jsonOf(fields, batches));
};
const rowsOf = async (opened: Opened, text: string) => JSON.parse(await json(opened, text));

/** 1,000 rows in 20 row groups. */
const many = function* (): Generator<Cell[]> {
  for (let id = 0; id < 1000; id++) {
    const product = `p${id % 7}`;
    yield [id, product, 1970 + (id % 50), BigInt(id), ((id * 7919) % 1000) / 10, null, null, id % 2 === 0];
  }
};

describe('runQuery', () => {
  it('writes JSON as PostgREST does: keys in the order of select, integers exact, doubles shortest', async () => {
    const opened = await tableOf(SMALL);
    expect(await json(opened, 'select=litres,product,price,day,at,done,n:id&id=lt.4')).toBe(
      [
        '[{"litres":9007199254740993,"product":"Tinto, \\"seco\\"","price":0.1,"day":"1970-01-01","at":"1970-01-01T00:00:00.000Z","done":true,"n":1}',
        '{"litres":9223372036854775807,"product":"=1+1","price":1e+21,"day":"2024-02-29","at":"2024-02-29T12:00:00.001Z","done":false,"n":2}',
        '{"litres":null,"product":null,"price":null,"day":null,"at":null,"done":null,"n":3}]',
      ].join(', \n '),
    );
    expect(await json(opened, 'id=eq.77')).toBe('[]');
    expect(await json(opened, 'select=id,id&limit=1')).toBe('[{"id":1,"id":1}]');
  });

  it('R1: takes select= for all columns, and leaves out nulls where it is asked to', async () => {
    const opened = await tableOf(SMALL);
    expect(await json(opened, 'select=')).toBe(await json(opened, 'select=*'));
    expect(await json(opened, 'select=%20')).toBe(await json(opened, ''));
    const { fields, batches } = runQuery(opened.table, queryOf('select=id,product,done&id=in.(3,4)'));
    expect(await textOf(jsonOf(fields, batches, { stripped: true }))).toBe(
      '[{"id":3}, \n {"id":4,"product":"","done":true}]',
    );
  });

  it('writes NDJSON and CSV, and guards texts that would be formulas', async () => {
    const opened = await tableOf(SMALL);
    const query = queryOf('select=product,price');
    const run = () => runQuery(opened.table, query);
    expect(await textOf(ndjsonOf(run().fields, run().batches))).toBe(
      '{"product":"Tinto, \\"seco\\"","price":0.1}\n{"product":"=1+1","price":1e+21}\n{"product":null,"price":null}\n{"product":"","price":-2.5}\n',
    );
    expect(await textOf(csvOf(run().fields, run().batches, { guard: true }))).toBe(
      'product,price\r\n"Tinto, ""seco""",0.1\r\n\'=1+1,1e+21\r\n,\r\n"",-2.5\r\n',
    );
    expect(await textOf(csvOf(run().fields, run().batches, { guard: false }))).toContain('\r\n=1+1,1e+21\r\n');
  });

  it('adds integers without loss, and names results as PostgREST does', async () => {
    const opened = await tableOf(SMALL);
    expect(await json(opened, 'select=litres.sum(),id.sum(),price.min(),product.max(),count(),product.count()')).toBe(
      '[{"sum":9232379236109516799,"sum":10,"min":-2.5,"max":"Tinto, \\"seco\\"","count":4,"count":3}]',
    );
    expect(await json(opened, 'select=year,n:count(),avg:id.avg()&order=year')).toBe(
      '[{"year":1970,"n":2,"avg":2.5}, \n {"year":1971,"n":1,"avg":2}, \n {"year":null,"n":1,"avg":3}]',
    );
    expect(await json(opened, 'select=id.sum(),count()&id=gt.9')).toBe('[{"sum":null,"count":0}]');
    expect(await json(opened, 'select=year,id.sum()&id=gt.9')).toBe('[]');
    expect(await json(opened, 'select=year,s:litres.sum()&order=s.desc.nullslast&limit=2')).toBe(
      '[{"year":1971,"s":9223372036854775807}, \n {"year":1970,"s":9007199254740992}]',
    );
    const { fields } = runQuery(opened.table, queryOf('select=year.sum(),n:count()'));
    expect(fields).toEqual([
      { name: 'sum', type: 'int64', nullable: true, unit: 'a' },
      { name: 'n', type: 'int64', nullable: false },
    ]);
  });

  it('casts columns, what is added up, and sums', async () => {
    const opened = await tableOf(SMALL);
    expect(
      await json(
        opened,
        'select=id::text,price::int4,day::timestamp,at::date,done::int,litres::json,x:product::json&id=eq.3',
      ),
    ).toBe('[{"id":"3","price":null,"day":null,"at":null,"done":null,"litres":null,"x":null}]');
    expect(
      await json(opened, 'select=id::text,price::int4,day::timestamp,at::date,done::int,litres::json&id=eq.4'),
    ).toBe('[{"id":"4","price":-2,"day":"1969-12-31T00:00:00.000Z","at":"1969-12-31","done":1,"litres":-1}]');
    expect(await json(opened, 'select=s:id::float8.sum()::text,done::int.sum()')).toBe('[{"s":"10","sum":2}]');
    await expect(json(opened, 'select=product::int')).rejects.toMatchObject({
      code: '22P02',
      message: 'invalid input syntax for type integer: "Tinto, "seco""',
    });
    await expect(json(opened, 'select=price::int8')).rejects.toMatchObject({ code: '22003' });
  });

  it('refuses casts to dates that nobody can write, and queries that would take too long', async () => {
    const opened = await tableOf([[1, '270000-01-01', 1, 1n, 1, null, null, null]]);
    await expect(json(opened, 'select=product::date')).resolves.toContain('+270000-01-01');
    const later = await tableOf([[1, 'infinity', 1, 1n, 1, null, null, null]]);
    await expect(json(later, 'select=product::timestamp')).rejects.toMatchObject({ code: '22008' });
    const { table } = opened;
    const group = {
      ...table.groups[0],
      rows: 10_000_000,
      chunks: table.groups[0].chunks.map((chunk) => ({ ...chunk, bounds: null })),
    };
    const query = queryOf(`or=(${Array.from({ length: 20 }, (_, i) => `product.like.*${i}*`).join(',')})`);
    await expect(countRows({ ...table, groups: [group] }, query)).rejects.toMatchObject({
      status: 400,
      code: 'PGRST100',
    });
  });

  it('reads one range of a row group that answers alone', async () => {
    const opened = await tableOf(many(), { rowGroupRows: 50 });
    expect(opened.reads).toHaveLength(1);
    opened.reads.length = 0;
    expect(await rowsOf(opened, 'id=gte.510&id=lt.512&select=id,product,done')).toEqual([
      { id: 510, product: 'p6', done: true },
      { id: 511, product: 'p0', done: false },
    ]);
    expect(opened.reads).toHaveLength(1);
    const group = opened.table.groups[10];
    expect(opened.reads[0]).toBeLessThanOrEqual(group.chunks.at(-1)!.end - group.chunks[0].start);
  });

  it('reads nothing where the footer knows the answer', async () => {
    const opened = await tableOf(many(), { rowGroupRows: 50 });
    opened.reads.length = 0;
    expect(await countRows(opened.table, queryOf('select=id'))).toBe(1000);
    expect(await countRows(opened.table, queryOf('id=lt.500'))).toBe(500);
    expect(await rowsOf(opened, 'id=gt.5000')).toEqual([]);
    expect(await rowsOf(opened, 'select=count()&id=gte.100')).toEqual([{ count: 900 }]);
    expect(await rowsOf(opened, 'limit=0')).toEqual([]);
    expect(opened.reads).toEqual([]);
  });

  it('stops when it has enough, and skips what the offset passes', async () => {
    const opened = await tableOf(many(), { rowGroupRows: 50 });
    opened.reads.length = 0;
    expect(await rowsOf(opened, 'select=id&offset=703&limit=3&order=id')).toEqual([
      { id: 703 },
      { id: 704 },
      { id: 705 },
    ]);
    expect(opened.reads).toHaveLength(1);
    opened.reads.length = 0;
    expect(await rowsOf(opened, 'select=id&product=eq.p3&limit=5')).toHaveLength(5);
    expect(opened.reads.reduce((sum, each) => sum + each)).toBeLessThan(opened.bytes.length / 10);
  });

  it('knows which orders the table is in already', async () => {
    const opened = await tableOf(many(), { rowGroupRows: 50 });
    expect(isInOrder(opened.table, queryOf('order=id.asc'))).toBe(true);
    expect(isInOrder(opened.table, queryOf('order=id.desc'))).toBe(false);
    expect(isInOrder(opened.table, queryOf('order=id,year'))).toBe(false);
    const unsorted = await tableOf(many(), { sort: false });
    expect(isInOrder(unsorted.table, queryOf('order=id'))).toBe(false);
    expect(unsorted.table.sortedBy).toEqual([]);
  });

  it('gives pages of an order that together are all rows once, ties in the order of the table', async () => {
    const opened = await tableOf(many(), { rowGroupRows: 50 });
    const all = await rowsOf(opened, 'select=id,year&order=year.desc');
    const pages = [];
    for (let offset = 0; offset < 1000; offset += 90)
      pages.push(...(await rowsOf(opened, `select=id,year&order=year.desc&limit=90&offset=${offset}`)));
    expect(pages).toEqual(all);
    const expected = [...many()].map(([id, , year]) => ({ id, year }) as { id: number; year: number });
    expect(all).toEqual(expected.sort((a, b) => b.year - a.year || a.id - b.id));
  });

  it('skips row groups that cannot be among the first of an order', async () => {
    const opened = await tableOf(many(), { rowGroupRows: 50 });
    opened.reads.length = 0;
    expect((await rowsOf(opened, 'select=id&order=litres.desc&limit=3')).map(({ id }: { id: number }) => id)).toEqual([
      999, 998, 997,
    ]);
    expect(opened.reads.reduce((sum, each) => sum + each)).toBeLessThan(opened.bytes.length / 10);
  });

  it('refuses patterns that would be tried part by part at every place of a million texts', () => {
    const groups = [
      { rows: 1_000_000, from: 0, chunks: schema.fields.map(() => ({ start: 0, end: 0, nulls: 0, bounds: null })) },
    ];
    const plan = (text: string) => planGroups({ fields: schema.fields, groups }, queryOf(text).where);
    const tests = (pattern: string) => Array.from({ length: 90 }, () => `product=not.ilike.*${pattern}*`).join('&');
    expect(plan(tests('b'))).toHaveLength(1);
    expect(() => plan(tests(`${'a_'.repeat(20)}b`))).toThrow('too big');
  });

  it('refuses more figures than fit into memory, and more columns of groups than there is time for', async () => {
    const opened = await tableOf(
      Array.from({ length: 25_000 }, (_, id): Cell[] => [id, null, null, null, 1, null, null, null]),
    );
    const sums = (count: number) => Array.from({ length: count }, (_, i) => `s${i}:price.sum()`).join();
    expect(await rowsOf(opened, `select=id,${sums(100)}&limit=1`)).toHaveLength(1);
    await expect(rowsOf(opened, `select=id,${sums(200)}`)).rejects.toMatchObject({
      details: expect.stringContaining('figures'),
    });
    const [group] = opened.table.groups;
    const large = { ...opened.table, groups: [{ ...group, rows: 1_000_000 }] };
    await expect(rowsOf({ ...opened, table: large }, `select=${sums(900)}`)).rejects.toMatchObject({
      code: 'PGRST100',
    });
  });

  it('casts and encodes a column once, however often it is named', async () => {
    const opened = await tableOf(SMALL);
    const query = queryOf(`select=${Array.from({ length: 500 }, (_, i) => `a${i}:id::text,b${i}:id::json`).join()}`);
    for await (const { columns } of runQuery(opened.table, query).batches) expect(new Set(columns).size).toBe(2);
    const [first] = await rowsOf(opened, 'select=a:id::text,b:id::json,c:id::text,d:id,e:product,f:product');
    expect(first).toEqual({ a: '1', b: 1, c: '1', d: 1, e: 'Tinto, "seco"', f: 'Tinto, "seco"' });
  });

  it('has NaN, which texts may be cast to, above all numbers', async () => {
    const texts = ['2', 'NaN', '1', 'Infinity', 'nan', '-3', null];
    const opened = await tableOf(texts.map((text, id): Cell[] => [id, text, null, null, null, null, null, null]));
    const ordered = async (order: string) =>
      (await rowsOf(opened, `select=id,n:product::float8&order=${order}`)).map(({ id }: { id: number }) => id);
    expect(await ordered('n')).toEqual([5, 2, 0, 3, 1, 4, 6]);
    expect(await ordered('n.desc.nullslast')).toEqual([1, 4, 3, 0, 2, 5, 6]);
    expect(await ordered('n.desc.nullslast&limit=1')).toEqual([1]);
  });

  it('says so when the bytes are no table of ours', async () => {
    const read = (bytes: Uint8Array) =>
      openTable({ byteLength: bytes.length, read: async (start, end) => bytes.subarray(start, end) });
    await expect(read(Buffer.from('PAR1'))).rejects.toThrow('this is no Parquet file');
    await expect(read(Buffer.from('a,b\n1,2\n3,4\n5,6\n'))).rejects.toThrow('this is no Parquet file');
    const { bytes } = await tableOf(SMALL);
    await expect(read(bytes.subarray(bytes.length - 60))).rejects.toThrow(RangeError);
  });
});
