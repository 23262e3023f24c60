/** Random queries on random tables give the rows that DuckDB gives on the same file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cellAt } from '../cells.ts';
import { memorySink } from '../sink.ts';
import type { Cell, ColumnType, Field } from '../table.ts';
import { createTableBuilder } from '../table-builder.ts';
import { createTableWriter } from '../table-writer.ts';
import { type OpenTable, openTable } from './open-table.ts';
import { parseQuery } from './parse-query.ts';
import { countRows, runQuery } from './run-query.ts';

const FIELDS: Field[] = [
  { name: 'r', type: 'int32', nullable: false },
  { name: 'i', type: 'int32', nullable: true },
  { name: 'n', type: 'int64', nullable: true },
  { name: 'x', type: 'double', nullable: true },
  { name: 's', type: 'string', nullable: true },
  { name: 'd', type: 'date', nullable: true },
  { name: 't', type: 'timestamp', nullable: true },
  { name: 'b', type: 'boolean', nullable: true },
];
type Random = { [type in ColumnType]: readonly NonNullable<Cell>[] };
const VALUES: Random = {
  int32: [-2147483648, -7, -1, 0, 1, 2, 3, 40, 2147483647],
  int64: [-9223372036854775808n, -5n, 0n, 1n, 9007199254740993n, 9223372036854775807n],
  double: [-1e300, -2.5, -0.1, 0, 0.1, 0.5, 2, 1e21, 123456.789],
  string: [
    '',
    ' ',
    'a',
    'ab',
    'aB',
    'abc',
    'b',
    'a,b',
    'x"y',
    '(z)',
    'a%b',
    'a_b',
    '\\',
    'é',
    'ﬁ',
    '🍇',
    '🍇x',
    'null',
    'z'.repeat(300),
  ],
  date: ['0001-01-01', '1969-12-31', '1970-01-01', '2000-02-29', '9999-12-31'],
  timestamp: [
    '0001-01-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '2024-02-29T12:00:00.001Z',
    '9999-12-31T23:59:59.999Z',
  ],
  boolean: [true, false],
};

/** A value as PostgREST's text and as SQL. */
const literal = (type: ColumnType, value: Cell): { text: string; sql: string } => {
  const text = String(value);
  if (type === 'string') return { text, sql: `'${text.replaceAll("'", "''")}'` };
  if (type === 'double') return { text, sql: `'${text}'::DOUBLE` };
  if (type === 'date') return { text, sql: `'${text}'::DATE` };
  if (type === 'timestamp') return { text, sql: `make_timestamptz(${Date.parse(text)}::BIGINT * 1000)` };
  return { text, sql: text };
};
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** The same condition in both languages: as a parameter and inside and=(…), and as SQL. */
type Term = { parameter: readonly [string, string]; inTree: string; sql: string };

const column = (types: readonly ColumnType[]): fc.Arbitrary<Field> =>
  fc.constantFrom(...FIELDS.filter(({ type }) => types.includes(type)));
const ALL = Object.keys(VALUES) as ColumnType[];
/** IS DISTINCT FROM in other words: DuckDB 1.5 loses rows with null of `b IS DISTINCT FROM true OR b = true`. */
const distinct = (name: string, value: string): string => `NOT coalesce(${name} = ${value}, false)`;
const SQL_OPERATOR = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=', isdistinct: '' };

const term = (name: string, operator: string, value: string, sql: string, negated: boolean, quotable = true): Term => {
  const not = negated ? 'not.' : '';
  return {
    parameter: [name, `${not}${operator}.${value}`],
    inTree: `${name}.${not}${operator}.${quotable ? quoted(value) : value}`,
    sql: negated ? `(NOT (${sql}))` : `(${sql})`,
  };
};

const extra = fc.constantFrom('NaN', 'Infinity', '-Infinity', '5e-324');
const compare = fc
  .tuple(column(ALL), fc.constantFrom(...(Object.keys(SQL_OPERATOR) as (keyof typeof SQL_OPERATOR)[])), fc.boolean())
  .chain(([{ name, type }, operator, negated]) =>
    (type === 'double'
      ? fc.oneof({ arbitrary: fc.constantFrom<Cell>(...VALUES[type]), weight: 4 }, { arbitrary: extra, weight: 1 })
      : fc.constantFrom<Cell>(...VALUES[type])
    ).map((value) => {
      const { text, sql } = literal(type, value);
      const plain = `${name} ${SQL_OPERATOR[operator]} ${sql}`;
      return term(name, operator, text, operator === 'isdistinct' ? distinct(name, sql) : plain, negated);
    }),
  );
