/**
 * Trino's functions as macros that stand before DuckDB's of the same name; `system.main` is where those are. Several of
 * one name are told apart by how many arguments they have and by the types that are written. What begins with `_` is
 * what athena-rewrite.ts writes.
 */

/** Fails with these words, whatever its type: error() would keep TRY from working. */
const fail = (words: string, like = 'NULL'): string =>
  `cast_to_type(CAST(CAST(${words} AS TINYINT) AS VARCHAR), ${like})`;
const failNumber = (words: string): string => `CAST('${words}' AS TINYINT)`;

/** DuckDB's own: within a macro these signs would be those of the query, if it has them. */
const plus = (a: string, b: string): string => `system.main."+"(${a}, ${b})`;
const minus = (a: string, b: string): string => `system.main."-"(${a}, ${b})`;

const moved = (sign: string): string => `CASE
  WHEN typeof(a) = 'DATE' AND CAST(system.main."${sign}"(a, b) AS VARCHAR) NOT LIKE '%00:00:00'
  THEN ${fail("'INVALID_FUNCTION_ARGUMENT: Cannot add hour, minutes or seconds to a date'", 'a')}
  ELSE cast_to_type(system.main."${sign}"(a, b), a) END`;

/** From 2 to 8 arguments. */
const variadic = (body: (args: readonly string[]) => string, least = 2): string =>
  [2, 3, 4, 5, 6, 7, 8]
    .filter((count) => count >= least)
    .map((count) => [...'abcdefgh'].slice(0, count))
    .map((args) => `(${args.join(', ')}) AS ${body(args)}`)
    .join(', ');
const unlessNull = (name: string) =>
  variadic(
    (args) => `CASE WHEN ${args.map((a) => `${a} IS NOT NULL`).join(' AND ')} THEN system.main.${name}(${args}) END`,
  );

const ZERO = failNumber('DIVISION_BY_ZERO: Division by zero');
/** Digits after the point of a decimal, by its type's name. */
const scale = (x: string) =>
  `coalesce(TRY_CAST(regexp_extract(typeof(${x}), '^DECIMAL\\(\\d+,(\\d+)\\)$', 1) AS INTEGER), 0)`;
/** DuckDB gives null for zero, and does not round what decimals come to. */
const DIVIDED = `(a, b) AS CASE
  WHEN b <> 0 OR a IS NULL OR b IS NULL THEN CASE
    WHEN typeof(a) <> 'DOUBLE' AND typeof(b) <> 'DOUBLE' AND (typeof(a) LIKE 'DECIMAL%' OR typeof(b) LIKE 'DECIMAL%')
    THEN cast_to_type(system.main.round(system.main."/"(TRY_CAST(a AS DOUBLE), TRY_CAST(b AS DOUBLE)), system.main.greatest(${scale('a')}, ${scale('b')})), a // b)
    ELSE a // b END
  WHEN typeof(a // b) IN ('DOUBLE', 'FLOAT') AND (typeof(a) IN ('DOUBLE', 'FLOAT') OR typeof(b) IN ('DOUBLE', 'FLOAT'))
  THEN cast_to_type(CASE WHEN a > 0 THEN 'Infinity' WHEN a < 0 THEN '-Infinity' ELSE 'NaN' END, a // b)
  ELSE ${ZERO} END`;
const REMAINDER = `(a, b) AS CASE
  WHEN b <> 0 OR a IS NULL OR b IS NULL THEN system.main.mod(a, b)
  WHEN typeof(system.main.mod(a, b)) IN ('DOUBLE', 'FLOAT') THEN cast_to_type('NaN', system.main.mod(a, b))
  ELSE ${ZERO} END`;

/** NaN and infinities where DuckDB fails. */
const logarithm = (name: string) =>
  `(x) AS CASE WHEN x > 0 OR x IS NULL THEN system.main.${name}(x) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE CAST('NaN' AS DOUBLE) END`;
