import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgrestClient } from '@supabase/postgrest-js';
import { download, endedRun } from '../e2e/collecting.ts';
import { dropState, newState, type Stack, startStack } from '../e2e/stack.ts';

/**
 * The client as its makers publish it, against a running stack; what it is given is compared with DuckDB on the very
 * Parquet that the API reads.
 */
const state = newState();
let stack: Stack;
let db: DuckDBConnection;
// biome-ignore lint/suspicious/noExplicitAny: a client without types of the tables.
let client: PostgrestClient<any, any, any>;

beforeAll(async () => {
  stack = await startStack({ state, collected: true });
  await endedRun(stack);
  db = await (await DuckDBInstance.create(':memory:')).connect();
  for (const [name, dataset] of [
    ['p', 'embrapa_producao'],
    ['v', 'embrapa_imp_vinhos'],
  ]) {
    const path = join(state, `${name}.parquet`);
    writeFileSync(path, await download(stack, dataset, 'format=parquet'));
    await db.run(`CREATE VIEW ${name} AS SELECT * FROM read_parquet('${path}')`);
  }
  const headers = { authorization: `Bearer ${await stack.token()}` };
  client = new PostgrestClient(`${stack.address}/v1/records`, { headers });
}, 540_000);
afterAll(async () => {
  db?.closeSync();
  await stack?.stop();
  dropState(state);
}, 90_000);

type Row = Record<string, unknown>;
const duck = async (sql: string): Promise<Row[]> => {
  const reader = await db.runAndReadAll(`SELECT to_json(t)::VARCHAR FROM (${sql}) t`);
  return reader.getRows().map(([text]) => JSON.parse(String(text)));
};

/** Sums and averages of doubles depend in their last digits on the order of the rows. */
const rounded = (rows: readonly Row[]): Row[] =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(12)) : value,
      ]),
    ),
  );
const lines = (rows: readonly Row[]): string[] => rounded(rows).map((row) => JSON.stringify(row));
const sorted = (rows: readonly Row[]): string[] => lines(rows).sort();

/** The first row in which two answers differ: a comparison of thousands of rows that says no more, and is quick. */
const firstDifference = (found: readonly string[], expected: readonly string[]): object | null => {
  const length = Math.max(found.length, expected.length);
  for (let row = 0; row < length; row++)
    if (found[row] !== expected[row]) return { row, found: found[row], expected: expected[row] };
  return null;
};

const production = () => client.from('embrapa_producao');
const wines = () => client.from('embrapa_imp_vinhos');
type Answer = { data: unknown; error: unknown; status: number; count: number | null };

