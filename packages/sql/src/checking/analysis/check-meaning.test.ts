import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkMeaning, checkSql } from '../check-sql.ts';
import { parseType } from './parse-type.ts';

const TRINO = join(import.meta.dirname, '../../../../../tests/oracles/trino');
const { columns } = JSON.parse(readFileSync(join(TRINO, 'table.json'), 'utf8')) as { columns: [string, string][] };
const TYPES: Readonly<Record<string, string>> = { int32: 'integer', int64: 'bigint', string: 'varchar' };
const wines = {
  columns: columns.map(([name, type]) => ({ name, type: parseType(TYPES[type] ?? type), of: undefined })),
  open: false,
};

const refusalOf = (sql: string, open = false): string => {
  try {
    checkMeaning(checkSql(sql, {}).query, new Map([['wines', { ...wines, open }]]));
    return 'taken';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('S1: what Trino refuses', () => {
  it.each([
    [
      'SELECT year AS y FROM wines WHERE y > 2000',
      "COLUMN_NOT_FOUND: line 1:35: Column 'y' cannot be resolved. What AS",
    ],
    ['SELECT year + 1 AS y FROM wines GROUP BY y', "COLUMN_NOT_FOUND: line 1:42: Column 'y' cannot be resolved"],
    [
      'SELECT year AS y FROM wines GROUP BY 1 HAVING y > 1',
      "COLUMN_NOT_FOUND: line 1:47: Column 'y' cannot be resolved",
    ],
    [
      'SELECT DISTINCT kind FROM wines ORDER BY year',
      'EXPRESSION_NOT_IN_DISTINCT: line 1:1: For SELECT DISTINCT, ORDER',
    ],
    [
      "SELECT id FROM wines WHERE year = '2000'",
      'TYPE_MISMATCH: line 1:33: Cannot apply operator: integer = varchar(4)',
    ],
    [
      "SELECT 'a' || 1",
      'FUNCTION_NOT_FOUND: line 1:12: Unexpected parameters (varchar(1), integer) for function concat',
    ],
    ["SELECT coalesce(1, 'a')", 'TYPE_MISMATCH: line 1:20: All COALESCE operands must be the same type'],
    [
      'SELECT id FROM wines WHERE year',
      'TYPE_MISMATCH: line 1:28: WHERE clause must evaluate to a boolean: actual type',
    ],
    [
      'SELECT sum(is_total) FROM wines',
      'FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (boolean) for function sum',
    ],
    // Neighbours.
    ['SELECT DISTINCT upper(kind) FROM wines ORDER BY lower(kind)', 'EXPRESSION_NOT_IN_DISTINCT: line 1:1: For SELECT'],
    [
      'SELECT a.id FROM wines a JOIN wines b USING (id)',
      "COLUMN_NOT_FOUND: line 1:8: Column 'a.id' cannot be resolved",
    ],
    ['SELECT id FROM wines a, wines b', "AMBIGUOUS_NAME: line 1:8: Column 'id' is ambiguous. Put the table's name"],
    [
      "SELECT transform(ARRAY[1], x -> x || 'a')",
      'FUNCTION_NOT_FOUND: line 1:35: Unexpected parameters (integer, varchar(1))',
    ],
    ['SELECT id FROM wines UNION SELECT kind FROM wines', 'TYPE_MISMATCH: line 1:22: column 1 in UNION query has'],
  ])('is refused in its words: %s', (sql, message) => {
    expect(refusalOf(sql)).toContain(message.slice(0, message.indexOf(': line')));
    expect(refusalOf(sql).replace(/line 1:\d+/, '')).toContain(message.replace(/line 1:\d+/, ''));
  });

  it.each([
    'SELECT nothing + 1 FROM wines',
    "SELECT year = '2000' OR nothing = 1 FROM wines",
    'SELECT count(*) FROM wines a JOIN wines b USING (other)',
  ])('is left to the engine where a table has columns that are not known: %s', (sql) => {
    expect(refusalOf(sql)).not.toBe('taken');
    expect(refusalOf(sql.replace("'2000'", '2000'), true)).toBe('taken');
  });

  it('is taken where names are found: each kind of relation, to its end', () => {
    for (const sql of [
      'SELECT w.* , n FROM wines w CROSS JOIN UNNEST(ARRAY[w.id]) WITH ORDINALITY AS u (n, o) WHERE o = 1 ORDER BY n, w.year',
      'SELECT (SELECT max(b.year) FROM wines b WHERE b.id = a.id) AS m FROM wines a ORDER BY m',
      'WITH t AS (SELECT kind, array_agg(id) AS ids FROM wines GROUP BY 1) SELECT kind, transform(ids, i -> i + 1)[1] FROM t',
      'SELECT x FROM wines a, LATERAL (SELECT a.year AS x) AS l',
      'SELECT max(year) OVER (PARTITION BY kind ORDER BY id) AS m FROM wines ORDER BY m + 1',
      'SELECT (r).x FROM (SELECT CAST(ROW(1) AS ROW(x integer)) AS r) AS t',
      // With DISTINCT, ORDER BY may write what is selected in another way.
      'SELECT DISTINCT upper(w.kind) FROM wines w ORDER BY upper(kind)',
      'SELECT DISTINCT year + 1, coalesce(kind, note) FROM wines w ORDER BY (year + 1), COALESCE(w.kind, (w.note))',
      'SELECT DISTINCT kind, count(*) OVER (PARTITION BY wines.kind) FROM wines ORDER BY count(*) OVER (PARTITION BY kind)',
    ])
      expect([sql, refusalOf(sql)]).toEqual([sql, 'taken']);
  });
});

/** What only the values tell, or needs more than scopes and types. The engine refuses it. */
const OF_THE_ENGINE =
  /^(INVALID_FUNCTION_ARGUMENT|INVALID_CAST_ARGUMENT|INVALID_LITERAL|NUMERIC_VALUE|DIVISION|EXPRESSION_NOT_(AGGREGATE|SCALAR)|NESTED|MISSING_OVER)/;
const BY_THE_ENGINE = /CAST\(true AS date\)|CAST\(DATE '2020-01-01' AS integer\)|codepoint\('AB'\)/;

describe('the statements that were asked of Trino', () => {
  const golden = readFileSync(join(TRINO, 'answers.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { sql: string; error?: string });

  it('are none of them refused where Trino answers', () => {
    const refused = golden.filter(({ error }) => error === undefined).map(({ sql }) => [sql, refusalOf(sql)]);
    expect(refused.filter(([, refusal]) => refusal !== 'taken')).toEqual([]);
  });

  it('are all refused where Trino refuses names or types', () => {
    const wanted = golden.filter(
      ({ sql, error = 'none' }) => error !== 'none' && !OF_THE_ENGINE.test(error) && !BY_THE_ENGINE.test(sql),
    );
    expect(wanted.length).toBeGreaterThan(90);
    expect(wanted.filter(({ sql }) => refusalOf(sql) === 'taken')).toEqual([]);
  });
});