const within = (name: string, where: string) =>
  `(x) AS CASE WHEN x IS NULL OR ${where} THEN system.main.${name}(x) ELSE CAST('NaN' AS DOUBLE) END`;

const fieldsOf = (units: readonly string[]) =>
  units.map((unit) => `WHEN '${unit}' THEN ${plus('x', `to_${unit}s(CAST(n AS INTEGER))`)}`).join(' ');
const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'];
const QUARTER = `WHEN 'quarter' THEN ${plus('x', 'to_months(CAST(3 * n AS INTEGER))')}`;
const noField = (kind: string) =>
  fail(`'INVALID_FUNCTION_ARGUMENT: ''' || u || ''' is not a valid ${kind} field'`, 'x');

/** In Trino a text is cut at its first character, and at none before it. */
const CUT = `(s, f) AS CASE WHEN s IS NULL OR f IS NULL THEN NULL WHEN f = 0 OR system.main."-"(f) > length(s) THEN '' ELSE system.main.substr(s, f) END,
  (s, f, n) AS CASE WHEN s IS NULL OR f IS NULL OR n IS NULL THEN NULL WHEN f = 0 OR n <= 0 OR f < -length(s) THEN ''
  ELSE system.main.substr(s, f, n) END`;

const JSON_OF = 'CASE WHEN json_valid(CAST(j AS VARCHAR)) THEN CAST(j AS JSON) END';
const isDistinctFirst = (list: string) => `list_filter(${list}, (e, i) -> coalesce(list_position(${list}, e), i) = i)`;
const hasNull = (list: string) => `len(${list}) <> list_count(${list})`;

