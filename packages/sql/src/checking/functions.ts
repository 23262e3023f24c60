const GROUPS: Readonly<Record<string, string>> = {
  aggregate: `any_value approx_distinct approx_most_frequent approx_percentile approx_set arbitrary array_agg avg bitwise_and_agg bitwise_or_agg
    bool_and bool_or checksum corr count count_if covar_pop covar_samp every geometric_mean histogram kurtosis listagg make_set_digest map_agg
    map_union max max_by merge merge_set_digest min min_by multimap_agg numeric_histogram qdigest_agg reduce_agg regr_intercept regr_slope
    skewness stddev stddev_pop stddev_samp sum tdigest_agg var_pop var_samp variance`,
  window: 'cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number',
  math: `abs acos asin atan atan2 beta_cdf cbrt ceil ceiling cos cosh cosine_distance cosine_similarity degrees e exp floor from_base infinity
    inverse_beta_cdf inverse_normal_cdf is_finite is_infinite is_nan ln log log10 log2 mod nan normal_cdf pi pow power radians rand random round
    sign sin sinh sqrt tan tanh to_base truncate width_bucket wilson_interval_lower wilson_interval_upper`,
  bitwise: `bit_count bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_right_shift_arithmetic bitwise_xor`,
  conditional: 'coalesce greatest grouping if least nullif try',
  conversion: 'format format_number parse_data_size typeof',
  string: `chr codepoint concat concat_ws from_utf8 hamming_distance length levenshtein_distance lower lpad ltrim luhn_check normalize
    position replace reverse rpad rtrim soundex split split_part split_to_map split_to_multimap starts_with strpos substr substring to_utf8
    translate trim upper word_stem`,
  'regular expressions': `regexp_count regexp_extract regexp_extract_all regexp_like regexp_position regexp_replace regexp_split`,
  'date and time': `at_timezone current_date current_time current_timestamp date date_add date_diff date_format date_parse date_trunc day
    day_of_month day_of_week day_of_year dow doy extract format_datetime from_iso8601_date from_iso8601_timestamp from_iso8601_timestamp_nanos
    from_unixtime from_unixtime_nanos hour human_readable_seconds last_day_of_month localtime localtimestamp millisecond minute month now
    parse_datetime parse_duration quarter second timezone_hour timezone_minute to_iso8601 to_milliseconds to_unixtime week week_of_year
    with_timezone year year_of_week yow`,
  array: `all_match any_match array_distinct array_except array_histogram array_intersect array_join array_max array_min
    array_position array_remove array_sort array_union arrays_overlap cardinality combinations contains contains_sequence element_at filter flatten
    ngrams none_match reduce repeat sequence shuffle slice transform trim_array zip zip_with`,
  map: `map map_concat map_entries map_filter map_from_entries map_keys map_values map_zip_with multimap_from_entries transform_keys
    transform_values`,
  JSON: `is_json_scalar json_array json_array_contains json_array_get json_array_length json_exists json_extract json_extract_scalar json_format
    json_object json_parse json_query json_size json_value`,
  'binary and hashes': `crc32 from_base32 from_base64 from_base64url from_big_endian_32 from_big_endian_64 from_hex from_ieee754_32
    from_ieee754_64 hmac_md5 hmac_sha1 hmac_sha256 hmac_sha512 md5 murmur3 sha1 sha256 sha512 spooky_hash_v2_32 spooky_hash_v2_64 to_base32
    to_base64 to_base64url to_big_endian_32 to_big_endian_64 to_hex to_ieee754_32 to_ieee754_64 xxhash64`,
  sketches: 'empty_approx_set hash_counts intersection_cardinality jaccard_index value_at_quantile values_at_quantiles',
  URL: `url_decode url_encode url_extract_fragment url_extract_host url_extract_parameter url_extract_path url_extract_port url_extract_protocol
    url_extract_query`,
  other: 'uuid',
};

/**
 * The functions that a query may call, by group: Trino's, without those that tell of the engine and of who asks it,
 * those of shapes on maps, of machine learning, and those that give tables. Of
 * <https://trino.io/docs/current/functions/list-by-topic.html>, which Athena's engine version 3 refers to.
 */
export const FUNCTIONS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(GROUPS).map(([group, names]) => [group, names.split(/\s+/)]),
);

export const FUNCTION_NAMES: readonly string[] = [...FUNCTIONS.values()].flat();

/** They answer otherwise each time. */
export const VOLATILE: ReadonlySet<string> = new Set(['now', 'rand', 'random', 'shuffle', 'uuid']);

/** What other dialects call them. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  array_first: 'element_at',
  array_last: 'element_at',
  array_length: 'cardinality',
  array_to_string: 'array_join',
  charindex: 'strpos',
  dateadd: 'date_add',
  datediff: 'date_diff',
  getdate: 'now',
  group_concat: 'listagg',
  ifnull: 'coalesce',
  iif: 'if',
  instr: 'strpos',
  isnull: 'coalesce',
  len: 'length',
  list: 'array_agg',
  median: 'approx_percentile',
  nvl: 'coalesce',
  quantile: 'approx_percentile',
  strftime: 'date_format',
  string_agg: 'listagg',
  string_split: 'split',
  strptime: 'date_parse',
  to_char: 'date_format',
  to_date: 'date_parse',
  to_timestamp: 'date_parse',
};
