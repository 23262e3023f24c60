/**
 * Athena's functions (Trino's, https://trino.io/docs/current/functions.html) in DuckDB. What is in none of the lists is refused by name: DuckDB's own
 * functions would work here and fail in the cloud, or answer otherwise.
 */

const names = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Of one name and one meaning in both. */
export const SAME = names(`
  any_value array_agg avg bool_and bool_or corr count count_star count_if covar_pop covar_samp geometric_mean histogram max max_by min min_by
  regr_intercept regr_slope stddev stddev_pop stddev_samp sum var_pop var_samp variance
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
  abs acos asin atan atan2 cbrt ceil ceiling cos cosh degrees exp floor ln log2 log10 pi pow power radians random round sin sinh sqrt tan tanh
  chr concat_ws length lower lpad ltrim rpad rtrim reverse split starts_with strpos substr substring translate trim upper
  regexp_extract_all
  year quarter month week day hour minute second now current_timestamp
  nullif array_distinct contains flatten map map_keys map_values map_entries map_from_entries json_array_length json_extract uuid unnest
`);

/** What DuckDB's parser makes of syntax, as of INTERVAL, EXTRACT, LIKE … ESCAPE, ROW. */
export const SYNTAX = names(`
  to_years to_months to_weeks to_days to_hours to_minutes to_seconds trunc date_part timezone position like_escape not_like_escape row
`);

/** Of one meaning and another name. These stay what they are, aggregates and takers of lambdas, which no macro is. */
export const RENAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    arbitrary: 'any_value',
    every: 'bool_and',
    approx_distinct: 'approx_count_distinct',
    // The exact one: an element of the data, as Trino's is.
    approx_percentile: 'quantile_disc',
    bitwise_and_agg: 'bit_and',
    bitwise_or_agg: 'bit_or',
    bitwise_xor_agg: 'bit_xor',
    is_nan: 'isnan',
    is_finite: 'isfinite',
    is_infinite: 'isinf',
    rand: 'random',
    truncate: 'trunc',
    codepoint: 'unicode',
    levenshtein_distance: 'levenshtein',
    hamming_distance: 'hamming',
    regexp_like: 'regexp_matches',
    regexp_split: 'string_split_regex',
    day_of_month: 'dayofmonth',
    day_of_week: 'isodow',
    dow: 'isodow',
    day_of_year: 'dayofyear',
    doy: 'dayofyear',
    week_of_year: 'week',
    year_of_week: 'isoyear',
    yow: 'isoyear',
    last_day_of_month: 'last_day',
    // Whole units between the two; DuckDB's date_diff counts the boundaries.
    date_diff: 'date_sub',
    // Their formats are written anew too: both want constants.
    date_format: 'strftime',
    date_parse: 'strptime',
    to_unixtime: 'epoch',
    cardinality: 'len',
    array_max: 'list_max',
    array_min: 'list_min',
    array_sort: 'list_sort',
    array_intersect: 'list_intersect',
    arrays_overlap: 'list_has_any',
    transform: 'list_transform',
    filter: 'list_filter',
  }),
);

/** From 2 to 8 arguments. */
const variadic = (body: (args: readonly string[]) => string): string =>
  [2, 3, 4, 5, 6, 7, 8]
    .map((count) => [...'abcdefgh'].slice(0, count))
    .map((args) => `(${args.join(', ')}) AS ${body(args)}`)
    .join(', ');
const unlessNull = (name: string) =>
  variadic(
    (args) => `CASE WHEN ${args.map((a) => `${a} IS NOT NULL`).join(' AND ')} THEN system.main.${name}(${args}) END`,
  );

/** DuckDB gives null. */
const divided = (by: string) => `(a, b) AS CASE
  WHEN b <> 0 OR a IS NULL OR b IS NULL THEN ${by}
  WHEN typeof(${by}) IN ('DOUBLE', 'FLOAT') THEN cast_to_type(CASE WHEN a > 0 THEN 'Infinity' WHEN a < 0 THEN '-Infinity' ELSE 'NaN' END, ${by})
  ELSE error('DIVISION_BY_ZERO: Division by zero') END`;
const remainder = `(a, b) AS CASE
  WHEN b <> 0 OR a IS NULL OR b IS NULL THEN fmod(a, b)
  WHEN typeof(fmod(a, b)) IN ('DOUBLE', 'FLOAT') THEN cast_to_type('NaN', fmod(a, b))
  ELSE error('DIVISION_BY_ZERO: Division by zero') END`.replaceAll('fmod', 'system.main.mod');