const within = fc.tuple(column(ALL), fc.boolean()).chain(([{ name, type }, negated]) =>
  fc.array(fc.constantFrom(...VALUES[type]), { minLength: 1, maxLength: 4 }).map((values) => {
    const all = values.map((value) => literal(type, value));
    const list = `(${all.map(({ text }) => quoted(text)).join(',')})`;
    return term(name, 'in', list, `${name} IN (${all.map(({ sql }) => sql).join(', ')})`, negated, false);
  }),
);
const patterns = fc.array(fc.constantFrom('a', 'b', 'B', '*', '%', '_', '\\%', '\\_', '\\\\', '🍇', 'é', 'z'), {
  maxLength: 6,
});
const like = fc.tuple(fc.constantFrom('like', 'ilike'), patterns, fc.boolean()).map(([operator, parts, negated]) => {
  const text = parts.join('');
  const { sql } = literal('string', text.replaceAll('*', '%'));
  return term('s', operator, text, `s ${operator} ${sql} ESCAPE '\\'`, negated);
});
const is = fc
  .tuple(fc.constantFrom('null', 'not_null'), column(ALL), fc.boolean())
  .map(([what, { name }, negated]) =>
    term(name, 'is', what, `${name} IS ${what === 'null' ? '' : 'NOT '}NULL`, negated, false),
  );
const truth = fc
  .tuple(fc.constantFrom('true', 'false', 'unknown'), fc.boolean())
  .map(([what, negated]) =>
    term('b', 'is', what, what === 'unknown' ? 'b IS NULL' : `coalesce(b = ${what}, false)`, negated, false),
  );
const quantified = fc
  .tuple(
    column(['int32', 'string', 'double']),
    fc.constantFrom('eq', 'gt', 'lte'),
    fc.constantFrom('any', 'all'),
    fc.boolean(),
  )
  .chain(([{ name, type }, operator, quantifier, negated]) =>
    fc.array(fc.constantFrom(...VALUES[type]), { minLength: 1, maxLength: 3 }).map((values) => {
      const all = values.map((value) => literal(type, value));
      const each = all.map(({ sql }) => `${name} ${SQL_OPERATOR[operator as 'eq']} ${sql}`);
      const list = `{${all.map(({ text }) => quoted(text)).join(',')}}`;
      return term(
        name,
        `${operator}(${quantifier})`,
        list,
        each.join(quantifier === 'any' ? ' OR ' : ' AND '),
        negated,
        false,
      );
    }),
  );
const leaf = fc.oneof({ arbitrary: compare, weight: 4 }, within, like, is, truth, quantified);

type Tree = { inTree: string; sql: string; parameter: readonly [string, string] };
const { tree } = fc.letrec<{ tree: Tree; node: Tree }>((tie) => ({
  tree: fc.oneof({ maxDepth: 3, depthSize: 'small' }, leaf, tie('node')),
  node: fc
    .tuple(fc.constantFrom('and', 'or'), fc.boolean(), fc.array(tie('tree'), { minLength: 1, maxLength: 3 }))
    .map(([word, negated, of]) => {
      const not = negated ? 'not.' : '';
      const list = `(${of.map(({ inTree }) => inTree).join(', ')})`;
      const sql = `(${of.map((each) => each.sql).join(` ${word.toUpperCase()} `)})`;
      return {
        parameter: [`${not}${word}`, list] as const,
        inTree: `${not}${word}${list}`,
        sql: negated ? `(NOT ${sql})` : sql,
      };
    }),
}));

const direction = fc.tuple(fc.constantFrom('', '.asc', '.desc'), fc.constantFrom('', '.nullsfirst', '.nullslast'));
const ordering = (names: readonly string[]) =>
  fc.array(fc.tuple(fc.constantFrom(...names), direction), { maxLength: 3 }).map((terms) => ({
    text: terms.map(([name, [way, nulls]]) => name + way + nulls).join(','),
    sql: terms.map(([name, [way, nulls]]) => {
      const first = nulls === '' ? way === '.desc' : nulls === '.nullsfirst';
      return `${name} ${way === '.desc' ? 'DESC' : 'ASC'} NULLS ${first ? 'FIRST' : 'LAST'}`;
    }),
  }));
const window = fc.record({
  limit: fc.option(fc.integer({ min: 0, max: 30 })),
  offset: fc.option(fc.integer({ min: 0, max: 20 })),
});

const names = FIELDS.map(({ name }) => name);
const plain = fc
  .tuple(fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }), ordering(names))
  .map(([select, order]) => ({
    select: select.join(','),
    sql: select.join(', '),
    groupBy: '',
    tie: 'file_row_number',
    order,
  }));

