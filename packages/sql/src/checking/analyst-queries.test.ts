import { describe, expect, it } from '@jest/globals';
import { checkSql } from './check-sql.ts';

/** Queries of the kind that analysts write, with the tables that each reads. */
const QUERIES: readonly [sql: string, ...tables: string[]][] = [
  ['SELECT 1'],
  ["SELECT 'a' AS x, 2.5, 1e3, true, null, date '2024-02-29', timestamp '2024-02-29 10:00:00 UTC'"],
  ['(SELECT 1)'],
  ['SELECT * FROM embrapa_producao', 'embrapa_producao'],
  ['select Year, Quantity from EMBRAPA_PRODUCAO where Year >= 2000', 'embrapa_producao'],
  ['SELECT "year" FROM "Embrapa_Producao" AS "p"', 'embrapa_producao'],
  ['SELECT p.*, count(*) OVER () AS found FROM embrapa_producao p', 'embrapa_producao'],
  [
    'SELECT year, sum(quantity) AS litres FROM wine GROUP BY year HAVING sum(quantity) > 100 ORDER BY 2 DESC LIMIT 10',
    'wine',
  ],
  [
    'SELECT year, avg(quantity) FROM wine WHERE is_total AND NOT product IS NULL GROUP BY 1 ORDER BY 1 NULLS LAST',
    'wine',
  ],
  ['SELECT DISTINCT product FROM wine ORDER BY product OFFSET 10 LIMIT 5', 'wine'],
  ['SELECT * FROM wine ORDER BY year FETCH FIRST 5 ROWS ONLY', 'wine'],
  ['SELECT * FROM wine ORDER BY year OFFSET 2 ROWS FETCH NEXT 3 ROWS WITH TIES', 'wine'],
  ['SELECT a.year, b.quantity FROM wine a JOIN juice b ON a.year = b.year AND a.product = b.product', 'wine', 'juice'],
  ['SELECT * FROM wine LEFT JOIN juice USING (year) FULL OUTER JOIN grapes USING (year)', 'wine', 'juice', 'grapes'],
  ['SELECT * FROM wine CROSS JOIN juice, grapes NATURAL JOIN years', 'wine', 'juice', 'grapes', 'years'],
  [
    'SELECT * FROM (wine w JOIN juice j ON w.year = j.year) RIGHT JOIN grapes g ON g.year = w.year',
    'wine',
    'juice',
    'grapes',
  ],
  ['SELECT year, quantity - lag(quantity, 1) OVER (PARTITION BY product ORDER BY year) AS change FROM wine', 'wine'],
  ['SELECT sum(quantity) OVER (ORDER BY year ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM wine', 'wine'],
  ["SELECT sum(q) OVER (ORDER BY d RANGE BETWEEN INTERVAL '1' YEAR PRECEDING AND CURRENT ROW) FROM wine", 'wine'],
  [
    'SELECT rank() OVER w, dense_rank() OVER w FROM wine WINDOW w AS (PARTITION BY year ORDER BY quantity DESC)',
    'wine',
  ],
  ['SELECT first_value(a) IGNORE NULLS OVER (ORDER BY b), ntile(4) OVER (ORDER BY c) FROM wine', 'wine'],
  ['SELECT year, product, sum(q) FROM wine GROUP BY GROUPING SETS ((year), (product), (year, product), ())', 'wine'],
  ['SELECT year, product, grouping(year, product), sum(q) FROM wine GROUP BY ROLLUP (year, product)', 'wine'],
  ['SELECT count(DISTINCT product), sum(q) FROM wine GROUP BY CUBE (year, product)', 'wine'],
  ["SELECT count(*) FILTER (WHERE year > 2000), count_if(product LIKE '%tinto%' ESCAPE '!') FROM wine", 'wine'],
  ['SELECT max_by(product, quantity), approx_percentile(quantity, 0.5), approx_distinct(product) FROM wine', 'wine'],
  [
    "SELECT listagg(product, ', ' ON OVERFLOW TRUNCATE '…' WITH COUNT) WITHIN GROUP (ORDER BY product) FROM wine",
    'wine',
  ],
  ['SELECT array_agg(product ORDER BY quantity DESC) FROM wine GROUP BY year', 'wine'],
  ['SELECT transform(ARRAY[1, 2, 3], x -> x * 2), reduce(ARRAY[1, 2], 0, (s, x) -> s + x, s -> s)'],
  ["SELECT map(ARRAY['a'], ARRAY[1])['a'], element_at(map_filter(m, (k, v) -> v > 1), 'b') FROM maps", 'maps'],
  ['SELECT t.e, t.n FROM wine CROSS JOIN UNNEST(sequence(1, 3), ARRAY[1]) WITH ORDINALITY AS t (e, f, n)', 'wine'],
  ['SELECT * FROM UNNEST(ARRAY[1, 2]) AS t (x)'],
  [
    'SELECT * FROM wine w CROSS JOIN LATERAL (SELECT max(q) AS best FROM juice j WHERE j.year = w.year)',
    'wine',
    'juice',
  ],
  [
    "SELECT date_trunc('month', at), date_diff('day', at, other), at + INTERVAL '3' DAY, extract(YEAR FROM at) FROM t",
    't',
  ],
  ["SELECT date_format(at, '%Y-%m'), at AT TIME ZONE 'America/Sao_Paulo', year(at), day_of_week(at) FROM t", 't'],
  ['SELECT try_cast(x AS double), CAST(y AS decimal(10, 2)), CAST(z AS array(row(a int, b varchar(5)))) FROM t', 't'],
  ["SELECT CASE WHEN q > 1 THEN 'many' WHEN q = 1 THEN 'one' ELSE 'none' END, CASE q WHEN 1 THEN 2 END FROM t", 't'],
  ["SELECT coalesce(a, b, 0), nullif(a, 0), if(a > 1, 'x', 'y'), greatest(a, b), try(a / b) FROM t", 't'],
  [
    'SELECT a BETWEEN 1 AND 2 AND b NOT IN (1, 2) OR c IS DISTINCT FROM d AND e = ANY (SELECT f FROM u) FROM t',
    't',
    'u',
  ],
  ['SELECT * FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a) AND b IN (SELECT b FROM v)', 't', 'u', 'v'],
  ['SELECT (SELECT max(year) FROM wine) - year FROM juice', 'juice', 'wine'],
  ["SELECT json_extract_scalar(j, '$.a.b'), json_value(j, 'lax $.a' RETURNING int), json_object('k' : v) FROM t", 't'],
  [
    "SELECT trim(BOTH ' ' FROM a), substring(a FROM 2 FOR 3), position('b' IN a), substr(a, 1, 2), a || 'x' FROM t",
    't',
  ],
  ["SELECT regexp_extract(a, '(\\d+)-(\\d+)', 2), regexp_like(a, '^x;--$'), split_part(a, ',', 1) FROM t", 't'],
  ['SELECT a FROM t UNION ALL SELECT a FROM u EXCEPT SELECT a FROM v INTERSECT SELECT a FROM w', 't', 'u', 'v', 'w'],
  ['(SELECT a FROM t ORDER BY a LIMIT 1) UNION (SELECT a FROM u) ORDER BY 1', 't', 'u'],
  ["SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (id, name) JOIN t USING (id)", 't'],
  ['WITH a AS (SELECT 1 AS x), b (y) AS (SELECT x FROM a) SELECT * FROM a, b'],
  [
    'WITH totals AS (SELECT year, sum(q) AS q FROM wine GROUP BY year) SELECT * FROM totals t JOIN juice USING (year)',
    'wine',
    'juice',
  ],
  ['WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 10) SELECT sum(n) FROM t'],
  ['SELECT version, count(*) FROM wine_versions WHERE version IN (1, 2) GROUP BY version', 'wine_versions'],
  ['SELECT * FROM wine TABLESAMPLE BERNOULLI (10)', 'wine'],
  ["SELECT U&'\\0041', X'0aFF', 'it''s', 'semi;colon -- and /* comment */ and :name', '`?$'"],
  ['SELECT "select", "a;b", "ação", "a""b" FROM "from"', 'from'],
  ['SELECT row(1, 2), (1, 2), a.b.c, -a + +b % 2, ARRAY[a][1] FROM t a', 't'],
  ['SELECT count, first, date, data, year, month, "day", value FROM t', 't'],
  ['\tSELECT\r\n 1\n'],
];

describe('queries that analysts write', () => {
  it.each(QUERIES)('takes %s', (sql, ...tables) => {
    const checked = checkSql(sql, {});
    expect(checked.sql).toBe(sql);
    expect([...checked.tables].sort()).toEqual([...tables].sort());
  });
});
