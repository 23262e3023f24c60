import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readRows } from './athena-csv.ts';
import { openEngine } from './athena-engine.ts';
import { RENAMED } from './athena-functions.ts';
import { MACROS } from './athena-macros.ts';
import type { AthenaObjects } from './athena-objects.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-functions-'));
const engine = openEngine({
  dir,
  tables: () => ({ names: () => [], table: () => undefined }),
  objects: { release: () => undefined } as unknown as AthenaObjects,
  onFailure: () => undefined,
});
let made = 0;
const ask = async (sql: string) => {
  const id = `q${++made}`;
  const stop = { asked: false, interrupt: () => undefined };
  const { path, columns } = await engine.run({ id, sql, database: 'd', cutoff: undefined, stop }, () => undefined);
  const { rows } = readRows(readFileSync(path), 1000);
  engine.discard(id);
  return { columns, rows };
};
const refusal = (sql: string) =>
  ask(sql).then(
    () => 'none',
    (error: Error) => error.message,
  );

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Expressions with what Athena answers: its text, and its type where that is not evident. */
const CASES: readonly (readonly [sql: string, value: string | null, type?: string])[] = [
  ['7 / 2', '3', 'integer'],
  ['-7 / 2', '-3'],
  ['7 / 2e0', '3.5', 'double'],
  ['1e0 / 0', 'Infinity'],
  ['-1e0 / 0', '-Infinity'],
  ['0e0 / 0', 'NaN'],
  ['null / 0', null],
  ['7 % 3', '1'],
  ['mod(-7, 3)', '-1'],
  ['mod(5e0, 0)', 'NaN'],
  ["concat('a', 'b', 'c')", 'abc'],
  ["concat('a', null)", null],
  ['greatest(1, 3, 2)', '3'],
  ['greatest(1, null)', null],
  ['least(3, 1, 2)', '1'],
  ['sign(-2.5e0)', '-1.0', 'double'],
  ['e()', '2.718281828459045'],
  ['log(2, 8)', '3.0'],
  ['is_nan(nan())', 'true', 'boolean'],
  ['is_finite(1e0)', 'true'],
  ['is_infinite(infinity())', 'true'],
  ['truncate(-2.7e0)', '-2.0'],
  ['bitwise_and(6, 3)', '2'],
  ['bitwise_or(6, 3)', '7'],
  ['bitwise_xor(6, 3)', '5'],
  ['bitwise_not(6)', '-7'],
  ['rand() < 1', 'true'],
  ["codepoint('é')", '233'],
  ["levenshtein_distance('abc', 'axc')", '1'],
  ["hamming_distance('abc', 'axc')", '1'],
  ["replace('aXbX', 'X')", 'ab'],
  ["replace('aXbX', 'X', '-')", 'a-b-'],
  ["split_part('a-b', '-', 2)", 'b'],
  ["split_part('a-b', '-', 3)", null],
  ["split('a-b', '-')", '[a, b]', 'array'],
  ["regexp_like('granary', 'an.r')", 'true'],
  ["regexp_extract('v12', '\\d+')", '12'],
  ["regexp_extract('v12', 'v(\\d)(\\d)', 2)", '2'],
  ["regexp_extract('v', '\\d+')", null],
  ["regexp_extract_all('1a2', '\\d')", '[1, 2]'],
  ["regexp_replace('a1b2', '\\d')", 'ab'],
  ["regexp_replace('a1b2', '(\\d)', '<$1>')", 'a<1>b<2>'],
  ["regexp_split('a1b2c', '\\d')", '[a, b, c]'],
  ["regexp_count('a1b2', '\\d')", '2'],
  ["date('2020-01-02')", '2020-01-02', 'date'],
  ["date_trunc('month', date '2020-02-03')", '2020-02-01', 'date'],
  ["date_trunc('hour', timestamp '2020-02-03 10:11:12')", '2020-02-03 10:00:00.000', 'timestamp'],
  ["date_add('month', 1, date '2020-01-31')", '2020-02-29', 'date'],
  ["date_add('day', -1, date '2020-01-01')", '2019-12-31'],
  ["date_add('quarter', 1, timestamp '2020-01-01 01:02:03')", '2020-04-01 01:02:03.000'],
  ["date_add('millisecond', 5, timestamp '2020-01-01 00:00:00')", '2020-01-01 00:00:00.005'],
  ["date_diff('year', date '2019-12-31', date '2020-01-01')", '0'],
  ["date_diff('day', date '2019-12-31', date '2020-01-02')", '2'],
  ["date_format(timestamp '2020-03-04 15:06:07', '%Y-%m-%d %H:%i:%s')", '2020-03-04 15:06:07'],
  ["date_format(timestamp '2020-03-04 15:06:07', '%W %e %M, %l%p')", 'Wednesday 4 March, 3PM'],
  ["date_parse('04/03/2020 15:06', '%d/%m/%Y %H:%i')", '2020-03-04 15:06:00.000'],
  ["millisecond(timestamp '2020-01-01 00:00:07.089')", '89'],
  ["day_of_week(date '2020-03-01')", '7'],
  ["dow(date '2020-03-02')", '1'],
  ["day_of_month(date '2020-03-02')", '2'],
  ["day_of_year(date '2020-03-01')", '61'],
  ["doy(date '2020-01-01')", '1'],
  ["week_of_year(date '2021-01-03')", '53'],
  ["year_of_week(date '2021-01-03')", '2020'],
  ["yow(date '2021-01-04')", '2021'],
  ["last_day_of_month(date '2020-02-03')", '2020-02-29'],
  ["extract(year from date '2020-01-01')", '2020', 'bigint'],
  ["from_iso8601_date('2020-01-02')", '2020-01-02'],
  ["from_iso8601_timestamp('2020-01-02T03:04:05Z')", '2020-01-02 03:04:05.000 UTC', 'timestamp with time zone'],
  ["to_iso8601(date '2020-01-02')", '2020-01-02'],
  ["to_iso8601(timestamp '2020-01-02 03:04:05.678')", '2020-01-02T03:04:05.678'],
  ['from_unixtime(0)', '1970-01-01 00:00:00.000 UTC'],
  ["to_unixtime(timestamp '1970-01-02 00:00:00')", '86400.0'],
  ["timestamp '2020-01-01 00:00:00' at time zone 'UTC'", '2020-01-01 00:00:00.000 UTC'],
  ["if(1 > 2, 'a', 'b')", 'b'],
  ["try(cast('a' as integer))", null],
  ["try_cast('a' as integer)", null],
  ['cardinality(array[1, 2])', '2'],
  ['element_at(array[1, 2], 3)', null],
  ["element_at(map(array['a'], array[1]), 'a')", '1'],
  ["map(array['a', 'b'], array[1, null])", '{a=1, b=null}', 'map'],
  ['array_max(array[1, 3, 2])', '3'],
  ['array_min(array[3, 1, 2])', '1'],
  ['array_sort(array[3, null, 1])', '[1, 3, null]'],
  ['array_position(array[3, 1], 1)', '2'],
  ['array_position(array[3, 1], 9)', '0'],
  ["array_join(array[1, 2], '-')", '1-2'],
  ['array_intersect(array[1, 2], array[2, 3])', '[2]'],
  ['arrays_overlap(array[1, 2], array[2, 3])', 'true'],
  ['contains(array[1, 2], 2)', 'true'],
  ['transform(array[1, 2], x -> x + 1)', '[2, 3]'],
  ['filter(array[1, 2], x -> x > 1)', '[2]'],
  ['sequence(1, 3)', '[1, 2, 3]'],
  ['slice(array[1, 2, 3, 4], 2, 2)', '[2, 3]'],
  [`json_extract_scalar('{"a": {"b": 1}}', '$.a.b')`, '1', 'varchar'],
  [`json_extract_scalar('{"a": {"b": 1}}', '$.a')`, null],
  [`json_format(json_parse('{"a":1}'))`, '{"a":1}'],
  ["'abc' like 'a%'", 'true'],
  ["'a%c' like 'a!%c' escape '!'", 'true'],
  ["substring('abc' from 2 for 1)", 'b'],
  ["position('b' in 'abc')", '2'],
  ["trim(both ' ' from ' a ')", 'a'],
  ['cast(1.5 as decimal(10, 2))', '1.50', 'decimal'],
  // DuckDB reads the text x41.
  ["X'41'", '41', 'varbinary'],
  ["extract(dow from date '2020-03-01')", '7'],
  ['asin(2)', 'NaN'],
  ["from_hex('41')", '41'],
  ["to_hex(sha1(to_utf8('a')))", '86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8'],
  ["date '2020-01-30' < date '2020-02-01' - interval '1' day", 'true'],
];