/** Queries whose rows come in an order that they say, and those of which any order will do. */
const QUERIES: readonly [sql: string, ask: () => PromiseLike<Answer>, ordered?: 'ordered'][] = [
  ['SELECT * FROM p', () => production().select()],
  ['SELECT product, year FROM p', () => production().select('product, year')],
  ['SELECT quantity AS liters, product FROM p', () => production().select('liters:quantity,product')],
  ['SELECT year::VARCHAR AS year FROM p', () => production().select('year::text')],
  ['SELECT year::DOUBLE AS y FROM p', () => production().select('y:year::float8')],
  ['SELECT * FROM p WHERE year = 2000', () => production().select().eq('year', 2000)],
  ['SELECT * FROM p WHERE year <> 2000', () => production().select().neq('year', 2000)],
  ['SELECT * FROM p WHERE quantity > 1000000', () => production().select().gt('quantity', 1_000_000)],
  ['SELECT * FROM p WHERE quantity >= 2747951', () => production().select().gte('quantity', 2_747_951)],
  ['SELECT * FROM p WHERE quantity < 100', () => production().select().lt('quantity', 100)],
  ['SELECT * FROM p WHERE year <= 1971', () => production().select().lte('year', 1971)],
  ["SELECT * FROM p WHERE product LIKE '%Tinto%'", () => production().select().like('product', '%Tinto%')],
  ["SELECT * FROM p WHERE product ILIKE 'vinho_de%'", () => production().select().ilike('product', 'vinho_de%')],
  [
    "SELECT * FROM p WHERE product LIKE 'T%' AND product LIKE '%o'",
    () => production().select().likeAllOf('product', ['T%', '%o']),
  ],
  [
    "SELECT * FROM p WHERE product ILIKE 't%' OR product ILIKE 'b%'",
    () => production().select().ilikeAnyOf('product', ['t%', 'b%']),
  ],
  ['SELECT * FROM p WHERE year IN (1970, 1999, 1800)', () => production().select().in('year', [1970, 1999, 1800])],
  [
    `SELECT * FROM v WHERE country IN ('Chile', 'Brasil, (x)', 'África do Sul', '"')`,
    () => wines().select().in('country', ['Chile', 'Brasil, (x)', 'África do Sul', '"']),
  ],
  ['SELECT * FROM v WHERE value_usd IS NULL', () => wines().select().is('value_usd', null)],
  ['SELECT * FROM p WHERE is_total', () => production().select().is('is_total', true)],
  ['SELECT * FROM p WHERE NOT is_total', () => production().select().eq('is_total', false)],
  ['SELECT * FROM v WHERE value_usd IS NOT NULL', () => wines().select().not('value_usd', 'is', null)],
  ['SELECT * FROM v WHERE NOT (value_usd > 0)', () => wines().select().not('value_usd', 'gt', 0)],
  ['SELECT * FROM v WHERE year NOT IN (1970, 1971)', () => wines().select().not('year', 'in', '(1970,1971)')],
  [
    "SELECT * FROM v WHERE country = 'Chile' AND year = 1990",
    () => wines().select().match({ country: 'Chile', year: 1990 }),
  ],
  ["SELECT * FROM v WHERE country = 'Chile'", () => wines().select().filter('country', 'eq', 'Chile')],
  ['SELECT * FROM v WHERE value_usd IS DISTINCT FROM 0', () => wines().select().filter('value_usd', 'isdistinct', '0')],
  [
    'SELECT * FROM p WHERE year >= 1980 AND year < 1990 AND quantity > 0',
    () => production().select().gte('year', 1980).lt('year', 1990).gt('quantity', 0),
  ],
  [
    'SELECT * FROM p WHERE year = 1970 OR quantity > 100000000',
    () => production().select().or('year.eq.1970,quantity.gt.100000000'),
  ],
  [
    "SELECT * FROM p WHERE (year = 1970 OR (year > 2010 AND product LIKE '%Tinto%')) AND quantity > 0",
    () => production().select().or('year.eq.1970,and(year.gt.2010,product.like.*Tinto*)').gt('quantity', 0),
  ],
  [
    'SELECT * FROM v WHERE year < 1975 OR NOT (year < 2020 OR quantity_kg IS NULL)',
    () => wines().select().or('year.lt.1975,not.or(year.lt.2020,quantity_kg.is.null)'),
  ],
  [
    "SELECT * FROM v WHERE country = 'Chile' OR note = 'a,b'",
    () => wines().select().or('country.eq.Chile,note.eq."a,b"'),
  ],
  [
    'SELECT * FROM p ORDER BY year DESC, product, section, line',
    () => production().select().order('year', { ascending: false }).order('product').order('section').order('line'),
    'ordered',
  ],
  [
    'SELECT country, year, value_usd FROM v ORDER BY value_usd ASC NULLS LAST, country, year LIMIT 1000',
    () => wines().select('country,year,value_usd').order('value_usd').order('country').order('year').limit(1000),
    'ordered',
  ],
  [
    'SELECT country, year, value_usd FROM v ORDER BY value_usd ASC NULLS FIRST, country, year LIMIT 700',
    () =>
      wines()
        .select('country,year,value_usd')
        .order('value_usd', { nullsFirst: true })
        .order('country')
        .order('year')
        .limit(700),
    'ordered',
  ],
  [
    'SELECT country, year, value_usd FROM v ORDER BY value_usd DESC NULLS LAST, country, year LIMIT 100 OFFSET 50',
    () =>
      wines()
        .select('country,year,value_usd')
        .order('value_usd', { ascending: false, nullsFirst: false })
        .order('country')
        .order('year')
        .range(50, 149),
    'ordered',
  ],
  [
    'SELECT country, year FROM v ORDER BY country, year LIMIT 10 OFFSET 20',
    () => wines().select('country,year').order('country').order('year').range(20, 29),
    'ordered',
  ],
  ['SELECT count(*) AS count FROM p WHERE year = 2000', () => production().select('count()').eq('year', 2000)],
  ['SELECT sum(quantity) AS sum FROM p', () => production().select('quantity.sum()')],
  [
    'SELECT min(quantity) AS min, max(quantity) AS max, avg(quantity) AS avg, count(quantity) AS count FROM p',
    () => production().select('quantity.min(),quantity.max(),quantity.avg(),quantity.count()'),
  ],
  ['SELECT year, sum(value_usd) AS sum FROM v GROUP BY year', () => wines().select('year,value_usd.sum()')],
  [
    'SELECT country, max(year) AS last, sum(value_usd) AS usd, count(*) AS n FROM v WHERE value_usd > 0 GROUP BY country ORDER BY country LIMIT 20',
    () =>
      wines()
        .select('country,last:year.max(),usd:value_usd.sum(),n:count()')
        .gt('value_usd', 0)
        .order('country')
        .limit(20),
    'ordered',
  ],
  ['SELECT year FROM p WHERE year = 1800', () => production().select('year').eq('year', 1800)],
  ["SELECT * FROM p WHERE product = 'x'' OR 1=1 --'", () => production().select().eq('product', "x' OR 1=1 --")],
];