export const MACROS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '/': DIVIDED,
    '%': REMAINDER,
    mod: REMAINDER,
    // Of a day and an interval of whole days: a day again.
    _plus: `(a, b) AS ${moved('+')}`,
    _minus: `(a, b) AS ${moved('-')}`,
    _days: `(a, b) AS to_days(CAST(${minus('a', 'b')} AS INTEGER))`,
    _subscript: `(a, i) AS CASE
      WHEN typeof(a) LIKE '%[]' AND TRY_CAST(CAST(i AS VARCHAR) AS BIGINT) < 1
      THEN ${fail("'INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1'", 'a[i]')}
      WHEN a[i] IS NULL AND typeof(a) LIKE '%[]' AND TRY_CAST(CAST(i AS VARCHAR) AS BIGINT) > json_array_length(to_json(a))
      THEN ${fail("'INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: ' || CAST(i AS VARCHAR)", 'a[i]')}
      WHEN a[i] IS NULL AND typeof(a) LIKE 'MAP(%' AND NOT list_contains(json_keys(to_json(a)), CAST(i AS VARCHAR))
      THEN ${fail("'INVALID_FUNCTION_ARGUMENT: Key not present in map: ' || CAST(i AS VARCHAR)", 'a[i]')}
      ELSE a[i] END`,
    _whole: `(x) AS CASE
      WHEN typeof(x) = 'VARCHAR' AND NOT regexp_full_match(trim(CAST(x AS VARCHAR)), '[+-]?\\d+')
      THEN ${fail("'INVALID_CAST_ARGUMENT: Cannot cast ''' || CAST(x AS VARCHAR) || ''' to INT'", 'x')}
      WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN cast_to_type(system.main.round(TRY_CAST(x AS DOUBLE)), x) ELSE x END`,
    _whole_or_null: `(x) AS CASE
      WHEN typeof(x) = 'VARCHAR' AND NOT regexp_full_match(trim(CAST(x AS VARCHAR)), '[+-]?\\d+') THEN NULL
      WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN cast_to_type(system.main.round(TRY_CAST(x AS DOUBLE)), x) ELSE x END`,
    _text: "(x) AS CASE WHEN typeof(x) = 'JSON' THEN json_extract_string(to_json(x), '$') ELSE CAST(x AS VARCHAR) END",
    _all: `(l) AS CASE WHEN len(l) = 0 THEN true ELSE list_bool_and(l) END`,
    _none: `(l) AS CASE WHEN len(l) = 0 THEN true ELSE NOT list_bool_or(l) END`,
    concat: variadic((args) => args.join(' || ')),
    concat_ws: `(d, a) AS CASE WHEN typeof(a) LIKE '%[]' THEN array_to_string(list_filter(TRY_CAST(a AS VARCHAR[]), e -> e IS NOT NULL), d)
      ELSE system.main.concat_ws(d, CAST(a AS VARCHAR)) END, ${variadic((args) => `system.main.concat_ws(${args})`, 3)}`,
    greatest: unlessNull('greatest'),
    least: unlessNull('least'),
    sign: '(x) AS cast_to_type(system.main.sign(x), x)',
    e: '() AS exp(1)',
    ln: logarithm('ln'),
    log2: logarithm('log2'),
    log10: logarithm('log10'),
    log: '(b, x) AS ln(x) / ln(b)',
    sqrt: within('sqrt', 'x >= 0'),
    acos: within('acos', 'x BETWEEN -1 AND 1'),
    asin: within('asin', 'x BETWEEN -1 AND 1'),
    nan: "() AS CAST('NaN' AS DOUBLE)",
    infinity: "() AS CAST('Infinity' AS DOUBLE)",
    width_bucket: `(x, low, high, n) AS CAST(CASE WHEN x < low THEN 0 WHEN x >= high THEN ${plus('n', '1')}
      ELSE ${plus(`floor(system.main."/"(CAST(n * ${minus('x', 'low')} AS DOUBLE), ${minus('high', 'low')}))`, '1')} END AS BIGINT)`,
    bitwise_and: '(a, b) AS CAST(a AS BIGINT) & CAST(b AS BIGINT)',
    bitwise_or: '(a, b) AS CAST(a AS BIGINT) | CAST(b AS BIGINT)',
    bitwise_xor: '(a, b) AS xor(CAST(a AS BIGINT), CAST(b AS BIGINT))',
    bitwise_not: '(a) AS ~CAST(a AS BIGINT)',
    substr: CUT,
    replace: `(s, a) AS system.main.replace(s, a, ''), (s, a, b) AS CASE WHEN a = '' THEN b || array_to_string(string_split(s, ''), b) || b
      ELSE system.main.replace(s, a, b) END`,
    strpos: `(s, x) AS CAST(system.main.strpos(s, x) AS BIGINT), (s, x, n) AS CAST(_strpos(s, x, string_split(s, x), n) AS BIGINT)`,
    _strpos: `(s, x, p, n) AS CASE WHEN n = 0 THEN ${failNumber("INVALID_FUNCTION_ARGUMENT: ''instance'' must not be 0.")}
      WHEN abs(n) >= len(p) THEN 0
      ELSE ${plus(`length(array_to_string(list_slice(p, 1, CASE WHEN n > 0 THEN n ELSE ${plus('len(p)', 'n')} END), x))`, '1')} END`,
    split: `(s, d) AS string_split(s, d), (s, d, n) AS _split(string_split(s, d), d, n)`,
    _split: `(p, d, n) AS CASE WHEN n < 1 THEN ${fail("'INVALID_FUNCTION_ARGUMENT: Limit must be positive'", 'p')} WHEN len(p) <= n THEN p
      ELSE list_append(list_slice(p, 1, ${minus('n', '1')}), array_to_string(list_slice(p, n, len(p)), d)) END`,
    split_part: `(s, d, n) AS CASE WHEN n < 1 THEN ${fail("'INVALID_FUNCTION_ARGUMENT: Index must be greater than zero'", "''")}
      WHEN n <= len(string_split(s, d)) THEN system.main.split_part(s, d, n) END`,
    hamming_distance: `(a, b) AS CASE WHEN length(a) = length(b) THEN hamming(a, b)
      ELSE ${failNumber('INVALID_FUNCTION_ARGUMENT: The input strings to hamming_distance function must have the same length')} END`,
    codepoint: `(s) AS CASE WHEN length(s) = 1 OR s IS NULL THEN unicode(s)
      ELSE ${failNumber('INVALID_FUNCTION_ARGUMENT: codepoint takes one character')} END`,
    to_utf8: '(s) AS encode(s)',
    from_utf8: '(b) AS decode(b)',
    to_hex: '(b) AS hex(b)',
    from_hex: '(s) AS unhex(s)',
    md5: '(b) AS unhex(system.main.md5(b))',
    sha1: '(b) AS unhex(system.main.sha1(b))',
    sha256: '(b) AS unhex(system.main.sha256(b))',
    to_base64: '(b) AS base64(b)',
    from_base64: '(s) AS system.main.from_base64(s)',
    regexp_extract:
      '(s, p) AS CASE WHEN regexp_matches(s, p) THEN system.main.regexp_extract(s, p) END, ' +
      '(s, p, g) AS CASE WHEN regexp_matches(s, p) THEN system.main.regexp_extract(s, p, g) END',
    regexp_replace:
      "(s, p) AS system.main.regexp_replace(s, p, '', 'g'), " +
      "(s, p, r) AS system.main.regexp_replace(s, p, system.main.regexp_replace(r, '\\$(\\d)', '\\\\\\1', 'g'), 'g')",
    bit_count: `(x, b) AS CAST(system.main.bit_count(CASE WHEN b >= 64 THEN CAST(x AS BIGINT)
      ELSE CAST(x AS BIGINT) & ${minus('(CAST(1 AS BIGINT) << b)', '1')} END) AS BIGINT)`,
    regexp_count: '(s, p) AS len(regexp_extract_all(s, p))',
    regexp_position: `(s, p) AS CAST(CASE WHEN NOT regexp_matches(s, p) THEN -1 ELSE ${plus('length(string_split_regex(s, p)[1])', '1')} END AS INTEGER)`,
    date: '(x) AS CAST(x AS DATE)',
    date_trunc: `(u, x) AS CASE WHEN typeof(x) = 'DATE' AND lower(u) NOT IN ('day', 'week', 'month', 'quarter', 'year')
      THEN ${noField('DATE')} ELSE cast_to_type(system.main.date_trunc(u, x), x) END`,
    date_add: `(u, n, x) AS CASE WHEN typeof(x) = 'DATE' AND lower(u) IN ('millisecond', 'second', 'minute', 'hour') THEN ${noField('DATE')}
      ELSE cast_to_type(CASE lower(u) ${fieldsOf(UNITS)} ${QUARTER} WHEN 'millisecond' THEN ${plus('x', 'to_milliseconds(n)')}
      ELSE ${noField('date')} END, x) END`,
    millisecond: '(x) AS system.main.millisecond(x) % 1000',
    from_iso8601_date: '(s) AS CAST(s AS DATE)',
    from_iso8601_timestamp: '(s) AS CAST(s AS TIMESTAMPTZ)',
    to_iso8601: `(x) AS CASE typeof(x) WHEN 'DATE' THEN CAST(x AS VARCHAR) WHEN 'TIMESTAMP WITH TIME ZONE'
      THEN strftime(CAST(x AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ') ELSE strftime(CAST(x AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%g') END`,
    from_unixtime: '(x) AS to_timestamp(x)',
    to_milliseconds: '(x) AS CAST(epoch_ms(x) AS BIGINT)',
    // Of a map too, which no function of DuckDB's counts together with arrays.
    cardinality: `(x) AS CAST(CASE WHEN typeof(x) LIKE 'MAP(%' THEN len(json_keys(to_json(x))) ELSE json_array_length(to_json(x)) END AS BIGINT)`,
    array_max: `(a) AS CASE WHEN ${hasNull('a')} THEN NULL ELSE list_max(a) END`,
    array_min: `(a) AS CASE WHEN ${hasNull('a')} THEN NULL ELSE list_min(a) END`,
    array_distinct: `(a) AS ${isDistinctFirst('a')}`,
    array_union: `(a, b) AS _distinct(list_concat(a, b))`,
    _distinct: `(a) AS ${isDistinctFirst('a')}`,
    array_intersect: '(a, b) AS _distinct(list_filter(a, e -> list_position(b, e) IS NOT NULL))',
    array_except: '(a, b) AS _distinct(list_filter(a, e -> list_position(b, e) IS NULL))',
    array_remove: '(a, x) AS list_filter(a, e -> (e = x) IS NOT TRUE)',
    arrays_overlap: `(a, b) AS CASE WHEN list_has_any(a, b) THEN true WHEN ${hasNull('a')} OR ${hasNull('b')} THEN NULL ELSE false END`,
    contains: `(a, x) AS CASE WHEN list_contains(a, x) THEN true WHEN ${hasNull('a')} OR x IS NULL OR a IS NULL THEN NULL ELSE false END`,
    array_join: `(a, d) AS array_to_string(list_filter(a, e -> e IS NOT NULL), d),
      (a, d, r) AS array_to_string(list_transform(a, e -> coalesce(CAST(e AS VARCHAR), r)), d)`,
    array_position: '(a, x) AS CAST(coalesce(list_position(a, x), 0) AS BIGINT)',
    element_at: `(x, k) AS CASE WHEN typeof(x) LIKE '%[]' AND TRY_CAST(CAST(k AS VARCHAR) AS BIGINT) = 0
      THEN ${fail("'INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1'", 'x[k]')} ELSE x[k] END`,
    repeat: '(x, n) AS list_transform(generate_series(1, n), i -> x)',
    sequence: `(a, b) AS CASE WHEN a <= b THEN generate_series(a, b) ELSE generate_series(a, b, -1) END,
      (a, b, c) AS cast_to_type(generate_series(a, b, c), [a])`,
    slice: `(a, s, n) AS list_slice(a, s, CASE WHEN s < 0 AND ${plus('s', 'n')} > 0 THEN -1 ELSE ${minus(plus('s', 'n'), '1')} END)`,
    json_extract: `(j, p) AS system.main.json_extract(${JSON_OF}, p)`,
    json_extract_scalar: `(j, p) AS _scalar(${JSON_OF}, p)`,
    _scalar:
      "(j, p) AS CASE WHEN json_type(j, p) NOT IN ('OBJECT', 'ARRAY', 'NULL') THEN json_extract_string(j, p) END",
    json_array_length: `(j) AS CAST(_array_length(${JSON_OF}) AS BIGINT)`,
    _array_length: "(j) AS CASE WHEN json_type(j) = 'ARRAY' THEN system.main.json_array_length(j) END",
    json_format: '(j) AS CAST(json(CAST(j AS VARCHAR)) AS VARCHAR)',
    json_parse: `(s) AS CASE WHEN json_valid(s) OR s IS NULL THEN CAST(json(s) AS JSON)
      ELSE ${fail("'INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: ''' || s || ''''", "CAST('{}' AS JSON)")} END`,
  }),
);

/** Those that other macros call. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  log: ['ln', '/'],
  strpos: ['_strpos'],
  split: ['_split'],
  array_union: ['_distinct'],
  array_intersect: ['_distinct'],
  array_except: ['_distinct'],
  json_extract_scalar: ['_scalar'],
  json_array_length: ['_array_length'],
};

/** The statements that make the macros of these names. */
export const macrosSql = (names: readonly string[]): string[] => {
  const all = new Set(names.flatMap((name) => [...(NEEDED[name] ?? []), name]));
  // What macros are made of must not be macros of the query: it is bound when they are used.
  return [...all].map((name) => `CREATE MACRO "${name}"${MACROS.get(name)}`);
};
