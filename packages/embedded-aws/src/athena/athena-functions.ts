/**
 * Athena's functions (Trino's, https://trino.io/docs/current/functions.html) in DuckDB. What is in none of the lists is
 * refused by name: DuckDB's own functions would work here and fail in the cloud, or answer otherwise.
 */

const names = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Of one name and one meaning in both. */
export const SAME = names(`
  any_value array_agg avg bool_and bool_or corr count count_star count_if covar_pop covar_samp geometric_mean histogram max max_by min min_by
  regr_intercept regr_slope stddev stddev_pop stddev_samp sum var_pop var_samp variance
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
  abs   atan atan2 cbrt ceil ceiling cos cosh degrees exp floor    pi pow power radians random round sin sinh  tan tanh
  chr  length lower lpad ltrim rpad rtrim reverse  starts_with    translate trim upper
  regexp_extract_all
  year quarter month week day hour minute second now current_timestamp
  nullif   flatten map map_keys map_values map_entries map_from_entries   uuid unnest
`);

/** What DuckDB's parser makes of syntax, as of INTERVAL, EXTRACT, LIKE … ESCAPE, ROW. */
export const SYNTAX = names(`
  left string_agg list_bool_or list_reduce list_value list_transform list_filter unhex to_years to_months to_weeks to_days to_hours to_minutes to_seconds trunc date_part timezone position like_escape not_like_escape row
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
    array_sort: 'list_sort',
    zip: 'list_zip',
    transform: 'list_transform',
    filter: 'list_filter',
  }),
);

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
  '%x': '%G',
  '%r': '%I:%M:%S %p',
  '%T': '%H:%M:%S',
};
/** Undefined where Trino has no such word. */
export const strftimeFormat = (format: string): string | undefined =>
  /%[DUuVwX]/.test(format.replaceAll('%%', '')) ? undefined : format.replace(/%./g, (word) => FORMAT[word] ?? word);

/** What has a form of its own in the grammar, or is written anew before DuckDB reads it (athena-rewrite.ts). */
export const FORMS = names(`
  coalesce current_date current_timestamp localtimestamp extract grouping if nullif position try listagg map_agg reduce any_match all_match none_match substring
`);