describe("Athena's functions", () => {
  it('answer what Athena answers', async () => {
    const { columns, rows } = await ask(`SELECT ${CASES.map(([sql]) => sql).join(', ')}`);
    const found = CASES.map(([sql], n) => [sql, rows[1]![n]]);
    expect(found).toEqual(CASES.map(([sql, value]) => [sql, value]));
    const typed = CASES.flatMap(([sql, , type], n) => (type ? [[sql, columns[n]!.type, type]] : []));
    expect(typed.map(([sql, found]) => [sql, found])).toEqual(typed.map(([sql, , type]) => [sql, type]));
  });

  it('aggregate, also with FILTER and OVER', async () => {
    const sql = `
      SELECT approx_distinct(x), approx_distinct(x) FILTER (WHERE x > 1), approx_percentile(x, 0.5), arbitrary(y), every(x > 0),
        bitwise_and_agg(x), bitwise_or_agg(x), bitwise_xor_agg(x), sum(x), count(*), avg(x), count_if(x > 1), max_by(y, x),
        array_agg(x ORDER BY x DESC)
      FROM (VALUES (1, 'a'), (2, 'a'), (4, 'a')) t (x, y)`;
    expect((await ask(sql)).rows[1]).toEqual([
      '3',
      '2',
      '2',
      'a',
      'true',
      '0',
      '7',
      '7',
      '7',
      '3',
      '2.3333333333333335',
      '2',
      'a',
      '[4, 2, 1]',
    ]);
    const over = 'SELECT approx_distinct(x) OVER (), "arbitrary"(x) FROM (VALUES 1) t (x) GROUP BY x';
    expect(await refusal(over.replace('VALUES 1', 'VALUES (1)'))).toBe('none');
  });

  it('are each in the cases above', () => {
    const corpus = readFileSync(join(import.meta.dirname, '../../../../tests/oracles/trino/corpus.sql'), 'utf8');
    const tried = `${CASES.map(([sql]) => sql).join(' ')} ${corpus}`;
    const aggregates = ['arbitrary', 'every', 'approx_distinct', 'approx_percentile'];
    const inCases = (name: string) => new RegExp(`(^|\\W)${name}\\(`).test(tried);
    const named = [...RENAMED.keys(), ...MACROS.keys()].filter((name) => /^[a-z]/.test(name) && !/_agg$/.test(name));
    expect(named.filter((name) => !inCases(name) && !aggregates.includes(name))).toEqual([]);
  });

  it('fail where Athena fails', async () => {
    expect(await refusal('SELECT 1 / 0')).toBe('DIVISION_BY_ZERO: Division by zero');
    expect(await refusal('SELECT x / y FROM (VALUES (1, 0)) t (x, y)')).toBe('DIVISION_BY_ZERO: Division by zero');
    expect(await refusal('SELECT 1 % 0')).toBe('DIVISION_BY_ZERO: Division by zero');
    expect(await refusal("SELECT cast('a' as integer)")).toMatch(/^INVALID_CAST_ARGUMENT: /);
    expect(await refusal("SELECT date_add('fortnight', 1, date '2020-01-01')")).toMatch(
      /'fortnight' is not a valid date/,
    );
    expect(await refusal('SELECT sum(x) FROM (VALUES (9223372036854775807), (1)) t (x)')).toMatch(
      /^NUMERIC_VALUE_OUT_OF_RANGE: bigint/,
    );
    expect(await refusal("SELECT\n  strptime('1', '%Y')")).toBe(
      "FUNCTION_NOT_FOUND: line 2:3: Function 'strptime' not registered (in the embedded AWS)",
    );
  });

  it.each([
    ["substr('abc', 0)", ''],
    ["substr('abc', 2, -1)", ''],
    ["date_format(DATE '2021-01-03', '%x-%v')", '2020-53'],
    ["TRY_CAST('1.5' AS integer)", null],
    ["concat_ws(',', ARRAY['a', 'b'])", 'a,b'],
    ["DATE '2020-02-01' - DATE '2020-01-01'", '31 00:00:00.000'],
    ["DATE '2020-01-31' + INTERVAL '1' MONTH", '2020-02-29'],
    ['10.0 / 3', '3.3'],
    ['CAST(2.5e0 AS integer)', '3'],
    ["strpos('abcabc', 'c', 2)", '6'],
  ])('S2: %s is what Trino says', async (sql, value) => {
    expect((await ask(`SELECT ${sql}`)).rows[1]).toEqual([value]);
  });

  it('S2: fail beyond the end of an array, where there is no key, and for a text that is no whole number', async () => {
    expect(await refusal('SELECT ARRAY[1, 2, 3][5]')).toMatch(
      /^INVALID_FUNCTION_ARGUMENT: Array subscript must be less/,
    );
    expect(await refusal('SELECT ARRAY[1][0]')).toMatch(/^INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1/);
    expect(await refusal("SELECT MAP(ARRAY['a'], ARRAY[1])['z']")).toMatch(
      /^INVALID_FUNCTION_ARGUMENT: Key not present/,
    );
    expect(await refusal("SELECT CAST('1.5' AS integer)")).toBe("INVALID_CAST_ARGUMENT: Cannot cast '1.5' to INT");
    expect(await refusal("SELECT date_format(now(), '%U')")).toMatch(/^INVALID_FUNCTION_ARGUMENT/);
  });

  it.each([
    ['SELECT try(1 / 0)', [null]],
    ["SELECT try(CAST('a' AS integer))", [null]],
    ["SELECT * FROM UNNEST(MAP(ARRAY['a'], ARRAY[1])) AS t (k, v)", ['a', '1']],
    ["SELECT * FROM UNNEST(ARRAY[1], ARRAY['a']) AS t (x, y)", ['1', 'a']],
    [
      'SELECT max(y) FROM (SELECT last_value(x) IGNORE NULLS OVER (ORDER BY n) AS y FROM (VALUES (1, 5), (2, null)) AS t (n, x))',
      ['5'],
    ],
    ['SELECT count(*) FROM (VALUES 1, 2) AS t (x) TABLESAMPLE BERNOULLI (100)', ['2']],
    ["SELECT json_extract_scalar('not json', '$.a')", [null]],
    ["SELECT listagg(x, ', ') WITHIN GROUP (ORDER BY x DESC) FROM (VALUES 'a', 'b') AS t (x)", ['b, a']],
  ])('S3: %s is answered', async (sql, row) => {
    expect((await ask(sql)).rows[1]).toEqual(row);
  });

  it.each(['semi', 'anti', 'asof', 'positional', 'qualify', 'summarize', 'glob'])(
    'S4: %s before JOIN is a name',
    async (word) => {
      const sql = `SELECT count(*), sum(${word}.x) FROM (VALUES 1, 2) AS ${word} (x) JOIN (VALUES 2, 3) AS b (x) ON ${word}.x = b.x`;
      expect((await ask(sql)).rows[1]).toEqual(['1', '2']);
      expect(
        (await ask(`WITH t AS (SELECT 1 AS x) SELECT sum(${word}.x) FROM t ${word} JOIN t ON true`)).rows[1],
      ).toEqual(['1']);
    },
  );
});