/** MySQL's format, which date_format and date_parse take, in the words of strftime and strptime. */
const FORMAT: Readonly<Record<string, string>> = {
  '%M': '%B',
  '%i': '%M',
  '%s': '%S',
  '%W': '%A',
  '%h': '%I',
  '%c': '%-m',
  '%e': '%-d',
  '%k': '%-H',
  '%l': '%-I',
  '%v': '%V',
  '%r': '%I:%M:%S %p',
  '%T': '%H:%M:%S',
};
export const strftimeFormat = (format: string): string => format.replace(/%./g, (word) => FORMAT[word] ?? word);

const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'].map(
  (unit) => `WHEN '${unit}' THEN x + to_${unit}s(CAST(n AS INTEGER))`,
);

/** Macros that stand before DuckDB's functions of the same name; `system.main` is where those are. */
export const MACROS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '/': divided('a // b'),
    '%': remainder,
    mod: remainder,
    concat: variadic((args) => args.join(' || ')),
    greatest: unlessNull('greatest'),
    least: unlessNull('least'),
    sign: '(x) AS cast_to_type(system.main.sign(x), x)',
    e: '() AS exp(1)',
    log: '(b, x) AS ln(x) / ln(b)',
    nan: "() AS CAST('NaN' AS DOUBLE)",
    infinity: "() AS CAST('Infinity' AS DOUBLE)",
    bitwise_and: '(a, b) AS a & b',
    bitwise_or: '(a, b) AS a | b',
    bitwise_xor: '(a, b) AS xor(a, b)',
    bitwise_not: '(a) AS ~a',
    replace: "(s, a) AS system.main.replace(s, a, ''), (s, a, b) AS system.main.replace(s, a, b)",
    split_part: '(s, d, n) AS CASE WHEN n <= len(string_split(s, d)) THEN system.main.split_part(s, d, n) END',
    regexp_extract:
      '(s, p) AS CASE WHEN regexp_matches(s, p) THEN system.main.regexp_extract(s, p) END, ' +
      '(s, p, g) AS CASE WHEN regexp_matches(s, p) THEN system.main.regexp_extract(s, p, g) END',
    regexp_replace:
      "(s, p) AS system.main.regexp_replace(s, p, '', 'g'), " +
      "(s, p, r) AS system.main.regexp_replace(s, p, system.main.regexp_replace(r, '\\$(\\d)', '\\\\\\1', 'g'), 'g')",
    regexp_count: '(s, p) AS len(regexp_extract_all(s, p))',
    date: '(x) AS CAST(x AS DATE)',
    date_trunc: '(u, x) AS cast_to_type(system.main.date_trunc(u, x), x)',
    date_add: `(u, n, x) AS cast_to_type(CASE lower(u) ${UNITS.join(' ')}
      WHEN 'quarter' THEN x + to_months(CAST(3 * n AS INTEGER)) WHEN 'millisecond' THEN x + to_milliseconds(n)
      ELSE error('INVALID_FUNCTION_ARGUMENT: ''' || u || ''' is not a valid date field') END, x)`,
    millisecond: '(x) AS system.main.millisecond(x) % 1000',
    from_iso8601_date: '(s) AS CAST(s AS DATE)',
    from_iso8601_timestamp: '(s) AS CAST(s AS TIMESTAMPTZ)',
    to_iso8601: `(x) AS CASE typeof(x) WHEN 'DATE' THEN CAST(x AS VARCHAR) WHEN 'TIMESTAMP WITH TIME ZONE'
      THEN strftime(CAST(x AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ') ELSE strftime(CAST(x AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%g') END`,
    from_unixtime: '(x) AS to_timestamp(x)',
    array_join: '(a, d) AS array_to_string(a, d)',
    array_position: '(a, x) AS coalesce(list_position(a, x), 0)',
    element_at: '(x, k) AS x[k]',
    sequence: '(a, b) AS generate_series(a, b), (a, b, c) AS generate_series(a, b, c)',
    slice: '(a, s, n) AS list_slice(a, s, s + n - 1)',
    json_extract_scalar:
      "(j, p) AS CASE WHEN json_type(j, p) NOT IN ('OBJECT', 'ARRAY', 'NULL') THEN json_extract_string(j, p) END",
    json_format: '(j) AS CAST(j AS VARCHAR)',
    json_parse: '(s) AS CAST(s AS JSON)',
  }),
);

/** The statement that makes the macro. */
export const macroSql = (name: string): string => `CREATE MACRO "${name}"${MACROS.get(name)}`;