describe('@supabase/postgrest-js', () => {
  it.each(QUERIES.map(([sql, ask, ordered]) => ({ sql, ask, ordered })))('$sql', async ({ sql, ask, ordered }) => {
    const { data, error, status } = await ask();
    expect({ error, status }).toEqual({ error: null, status: 200 });
    const [found, expected] = [data as Row[], await duck(sql)];
    const inOrder = ordered ? lines : sorted;
    expect(firstDifference(inOrder(found), inOrder(expected))).toBeNull();
  });

  it('counts: exact, planned, estimated, with rows and without', async () => {
    const [{ n: all }] = await duck('SELECT count(*) AS n FROM v');
    const [{ n: some }] = await duck('SELECT count(*) AS n FROM v WHERE value_usd > 1000000');
    const rows = await wines().select('*', { count: 'exact' }).gt('value_usd', 1_000_000).limit(7);
    expect([rows.count, rows.data?.length, rows.status]).toEqual([some, 7, 206]);
    const head = await wines().select('*', { count: 'exact', head: true }).gt('value_usd', 1_000_000);
    expect([head.count, head.data, head.status, head.error]).toEqual([some, null, 200, null]);
    for (const count of ['planned', 'estimated'] as const)
      expect((await wines().select('*', { count, head: true })).count).toBe(all);
    expect((await wines().select('year', { count: 'exact' }).limit(0)).count).toBe(all);
    const beyond = await wines().select('year', { count: 'exact' }).range(100_000, 100_010);
    expect([beyond.status, beyond.error?.code]).toEqual([416, 'PGRST103']);
    const uncounted = await wines().select('year').range(100_000, 100_010);
    expect([uncounted.status, uncounted.data]).toEqual([200, []]);
  });

  it('reads all rows in pages, each once', async () => {
    const seen: Row[] = [];
    for (let from = 0; ; from += 1000) {
      const { data } = await wines()
        .select('country,year')
        .order('year')
        .range(from, from + 999);
      seen.push(...(data as Row[]));
      if ((data ?? []).length < 1000) break;
    }
    expect(firstDifference(sorted(seen), sorted(await duck('SELECT country, year FROM v')))).toBeNull();
  });

  it('reads CSV', async () => {
    const { data, error } = await wines()
      .select('country,year,value_usd')
      .eq('country', 'Chile')
      .order('year')
      .limit(3)
      .csv();
    expect(error).toBeNull();
    const expected = await duck("SELECT * FROM v WHERE country = 'Chile' ORDER BY year LIMIT 3");
    const texts = expected.map(({ country, year, value_usd }) => `${country},${year},${value_usd ?? ''}`);
    expect(data).toBe(`${['country,year,value_usd', ...texts].join('\r\n')}\r\n`);
  });

  it('reads a single row, and says by its code that there is none or are several', async () => {
    const one = await wines().select('country,year').eq('country', 'Chile').eq('year', 1990).single();
    expect([one.data, one.error, one.status]).toEqual([{ country: 'Chile', year: 1990 }, null, 200]);
    const none = await wines().select().eq('country', 'Atlantis').single();
    expect([none.status, none.error?.code, none.error?.details]).toEqual([
      406,
      'PGRST116',
      'The result contains 0 rows',
    ]);
    const several = await wines().select().eq('country', 'Chile').limit(5).single();
    expect([several.status, several.error?.code, several.error?.details]).toEqual([
      406,
      'PGRST116',
      'The result contains 5 rows',
    ]);
  });

  it('reads a row that may be missing', async () => {
    const one = await wines().select('year').eq('country', 'Chile').eq('year', 1990).maybeSingle();
    expect([one.data, one.error]).toEqual([{ year: 1990 }, null]);
    const none = await wines().select().eq('country', 'Atlantis').maybeSingle();
    expect([none.data, none.error]).toEqual([null, null]);
    expect((await wines().select().eq('country', 'Chile').maybeSingle()).error?.code).toBe('PGRST116');
  });

  it.each<[string, () => PromiseLike<Answer>, string, number]>([
    ['a column that there is not', () => production().select('nothing'), '42703', 400],
    ['a filter on a column that there is not', () => production().select().eq('yeer', 1), '42703', 400],
    ['an order by a column that there is not', () => production().select().order('nothing'), '42703', 400],
    ['a word for a number', () => production().select().eq('year', 'x'), '22P02', 400],
    ['an operator that there is not', () => production().select().filter('year', 'almost', 1), 'PGRST100', 400],
    ['a tree that is not closed', () => production().select().or('year.eq.1,and(year.eq.2'), 'PGRST100', 400],
    ['an embedded table', () => production().select('*,others(*)'), 'PGRST200', 400],
    ['a sum of words', () => production().select('product.sum()'), '42883', 400],
    ['a type that there is not', () => production().select('year::color'), '42704', 400],
    ['a dataset that there is not', () => client.from('embrapa_nothing').select(), 'PGRST205', 404],
  ])('hears by its code of %s', async (_what, ask, code, status) => {
    const { data, error, status: said } = await ask();
    expect(data).toBeNull();
    expect([said, (error as { code: string }).code]).toEqual([status, code]);
    expect(error).toMatchObject({ message: expect.stringMatching(/\w/) });
  });

  it('throws the error where it is asked to', async () => {
    await expect(production().select('nothing').throwOnError()).rejects.toMatchObject({
      code: '42703',
      hint: expect.stringContaining('product_code'),
    });
  });
});