const aggregates = ['i.sum()', 'n.sum()', 'x.sum()', 'i.avg()', 'n.avg()', 'count()', 's.count()', 'n.count()'].concat(
  ['i', 'n', 'x', 's', 'd', 't'].flatMap((name) => [`${name}.min()`, `${name}.max()`]),
);
const grouped = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 }),
    fc.array(fc.constantFrom(...aggregates), { minLength: 1, maxLength: 4 }),
  )
  .chain(([keys, list]) => {
    const sqlOf = (text: string): string => {
      const [, name, call] = /^(?:(\w+)\.)?(\w+)\(\)$/.exec(text)!;
      return `${call}(${name ?? '*'})`;
    };
    return ordering(keys.length > 0 ? keys : ['a0']).map((order) => ({
      select: [...keys, ...list.map((text, index) => `a${index}:${text}`)].join(','),
      sql: [...keys, ...list.map((text, index) => `${sqlOf(text)} AS a${index}`)].join(', '),
      groupBy: keys.length > 0 ? `GROUP BY ${keys.join(', ')}` : '',
      tie: 'min(file_row_number)',
      order,
    }));
  });

const tables = fc.record({
  rows: fc.array(
    fc.tuple(...FIELDS.slice(1).map(({ type }) => fc.option(fc.constantFrom(...VALUES[type]), { freq: 4 }))),
    {
      maxLength: 60,
    },
  ),
  group: fc.integer({ min: 1, max: 20 }),
  key: fc.constantFrom(['r'], ['s', 'r'], ['d', 'b', 'r'], []),
});

/** What a cell of DuckDB is in our words. */
const theirs = (value: unknown, type: ColumnType): unknown => {
  if (value instanceof Date) return type === 'date' ? value.toISOString().slice(0, 10) : value.toISOString();
  return typeof value === 'bigint' && type === 'string' ? String(value) : value;
};

describe('runQuery beside DuckDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'granary-query-'));
  /** A new one for each table: DuckDB keeps what it has read of a file. */
  let path = '';
  let files = 0;
  let connection: DuckDBConnection;
  beforeAll(async () => {
    connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    await connection.run("SET TimeZone = 'UTC'").catch(() => undefined);
  });
  afterAll(() => {
    connection.closeSync();
    rmSync(folder, { recursive: true });
  });

  const write = async ({
    rows,
    group,
    key,
  }: {
    rows: readonly Cell[][];
    group: number;
    key: readonly string[];
  }): Promise<OpenTable> => {
    const sink = memorySink();
    const schema = { fields: FIELDS, key };
    const writer = createTableWriter({ schema, parquet: sink, sort: true, rowGroupRows: group });
    const builder = createTableBuilder(schema, { batchRows: 16, emit: (batch) => writer.write(batch) });
    for (const [r, row] of rows.entries()) builder.append([r, ...row]);
    builder.end();
    await writer.end();
    const bytes = sink.bytes();
    if (path !== '') rmSync(path);
    path = join(folder, `${files++}.parquet`);
    writeFileSync(path, bytes);
    return openTable({ byteLength: bytes.length, read: async (start, end) => bytes.subarray(start, end) });
  };

  const sameRows = async (
    table: OpenTable,
    where: readonly Tree[],
    what: typeof plain extends fc.Arbitrary<infer T> ? T : never,
    { limit, offset }: { limit: number | null; offset: number | null },
  ) => {
    const parameters: (readonly [string, string])[] = [
      ...where.map(({ parameter }) => parameter),
      ['select', what.select],
    ];
    if (what.order.text !== '') parameters.push(['order', what.order.text]);
    if (limit !== null) parameters.push(['limit', String(limit)]);
    if (offset !== null) parameters.push(['offset', String(offset)]);
    const query = parseQuery(parameters, table.fields);
    const { fields, batches } = runQuery(table, query);
    const ours: Cell[][] = [];
    for await (const { rows, columns } of batches)
      for (let row = 0; row < rows; row++) ours.push(columns.map((each) => cellAt(each, row)));
    const from = `FROM read_parquet('${path}', file_row_number = true)`;
    const filter = where.length > 0 ? `WHERE ${where.map(({ sql }) => sql).join(' AND ')}` : '';
    const order = `ORDER BY ${[...what.order.sql, what.tie].join(', ')}`;
    const sql = `SELECT ${what.sql} ${from} ${filter} ${what.groupBy}`;
    const reader = await connection.runAndReadAll(
      `${sql} ${order} ${limit === null ? '' : `LIMIT ${limit}`} ${offset === null ? '' : `OFFSET ${offset}`}`,
    );
    const expected = reader.getRowsJS().map((row) => row.map((value, index) => theirs(value, fields[index].type)));
    const close = (rows: readonly (readonly unknown[])[]) =>
      rows.map((row) => row.map((value) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value)));
    expect(close(ours)).toEqual(close(expected));
    const total = await connection.runAndReadAll(`SELECT count(*) FROM (${sql})`);
    expect(await countRows(table, query)).toBe(Number(total.getRowsJS()[0][0]));
  };

  it('gives the same rows and counts', async () => {
    const many = fc.array(fc.tuple(fc.array(tree, { maxLength: 3 }), fc.oneof(plain, grouped), window), {
      minLength: 12,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(tables, many, async (content, queries) => {
        const table = await write(content);
        for (const [where, what, part] of queries) await sameRows(table, where, what, part);
      }),
      { numRuns: 40 },
    );
  });
});
