-- S1: aliases and their scopes
SELECT year AS y FROM wines WHERE y > 2000
SELECT year + 1 AS y FROM wines GROUP BY y
SELECT year + 1 AS y, count(*) FROM wines GROUP BY year + 1 HAVING y > 2000
SELECT year AS y, count(*) AS n FROM wines GROUP BY year HAVING n > 1
SELECT year AS y, y + 1 FROM wines
SELECT litres AS amount FROM wines ORDER BY amount DESC, id LIMIT 3
SELECT year AS y FROM wines ORDER BY y + 1, id LIMIT 3
SELECT year AS y FROM wines ORDER BY wines.year, id LIMIT 3
SELECT -year AS year FROM wines ORDER BY year LIMIT 3
SELECT -year AS year FROM wines ORDER BY wines.year, wines.id LIMIT 3
SELECT w.year FROM wines AS w WHERE wines.year > 2000
SELECT wines.nothing FROM wines
SELECT nothing FROM wines
SELECT other.year FROM wines
SELECT x.* FROM wines w
SELECT year FROM wines ORDER BY nothing
SELECT a FROM (SELECT year AS a FROM wines) WHERE a > 2019 ORDER BY a
SELECT a FROM (SELECT year AS a FROM wines) t WHERE year > 2019
SELECT id FROM wines a JOIN wines b ON a.id = b.id
SELECT a.id FROM wines a JOIN wines b ON a.id = b.id + 1 ORDER BY 1
SELECT id FROM wines a JOIN wines b USING (id) ORDER BY id LIMIT 2
SELECT a.id FROM wines a JOIN wines b USING (id)
SELECT year FROM wines, UNNEST(ARRAY[1, 2]) AS u (n) WHERE u.n = 2 AND id = 1
SELECT n FROM wines w JOIN UNNEST(sequence(1, w.id)) AS u (n) ON true WHERE id = 2 ORDER BY n
SELECT u.m FROM UNNEST(ARRAY[1, 2]) AS u (n)
SELECT (SELECT max(year) FROM wines b WHERE b.kind = a.kind) AS m FROM wines a WHERE id = 1
SELECT (SELECT year FROM wines WHERE c.id = 1) FROM wines a
SELECT count(*) FROM wines a WHERE EXISTS (SELECT 1 FROM wines b WHERE b.id = a.id + 1)
WITH a AS (SELECT year FROM wines), b AS (SELECT year AS y FROM a) SELECT max(y) FROM b
WITH a AS (SELECT year FROM wines) SELECT y FROM a
WITH a (y) AS (SELECT year FROM wines) SELECT max(y) FROM a
WITH a (y) AS (SELECT year FROM wines) SELECT max(year) FROM a
WITH a (x, y) AS (SELECT year FROM wines) SELECT 1 FROM a
-- S1: DISTINCT and ORDER BY
SELECT DISTINCT kind FROM wines ORDER BY year
SELECT DISTINCT kind FROM wines ORDER BY kind NULLS FIRST
SELECT DISTINCT year + 1 FROM wines ORDER BY year + 1
SELECT DISTINCT year + 1 FROM wines ORDER BY year
SELECT DISTINCT year AS y FROM wines ORDER BY y DESC
SELECT DISTINCT kind, year FROM wines WHERE id < 3 ORDER BY 2, 1
SELECT DISTINCT kind FROM wines ORDER BY 2
SELECT year FROM wines ORDER BY 0
SELECT year, kind FROM wines ORDER BY 3
SELECT year FROM wines UNION SELECT year FROM wines ORDER BY id
SELECT year FROM wines WHERE id < 3 UNION ALL SELECT id FROM wines WHERE id < 3 ORDER BY year
SELECT kind, count(*) FROM wines GROUP BY 1 ORDER BY count(*) DESC, 1
SELECT kind FROM wines GROUP BY kind ORDER BY sum(litres) DESC
SELECT kind FROM wines GROUP BY kind ORDER BY litres
-- S1: types that do not fit
SELECT count(*) FROM wines WHERE year = '2000'
SELECT count(*) FROM wines WHERE year IN ('2000', '2001')
SELECT count(*) FROM wines WHERE year BETWEEN '2000' AND '2001'
SELECT count(*) FROM wines WHERE kind = 1
SELECT count(*) FROM wines WHERE kind > 5e0
SELECT count(*) FROM wines WHERE year
SELECT count(*) FROM wines WHERE kind
SELECT count(*) FROM wines WHERE NOT year
SELECT count(*) FROM wines WHERE is_total AND year
SELECT count(*) FROM wines WHERE is_total = 1
SELECT count(*) FROM wines WHERE bottled = '2020-01-01'
SELECT count(*) FROM wines WHERE bottled >= DATE '2020-01-01'
SELECT count(*) FROM wines WHERE bottled > 2020
SELECT count(*) FROM wines WHERE seen > DATE '2020-01-01'
SELECT count(*) FROM wines WHERE seen > '2020-01-01 00:00:00'
SELECT count(*) FROM wines WHERE bottled IN (DATE '2020-03-01', TIMESTAMP '2020-04-01 00:00:00')
SELECT 'a' || 1
SELECT 'a' || CAST(1 AS varchar)
SELECT year || kind FROM wines
SELECT kind || '-' || product FROM wines WHERE id = 1
SELECT coalesce(1, 'a')
SELECT coalesce(1, 2.5)
SELECT coalesce(1, 2.5e0, null)
SELECT coalesce(kind, 0) FROM wines
SELECT coalesce(year) FROM wines
SELECT sum(is_total) FROM wines
SELECT avg(is_total) FROM wines
SELECT sum(kind) FROM wines
SELECT avg(kind) FROM wines
SELECT max(is_total) FROM wines
SELECT sum(bottled) FROM wines
SELECT '1' + 1
SELECT kind + 1 FROM wines
SELECT 1 + true
SELECT -kind FROM wines
SELECT -is_total FROM wines
SELECT DATE '2020-01-01' + 1
SELECT DATE '2020-01-01' - 1
SELECT DATE '2020-01-01' + INTERVAL '1' DAY
SELECT DATE '2020-01-31' + INTERVAL '1' MONTH
SELECT CASE WHEN year THEN 1 ELSE 0 END FROM wines
SELECT CASE year WHEN '2000' THEN 1 ELSE 0 END FROM wines
SELECT CASE WHEN is_total THEN 1 ELSE 'no' END FROM wines
SELECT CASE WHEN true THEN 1 ELSE 2.5 END
SELECT if(year, 1, 2) FROM wines
SELECT if(true, 1, 'a')
SELECT if(true, 1, 2.5e0)
SELECT nullif(1, 'a')
SELECT nullif(1, 1), nullif(1, 2)
SELECT greatest(1, 'a')
SELECT greatest(1, 2.5e0)
SELECT ARRAY[1, 'a']
SELECT ARRAY[1, 2.5]
SELECT ARRAY[1, null]
SELECT 1 IN (1, 'a')
SELECT year LIKE '20%' FROM wines
SELECT kind LIKE 5 FROM wines
SELECT substr(year, 1, 2) FROM wines
SELECT upper(5)
SELECT length(12345)
SELECT length(CAST(12345 AS varchar))
SELECT year FROM wines UNION SELECT kind FROM wines
SELECT year FROM wines UNION SELECT year, id FROM wines
SELECT 1 UNION ALL SELECT 2.5 ORDER BY 1
SELECT 1 UNION SELECT null ORDER BY 1
VALUES (1, 'a'), (2, 3)
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t (x, y) ORDER BY x
SELECT * FROM (VALUES (1, 'a'), (2, 3)) AS t (x, y)
SELECT * FROM (VALUES (1, 'a'), (2.5, 'bcd')) AS t (x, y) ORDER BY x
SELECT count(*) FROM wines WHERE id = (SELECT kind FROM wines WHERE id = 1)
SELECT count(*) FROM wines WHERE id IN (SELECT kind FROM wines)
SELECT count(*) FROM wines WHERE id IN (SELECT id, year FROM wines)
SELECT (SELECT id, year FROM wines WHERE id = 1)
SELECT count(*) FROM wines a JOIN wines b ON a.id = b.kind
SELECT count(*) FROM wines a JOIN wines b ON a.id
SELECT 1 = true
SELECT 1 = 1.0, 1 = 1e0, 'a' = 'a '
SELECT null = 1
SELECT NOT null
SELECT 1 AND true
SELECT year IS DISTINCT FROM kind FROM wines
SELECT substr('abc', '1')
SELECT round('2')
SELECT abs('2')
SELECT date_add('day', '1', DATE '2020-01-01')
SELECT date_diff('day', '2020-01-01', DATE '2020-01-02')
SELECT date_trunc('month', '2020-01-15')
SELECT year('2020-01-01')
SELECT cardinality('abc')
SELECT split(5, ',')
SELECT concat('a', 1)
SELECT concat('a', 'b', null)
SELECT count(DISTINCT kind, year) FROM wines
SELECT if(true)
SELECT CAST(true AS date)
SELECT CAST(DATE '2020-01-01' AS integer)
SELECT CAST('12' AS integer), CAST(1.6 AS integer), CAST(2.5e0 AS integer), CAST(true AS integer)
-- Aggregation
SELECT year, count(*) FROM wines
SELECT kind, year, count(*) FROM wines GROUP BY kind
SELECT count(*), max(year) FROM wines HAVING count(*) > 100
SELECT year FROM wines HAVING year > 2000
SELECT sum(count(*)) FROM wines
SELECT count(*) FROM wines WHERE count(*) > 1
SELECT kind FROM wines GROUP BY count(*)
SELECT kind FROM wines GROUP BY 2
SELECT kind, sum(litres) AS total FROM wines GROUP BY kind HAVING sum(litres) > 100 ORDER BY total DESC
SELECT upper(kind), count(*) FROM wines GROUP BY kind ORDER BY 1
SELECT upper(kind), count(*) FROM wines GROUP BY upper(kind) ORDER BY 1
SELECT product FROM wines GROUP BY kind
SELECT kind, count(*) FILTER (WHERE is_total) FROM wines GROUP BY kind ORDER BY kind
SELECT count(*) FILTER (WHERE year) FROM wines
SELECT kind, year, sum(litres) FROM wines WHERE id < 6 GROUP BY GROUPING SETS ((kind), (year), ()) ORDER BY kind NULLS FIRST, year NULLS FIRST
SELECT kind, grouping(kind), count(*) FROM wines GROUP BY ROLLUP (kind) ORDER BY 2, 1
SELECT kind, is_total, count(*) FROM wines GROUP BY CUBE (kind, is_total) ORDER BY 1 NULLS FIRST, 2 NULLS FIRST, 3
SELECT sum(year), sum(big), sum(litres), avg(year), avg(litres) FROM wines
SELECT min(kind), max(product), min(bottled), max(seen) FROM wines
SELECT count(kind), count(DISTINCT kind), count(*) FROM wines
SELECT count_if(is_total), bool_and(is_total), bool_or(is_total), every(is_total) FROM wines
SELECT max_by(product, litres), min_by(product, litres) FROM wines
SELECT array_agg(id ORDER BY id DESC) FROM wines WHERE id < 4
SELECT array_agg(DISTINCT kind ORDER BY kind) FROM wines
SELECT listagg(product, ', ') WITHIN GROUP (ORDER BY id) FROM wines WHERE id < 4
SELECT map_agg(id, product) FROM wines WHERE id < 3
SELECT histogram(kind) FROM wines WHERE kind = 'red'
SELECT approx_distinct(id) FROM wines WHERE id < 4
SELECT approx_percentile(year, 0.5) FROM (VALUES 1, 2, 3, 4, 5) AS t (year)
SELECT round(stddev(year), 6), round(variance(year), 6), round(stddev_pop(year), 6) FROM wines
SELECT round(corr(id, year), 6), round(covar_pop(id, year), 6) FROM wines
SELECT geometric_mean(x) FROM (VALUES 2.0, 8.0) AS t (x)
SELECT bitwise_and_agg(id), bitwise_or_agg(id) FROM wines WHERE id < 4
SELECT sum(x) FROM (VALUES 1.5, 2.25) AS t (x)
SELECT map_agg(kind, 1) FROM wines WHERE id < 3
SELECT CAST(json_parse('1') AS varchar)
SELECT CAST(note AS varchar) FROM wines WHERE id = 2
SELECT avg(x) FROM (VALUES 1.5, 2.25) AS t (x)
SELECT sum(x), avg(x), max(x) FROM (VALUES 1) AS t (x) WHERE x > 1
SELECT reduce_agg(id, 0, (a, b) -> a + b, (a, b) -> a + b) FROM wines WHERE id < 4
SELECT arbitrary(1), any_value('a')
-- Windows
SELECT id, row_number() OVER (ORDER BY litres DESC, id) FROM wines WHERE id < 5 ORDER BY id
SELECT id, rank() OVER (PARTITION BY kind ORDER BY year) FROM wines WHERE id < 5 ORDER BY id
SELECT id, sum(year) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM wines WHERE id < 5 ORDER BY id
SELECT id, lag(id) OVER (ORDER BY id), lead(id, 1, 0) OVER (ORDER BY id) FROM wines WHERE id < 4 ORDER BY id
SELECT id, first_value(kind) IGNORE NULLS OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM wines ORDER BY id LIMIT 2
SELECT id, last_value(note) IGNORE NULLS OVER (ORDER BY id) FROM wines ORDER BY id LIMIT 5
SELECT id, lag(note) IGNORE NULLS OVER (ORDER BY id) FROM wines ORDER BY id LIMIT 5
SELECT id, nth_value(id, 2) OVER (ORDER BY id) FROM wines ORDER BY id LIMIT 3
SELECT id, ntile(2) OVER (ORDER BY id) FROM wines WHERE id < 5 ORDER BY id
SELECT id, percent_rank() OVER (ORDER BY id), cume_dist() OVER (ORDER BY id) FROM wines WHERE id < 5 ORDER BY id
SELECT id, sum(id) OVER w FROM wines WHERE id < 4 WINDOW w AS (ORDER BY id) ORDER BY id
SELECT row_number() FROM wines
SELECT id FROM wines WHERE row_number() OVER (ORDER BY id) < 3
SELECT id FROM wines ORDER BY row_number() OVER (ORDER BY id DESC) LIMIT 2
SELECT kind, sum(sum(litres)) OVER (ORDER BY kind) FROM wines GROUP BY kind ORDER BY kind
SELECT sum(is_total) OVER () FROM wines
SELECT lag(id, 'a') OVER (ORDER BY id) FROM wines
-- Joins and sets
SELECT a.id, b.id AS other FROM wines a LEFT JOIN wines b ON b.id = a.id + 10 AND b.year > 2000 ORDER BY 1, 2
SELECT count(*) FROM wines a CROSS JOIN wines b
SELECT count(*) FROM wines a FULL JOIN wines b ON a.id = b.id + 100
SELECT count(*) FROM wines a NATURAL JOIN wines b
SELECT count(*) FROM wines, wines
SELECT kind FROM wines INTERSECT SELECT 'red'
SELECT id FROM wines EXCEPT SELECT id FROM wines WHERE id > 1
SELECT id FROM wines EXCEPT ALL SELECT id FROM wines WHERE id > 2 ORDER BY id
SELECT x FROM wines a, LATERAL (SELECT a.id * 2 AS x) AS t WHERE a.id < 3 ORDER BY x
SELECT max(n) FROM (SELECT count(*) AS n FROM wines GROUP BY kind)
SELECT id FROM wines ORDER BY id OFFSET 1 ROW FETCH FIRST 2 ROWS ONLY
SELECT year FROM wines ORDER BY year FETCH FIRST 1 ROW WITH TIES
SELECT id FROM wines ORDER BY note NULLS FIRST, id LIMIT 2
SELECT id FROM wines ORDER BY note, id LIMIT 3
SELECT id FROM wines ORDER BY note DESC, id LIMIT 3
WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t
SELECT count(*) <= 12 FROM wines TABLESAMPLE BERNOULLI (10)
SELECT count(*) FROM wines TABLESAMPLE BERNOULLI (100)
SELECT * FROM UNNEST(MAP(ARRAY['a', 'b'], ARRAY[1, 2])) AS t (k, v) ORDER BY k
SELECT * FROM UNNEST(ARRAY[1, 2], ARRAY['a']) AS t (x, y) ORDER BY x
SELECT * FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS t (x, n) ORDER BY n
SELECT * FROM UNNEST(ARRAY[ROW(1, 'a'), ROW(2, 'b')]) AS t (x, y) ORDER BY x
SELECT * FROM UNNEST(5) AS t (x)
-- S4: words that are names of another dialect's joins
SELECT sum(semi.id) FROM wines semi JOIN wines b ON semi.id = b.id
SELECT sum(anti.id) FROM wines anti JOIN wines b ON anti.id = b.id
SELECT sum(asof.id) FROM wines asof JOIN wines b ON asof.id = b.id
SELECT count(*) FROM wines positional JOIN wines b ON positional.id < 3
SELECT count(*) FROM wines AS semi LEFT JOIN wines b ON semi.id = b.id + 100
SELECT qualify.id FROM wines qualify WHERE id = 1
SELECT summarize.id FROM wines summarize WHERE summarize.id = 1
SELECT id AS columns, year AS lambda FROM wines WHERE id = 1
SELECT id AS "Some Name" FROM wines WHERE "id" = 1
-- S2: functions of texts
SELECT substr('abc', 0), substr('abc', 2, -1), substr('abc', -2), substr('abc', -2, 1), substr('abc', 5), substr('abc', -5), substr('abc', 2, 100)
SELECT substring('abc', 0, 2)
SELECT substring('abc' FROM 2)
SELECT substring('abc' FROM 0 FOR 2)
SELECT substring('abc', 1, 0)
SELECT concat_ws(',', ARRAY['a', 'b']), concat_ws(',', 'a', 'b', null), concat_ws(null, 'a'), concat_ws(',', ARRAY['a', null])
SELECT lpad('abc', 5, 'xy'), rpad('abc', 5, 'xy'), lpad('abc', 2, 'x'), rpad('abc', 2, 'x')
SELECT lpad('abc', 5)
SELECT trim('  a '), ltrim('  a'), rtrim('a  '), trim(BOTH 'x' FROM 'xxaxx'), trim(LEADING 'x' FROM 'xxaxx'), trim(TRAILING FROM 'a ')
SELECT replace('aXbX', 'X'), replace('aXbX', 'X', '-'), replace('abc', '', '-')
SELECT reverse('abc'), upper('abç'), lower('ABÇ'), length('é'), chr(65), codepoint('A')
SELECT codepoint('AB')
SELECT strpos('abcabc', 'c'), strpos('abcabc', 'c', 2), strpos('abc', ''), strpos('abc', 'x'), position('b' IN 'abc'), strpos('abcabc', 'a', -1)
SELECT starts_with('abc', 'ab'), starts_with('abc', '')
SELECT split('a,b,c', ','), split('a,b,c', ',', 2), split('abc', ',')
SELECT split_part('a-b-c', '-', 2), split_part('a-b', '-', 3)
SELECT split_part('a-b', '-', 0)
SELECT split_to_map('a=1;b=2', ';', '=')
SELECT translate('abcd', 'a', 'z'), translate('abcda', 'ab', 'xy'), translate('abc', 'ab', 'x')
SELECT levenshtein_distance('abc', 'axc'), hamming_distance('abc', 'axc')
SELECT hamming_distance('abc', 'ab')
SELECT soundex('Robert')
SELECT word_stem('running')
SELECT format('%s %d %.2f', 'a', 1, 2.5e0)
SELECT format_number(123456)
SELECT to_utf8('é')
SELECT from_utf8(to_utf8('é'))
SELECT normalize('é', NFD) = 'é'
SELECT X'41'
SELECT 'a' < 'B', 'a' = 'A', 'ab' LIKE 'a_', 'a%' LIKE 'a\%' ESCAPE '\'
SELECT repeat('a', 3)
-- S2: regular expressions
SELECT regexp_like('1a 2b', '\d+b'), regexp_extract('1a 2b 14m', '\d+'), regexp_extract('1a 2b 14m', '(\d+)([a-z]+)', 2), regexp_extract('abc', '\d')
SELECT regexp_extract_all('1a 2b 14m', '\d+'), regexp_extract_all('1a 2b 14m', '(\d+)([a-z]+)', 2)
SELECT regexp_replace('1a 2b 14m', '\d+[ab] ')
SELECT regexp_replace('1a 2b 14m', '(\d+)([ab]) ', '3c$2 ')
SELECT regexp_replace('new york', '(\w)(\w*)', x -> upper(x[1]) || lower(x[2]))
SELECT regexp_split('1a 2b 14m', '\s*[a-z]+\s*'), regexp_count('1a 2b 14m', '\s*[a-z]+\s*'), regexp_position('9102, say good bye', '\s*[a-z]+\s*')
-- S2: dates and times
SELECT date_format(DATE '2021-01-03', '%x-%v'), date_format(TIMESTAMP '2020-03-04 15:06:07', '%Y-%m-%d %H:%i:%s'), date_format(TIMESTAMP '2020-03-04 15:06:07', '%y %c %e %k %l %p %b %a %j')
SELECT date_format(TIMESTAMP '2020-03-04 15:06:07.123', '%f'), date_format(TIMESTAMP '2020-03-04 15:06:07', '%T %r %W %M')
SELECT date_parse('2020-03-04', '%Y-%m-%d'), date_parse('04/03/2020 15:06', '%d/%m/%Y %H:%i')
SELECT date_parse('nonsense', '%Y')
SELECT DATE '2020-02-01' - DATE '2020-01-01', TIMESTAMP '2020-01-02 00:00:00' - TIMESTAMP '2020-01-01 12:00:00'
SELECT date_diff('day', DATE '2020-01-01', DATE '2020-03-01'), date_diff('month', DATE '2020-01-31', DATE '2020-02-29'), date_diff('year', DATE '2020-02-29', DATE '2021-02-28'), date_diff('week', DATE '2020-01-01', DATE '2020-01-14'), date_diff('hour', TIMESTAMP '2020-01-01 00:30:00', TIMESTAMP '2020-01-01 02:00:00'), date_diff('quarter', DATE '2020-01-01', DATE '2020-12-31')
SELECT date_add('month', 1, DATE '2020-01-31'), date_add('second', 86, TIMESTAMP '2020-03-01 00:00:00'), date_add('quarter', -1, DATE '2020-01-31')
SELECT date_add('hour', 1, DATE '2020-01-01')
SELECT date_trunc('month', DATE '2020-02-20'), date_trunc('week', DATE '2020-02-20'), date_trunc('quarter', DATE '2020-02-20'), date_trunc('hour', TIMESTAMP '2020-02-20 10:20:30')
SELECT date_trunc('hour', DATE '2020-02-20')
SELECT year(bottled), month(bottled), day(bottled), quarter(bottled), week(bottled), day_of_week(bottled), day_of_year(bottled), year_of_week(bottled) FROM wines WHERE id = 1
SELECT hour(seen), minute(seen), second(seen), millisecond(seen) FROM wines WHERE id = 1
SELECT extract(YEAR FROM bottled), extract(DAY FROM bottled), extract(QUARTER FROM bottled), extract(DAY_OF_WEEK FROM bottled), extract(DOW FROM bottled) FROM wines WHERE id = 1
SELECT last_day_of_month(DATE '2020-02-03'), date('2020-01-02'), from_iso8601_date('2020-01-02'), to_iso8601(DATE '2020-01-02')
SELECT from_unixtime(0), to_unixtime(TIMESTAMP '1970-01-02 00:00:00'), from_iso8601_timestamp('2020-01-02T03:04:05Z')
SELECT format_datetime(TIMESTAMP '2020-03-04 15:06:07', 'yyyy-MM-dd HH:mm')
SELECT parse_datetime('2020-03-04', 'yyyy-MM-dd')
SELECT CAST(bottled AS timestamp), CAST(seen AS date), CAST('2020-01-02' AS date), CAST(bottled AS varchar) FROM wines WHERE id = 1
SELECT DATE '2020-02-30'
SELECT DATE '2020-01-01' < TIMESTAMP '2020-01-01 00:00:01', bottled BETWEEN DATE '2000-01-01' AND DATE '2030-01-01' FROM wines WHERE id = 1
SELECT INTERVAL '2' DAY
SELECT INTERVAL '3' MONTH
SELECT INTERVAL '1-2' YEAR TO MONTH
SELECT INTERVAL '2' DAY * 2
SELECT TIMESTAMP '2020-01-01 00:00:00' AT TIME ZONE 'America/Sao_Paulo'
SELECT current_date = CAST(now() AS date), current_timestamp = now()
SELECT parse_duration('42.8ms')
SELECT to_milliseconds(INTERVAL '1' SECOND)
SELECT human_readable_seconds(96)
-- S2, S3: casts, numbers, try
SELECT TRY_CAST('1.5' AS integer), TRY_CAST('a' AS double), TRY_CAST(' 1' AS integer), TRY_CAST('1e2' AS double)
SELECT CAST('1.5' AS integer)
SELECT CAST(3000000000 AS integer)
SELECT try(1 / 0)
SELECT try(CAST('a' AS integer))
SELECT try(CAST(3000000000 AS integer))
SELECT try(1 + 1)
SELECT try(1 / id) FROM wines WHERE id = 1
SELECT coalesce(try(1 / (id - 1)), -1) FROM wines WHERE id < 3 ORDER BY id
SELECT try(element_at(ARRAY[1], 0)), try(ARRAY[1][2]), try(date_parse('x', '%Y'))
SELECT 1 / 0
SELECT 7 / 2
SELECT -7 / 2
SELECT 7 / 2.0
SELECT 7 / 2e0
SELECT 7 % 3
SELECT -7 % 3
SELECT mod(7, 3)
SELECT 1e0 / 0
SELECT 5.5 % 2
SELECT 1.10 + 2.205
SELECT 1.5 * 1.5
SELECT 10.0 / 3
SELECT 2147483647 + 1
SELECT 9223372036854775807 + 1
SELECT year * 1000000000 FROM wines WHERE id = 1
SELECT big * 10 FROM wines WHERE id = 1
SELECT abs(-5), abs(-2.5), sign(-3), sign(-2.5e0), ceil(1.2), floor(-1.2), ceil(1.2e0)
SELECT round(2.5), round(-2.5), round(2.5e0), round(-2.5e0), round(1.2345, 2), round(1234, -2), round(1.005e0, 2), truncate(2.7e0), truncate(-2.78, 1)
SELECT sqrt(4), cbrt(8), exp(0), ln(1), log2(8), log10(100), log(2, 8), power(2, 10), pow(2, 0.5), pi(), e()
SELECT sqrt(-1), is_nan(sqrt(-1)), ln(0), is_infinite(1e0 / 0), is_finite(1e0), nan(), infinity()
SELECT degrees(pi()), radians(180), sin(0), cos(0), atan2(0, 1), tanh(0)
SELECT width_bucket(5e0, 0e0, 10e0, 5), greatest(1, 3, 2), least(3, 1, 2), greatest(1, null)
SELECT bitwise_and(6, 3)
SELECT bitwise_or(6, 3)
SELECT bitwise_xor(6, 3)
SELECT bitwise_not(6)
SELECT bit_count(7, 64)
SELECT bitwise_left_shift(1, 3)
SELECT bitwise_right_shift(8, 2)
SELECT to_base(255, 16)
SELECT from_base('ff', 16)
SELECT cosine_similarity(MAP(ARRAY['a'], ARRAY[1.0]), MAP(ARRAY['a'], ARRAY[2.0]))
SELECT CAST(1.25 AS decimal(5, 1)), CAST(2.5e0 AS decimal(10, 2)), CAST('1.50' AS decimal(5, 2)), DECIMAL '1.50'
SELECT CAST(1e10 AS varchar)
SELECT CAST(1.5 AS varchar)
SELECT CAST(true AS varchar)
SELECT CAST(1e0 AS varchar)
SELECT CAST(12 AS varchar)
SELECT CAST(0.1e0 AS varchar)
SELECT CAST('abc' AS varchar(2))
SELECT CAST('abc' AS char(5)) || 'x'
SELECT CAST(12 AS double)
SELECT CAST('TRUE' AS boolean)
SELECT CAST('t' AS boolean)
SELECT CAST(1 AS boolean), CAST(0 AS boolean), CAST(1.5e0 AS bigint), CAST(-1.5e0 AS bigint), CAST(2.5 AS bigint)
SELECT typeof(1)
SELECT typeof('a')
SELECT typeof(1.5)
SELECT typeof(1e0)
SELECT typeof(DATE '2020-01-01')
SELECT typeof(ARRAY[1])
SELECT typeof(null)
SELECT typeof(year), typeof(litres), typeof(kind), typeof(is_total), typeof(bottled), typeof(big) FROM wines WHERE id = 1
-- S2: arrays, maps, rows, lambdas
SELECT ARRAY[1, 2, 3][5]
SELECT ARRAY[1, 2, 3][0]
SELECT ARRAY[1, 2, 3][2], element_at(ARRAY[1, 2, 3], 5), element_at(ARRAY[1, 2, 3], -1)
SELECT cardinality(ARRAY[1, 2]), cardinality(MAP(ARRAY['a'], ARRAY[1])), array_max(ARRAY[1, 3]), array_min(ARRAY[3, 1]), array_max(ARRAY[1, null])
SELECT array_distinct(ARRAY[1, 2, 1])
SELECT array_sort(ARRAY[3, null, 1])
SELECT array_position(ARRAY[3, 1], 1)
SELECT array_remove(ARRAY[1, 2, 1], 1)
SELECT array_join(ARRAY['a', null, 'b'], '-')
SELECT array_join(ARRAY['a', null], '-', '?')
SELECT array_union(ARRAY[1, 2], ARRAY[2, 3]), array_intersect(ARRAY[1, 2], ARRAY[2, 3]), array_except(ARRAY[1, 2], ARRAY[2]), arrays_overlap(ARRAY[1], ARRAY[1, 2])
SELECT contains(ARRAY[1, 2], 2), contains(ARRAY[1, null], 2), contains(ARRAY[1], 'a')
SELECT contains(ARRAY[1, 2], 2), contains(ARRAY[1, null], 2)
SELECT slice(ARRAY[1, 2, 3, 4], 2, 2)
SELECT slice(ARRAY[1, 2, 3], -2, 2)
SELECT sequence(1, 3)
SELECT sequence(5, 1, -2)
SELECT repeat(1, 3)
SELECT reverse(ARRAY[1, 2])
SELECT flatten(ARRAY[ARRAY[1], ARRAY[2]])
SELECT sequence(DATE '2020-01-01', DATE '2020-01-03'), sequence(3, 1)
SELECT transform(ARRAY[1, 2], x -> x * 2)
SELECT filter(ARRAY[1, 2, 3], x -> x > 1)
SELECT reduce(ARRAY[1, 2, 3], 0, (s, x) -> s + x, s -> s)
SELECT zip_with(ARRAY[1, 2], ARRAY[3, 4], (x, y) -> x + y)
SELECT transform(ARRAY[1, 2], x -> x || 'a')
SELECT filter(ARRAY[1, 2], x -> x)
SELECT any_match(ARRAY[1, 2], x -> x > 1)
SELECT all_match(ARRAY[1, 2], x -> x > 1)
SELECT none_match(ARRAY[1, 2], x -> x > 5)
SELECT zip(ARRAY[1, 2], ARRAY['a', 'b'])
SELECT combinations(ARRAY[1, 2, 3], 2)
SELECT ngrams(ARRAY['a', 'b', 'c'], 2)
SELECT ARRAY[1] || ARRAY[2]
SELECT ARRAY[1] || 2
SELECT 0 || ARRAY[1]
SELECT concat(ARRAY[1], ARRAY[2])
SELECT MAP(ARRAY['a', 'b'], ARRAY[1, 2])['b'], element_at(MAP(ARRAY['a'], ARRAY[1]), 'z'), map_keys(MAP(ARRAY['a'], ARRAY[1])), map_values(MAP(ARRAY['a'], ARRAY[1]))
SELECT MAP(ARRAY['a'], ARRAY[1])['z']
SELECT MAP(ARRAY['a', 'a'], ARRAY[1, 2])
SELECT map_entries(MAP(ARRAY['a'], ARRAY[1]))
SELECT map_from_entries(ARRAY[ROW('a', 1)])
SELECT map_concat(MAP(ARRAY['a'], ARRAY[1]), MAP(ARRAY['b'], ARRAY[2]))
SELECT map_filter(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> v > 1)
SELECT transform_values(MAP(ARRAY['a'], ARRAY[1]), (k, v) -> v + 1)
SELECT ROW(1, 'a')[1], CAST(ROW(1, 'a') AS ROW(x integer, y varchar)).y
SELECT ROW(1, 2) = ROW(1, 2)
SELECT ROW(1, 'a')
SELECT ARRAY[1, 2] = ARRAY[1, 2], ARRAY[1, 2] < ARRAY[1, 3], (1, 2) IN ((1, 2), (3, 4))
-- S3: JSON and others
SELECT json_extract_scalar('not json', '$.a'), json_extract_scalar('{"a": {"b": 1}}', '$.a.b'), json_extract_scalar('{"a": {"b": 1}}', '$.a'), json_extract_scalar('{"a": null}', '$.a'), json_extract_scalar('[1, 2]', '$[1]')
SELECT json_extract('{"a": [1, 2]}', '$.a')
SELECT json_extract('nonsense', '$.a')
SELECT json_array_length('[1, 2]')
SELECT json_array_contains('[1, 2]', 2)
SELECT json_array_get('[1, "a"]', 1)
SELECT json_size('{"a": {"b": 1}}', '$.a')
SELECT json_parse('{"b": 1, "a": 2}')
SELECT json_format(json_parse('[1, 2]'))
SELECT is_json_scalar('1')
SELECT json_parse('not json')
SELECT CAST(json_parse('[1, 2]') AS array(integer))
SELECT CAST(ARRAY[1, 2] AS json)
SELECT CAST(json_parse('"a"') AS varchar)
SELECT json_value('{"a": 1}', 'lax $.a')
SELECT json_exists('{"a": 1}', 'lax $.b')
SELECT json_query('{"a": [1]}', 'lax $.a')
SELECT json_object('a' : 1)
SELECT json_array(1, 'a')
SELECT to_hex(md5(to_utf8('a')))
SELECT to_base64(to_utf8('abc'))
SELECT from_base64('YWJj')
SELECT to_hex(sha256(to_utf8('a')))
SELECT crc32(to_utf8('a'))
SELECT xxhash64(to_utf8('a'))
SELECT md5('a')
SELECT url_extract_host('http://example.org:80/a?b=1')
SELECT url_extract_parameter('http://example.org/a?b=1', 'b')
SELECT url_encode('a b')
SELECT url_decode('a+b')
SELECT nosuch(1)
SELECT median(year) FROM wines
SELECT ends_with('abc', 'c')
SELECT substr('abc')
SELECT pi(1)
SELECT count(1, 2) FROM wines
-- Neighbours of what was mended
SELECT 1.23456 / 2
SELECT null + 1
SELECT null / 0
SELECT 5 / null
SELECT DATE '2020-01-01' + INTERVAL '1' HOUR
SELECT INTERVAL '1' DAY + DATE '2020-01-01'
SELECT bottled - INTERVAL '1' MONTH FROM wines WHERE id = 1
SELECT bottled - DATE '2020-01-01' FROM wines WHERE id = 1
SELECT seen + INTERVAL '1' DAY FROM wines WHERE id = 1
SELECT big + 1, litres + 1, year - 1.5 FROM wines WHERE id = 2
SELECT sum(year) / count(*) FROM wines
SELECT sum(litres) / sum(year) FROM wines
SELECT sum(year) % 7 FROM wines
SELECT try(CAST(kind AS integer)) FROM wines WHERE id = 1
SELECT TRY_CAST(kind AS bigint) FROM wines WHERE id = 1
SELECT CAST(litres AS bigint) FROM wines WHERE id IN (1, 4) ORDER BY 1
SELECT CAST(-2.5e0 AS integer), CAST(3.5e0 AS bigint)
SELECT CAST(year AS varchar) || 'a' FROM wines WHERE id = 1
SELECT CAST(kind AS varchar(2)) FROM wines WHERE id = 1
SELECT split(product, 'l')[1] FROM wines WHERE id = 1
SELECT split('a-b', '-')[3]
SELECT ARRAY[ARRAY[1, 2], ARRAY[3]][1][2]
SELECT transform(ARRAY[1, 2], x -> ARRAY[x][1])
SELECT MAP(ARRAY[1, 2], ARRAY['x', null])[2]
SELECT (ARRAY[1, 2])[2]
SELECT element_at(ARRAY[1], 2)
SELECT year FROM wines WHERE kind IN ('red', 'white') AND ARRAY[year][1] = 2000 ORDER BY id
SELECT sum(anti.id), sum(semi.id) FROM wines anti, wines semi WHERE anti.id = semi.id
SELECT count(*) FROM (SELECT id AS asof, year AS positional FROM wines) AS glob WHERE asof = 1 AND positional = 2000
WITH show AS (SELECT 1 AS describe) SELECT describe FROM show AS pivot
SELECT k, v FROM wines CROSS JOIN UNNEST(MAP(ARRAY['a'], ARRAY[id])) AS t (k, v) WHERE id < 3 ORDER BY v
SELECT id, n FROM wines CROSS JOIN UNNEST(split(product, 'o')) AS t (n) WHERE id = 7 ORDER BY n
SELECT id, last_value(note) IGNORE NULLS OVER (PARTITION BY kind ORDER BY id) FROM wines WHERE id < 5 ORDER BY id
SELECT first_value(note) RESPECT NULLS OVER (ORDER BY id) FROM wines ORDER BY id LIMIT 1
SELECT kind, listagg(product, ';') WITHIN GROUP (ORDER BY product DESC) FROM wines WHERE id < 5 GROUP BY kind ORDER BY kind
SELECT count(*) FROM wines TABLESAMPLE SYSTEM (100)
SELECT * FROM (VALUES 1, 2) AS t (x) ORDER BY x
SELECT x FROM (VALUES (1), ROW(2)) AS t (x) ORDER BY x
SELECT json_extract_scalar(note, '$.a') FROM wines WHERE id = 2
SELECT json_extract_scalar('{"a": "b"}', '$.a'), json_extract_scalar('{"a": 1.50}', '$.a')
SELECT json_array_length('{"a": 1}')
SELECT array_distinct(ARRAY['b', 'a', 'b', null, null])
SELECT array_union(ARRAY[3, 1], ARRAY[1, 2]), array_except(ARRAY[3, 1, 3], ARRAY[1]), array_intersect(ARRAY[2, 1, 2], ARRAY[1, 2])
SELECT arrays_overlap(ARRAY[1, null], ARRAY[2]), arrays_overlap(ARRAY[1], ARRAY[2])
SELECT cardinality(map_agg(id, year)) FROM wines
SELECT cardinality(array_agg(id)) FROM wines
SELECT date_format(DATE '2020-01-01', '%U')
SELECT date_trunc('week', seen), date_trunc('year', bottled) FROM wines WHERE id = 1
SELECT date_add('day', 30, bottled), date_add('hour', 25, seen) FROM wines WHERE id = 1
SELECT ln(-1), log10(0), acos(2), sqrt(2)
SELECT substr(product, 0), substr(product, -3), substr(product, 2, 0) FROM wines WHERE id = 1
SELECT year + CAST('1' AS integer) FROM wines WHERE year > CAST('2020' AS integer) ORDER BY 1
SELECT kind FROM wines WHERE kind LIKE 'r%' AND NOT is_total AND year IS NOT NULL ORDER BY id
SELECT year, sum(litres) FILTER (WHERE kind = 'red') AS red FROM wines GROUP BY year ORDER BY year
SELECT year AS y FROM wines GROUP BY year ORDER BY y
SELECT count(*) FROM wines WHERE (year, kind) IN ((2000, 'red'), (2001, 'red'))
SELECT count(*) FROM wines WHERE year = ALL (SELECT 2000)
SELECT count(*) FROM wines WHERE year > ANY (SELECT year FROM wines WHERE id = 4)
SELECT max(w.n) FROM (SELECT count(*) OVER (PARTITION BY kind) AS n FROM wines) AS w
