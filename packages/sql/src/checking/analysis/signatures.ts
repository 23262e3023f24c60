/**
 * Trino's functions by name, as its SHOW FUNCTIONS has them (476): `name arguments>result …`, a blank between overloads
 * and an underscore within a type. `*` after a name is an aggregate, `~` a window function. Letters are type variables.
 * tests/oracles/trino says how this is made anew. Long: a table of the signatures of all functions.
 */
export const SIGNATURES = `
abs bigint>bigint decimal(p,s)>decimal(p,s) double>double integer>integer real>real smallint>smallint tinyint>tinyint
acos double>double
all_match array(t),function(t,boolean)>boolean
any_match array(t),function(t,boolean)>boolean
any_value* t>t
approx_distinct* boolean>bigint boolean,double>bigint t>bigint t,double>bigint unknown>bigint unknown,double>bigint
approx_most_frequent* bigint,bigint,bigint>map(bigint,bigint) bigint,varchar,bigint>map(varchar,bigint)
approx_percentile* bigint,array(double)>array(bigint) bigint,double,array(double)>array(bigint) double,array(double)>array(double) double,double,array(double)>array(double) real,array(double)>array(real) real,double,array(double)>array(real) bigint,double>bigint bigint,double,double>bigint bigint,double,double,double>bigint double,double>double double,double,double>double double,double,double,double>double real,double>real real,double,double>real real,double,double,double>real
approx_set* bigint>hyperloglog double>hyperloglog varchar(x)>hyperloglog
arbitrary* t>t
array_agg* t>array(t)
array_distinct array(e)>array(e)
array_except array(e),array(e)>array(e)
array_histogram array(t)>map(t,bigint)
array_intersect array(e),array(e)>array(e)
array_join array(e),varchar>varchar array(e),varchar,varchar>varchar
array_max array(t)>t
array_min array(t)>t
array_position array(t),t>bigint
array_remove array(e),e>array(e)
array_sort array(e)>array(e) array(t),function(t,t,integer)>array(t)
array_union array(e),array(e)>array(e)
arrays_overlap array(e),array(e)>boolean
asin double>double
at_timezone timestamp(p)_with_time_zone,varchar(x)>timestamp(p)_with_time_zone
atan double>double
atan2 double,double>double
avg* decimal(p,s)>decimal(p,s) bigint>double double>double interval_day_to_second>interval_day_to_second interval_year_to_month>interval_year_to_month real>real
beta_cdf double,double,double>double
bit_count bigint,bigint>bigint
bitwise_and bigint,bigint>bigint
bitwise_and_agg* bigint>bigint
bitwise_left_shift bigint,integer>bigint integer,integer>integer smallint,integer>smallint tinyint,integer>tinyint
bitwise_not bigint>bigint
bitwise_or bigint,bigint>bigint
bitwise_or_agg* bigint>bigint
bitwise_right_shift bigint,integer>bigint integer,integer>integer smallint,integer>smallint tinyint,integer>tinyint
bitwise_right_shift_arithmetic bigint,integer>bigint integer,integer>integer smallint,integer>smallint tinyint,integer>tinyint
bitwise_xor bigint,bigint>bigint
bool_and* boolean>boolean
bool_or* boolean>boolean
cardinality array(e)>bigint hyperloglog>bigint map(k,v)>bigint setdigest>bigint
cbrt double>double
ceil bigint>bigint decimal(p,s)>decimal(rp,0) double>double integer>integer real>real smallint>smallint tinyint>tinyint
ceiling bigint>bigint decimal(p,s)>decimal(rp,0) double>double integer>integer real>real smallint>smallint tinyint>tinyint
checksum* t>varbinary
chr bigint>varchar(1)
codepoint varchar(1)>integer
combinations array(t),integer>array(array(t))
concat E,array(E)>array(E) array(E)>array(E) array(E),E>array(E) char(x),char(y)>char(u) varbinary>varbinary varchar>varchar
concat_ws varchar,array(varchar)>varchar varchar,varchar>varchar
contains array(t),t>boolean varchar,ipaddress>boolean
contains_sequence array(t),array(t)>boolean
corr* double,double>double real,real>real
cos double>double
cosh double>double
cosine_distance array(double),array(double)>double
cosine_similarity array(double),array(double)>double map(varchar,double),map(varchar,double)>double
count* >bigint t>bigint
count_if* boolean>bigint
covar_pop* double,double>double real,real>real
covar_samp* double,double>double real,real>real
crc32 varbinary>bigint
cume_dist~ >double
current_date >date
date timestamp(p)>date timestamp(p)_with_time_zone>date varchar(x)>date
date_add varchar(x),bigint,date>date varchar(x),bigint,time(p)>time(p) varchar(x),bigint,time(p)_with_time_zone>time(p)_with_time_zone varchar(x),bigint,timestamp(p)>timestamp(p) varchar(x),bigint,timestamp(p)_with_time_zone>timestamp(p)_with_time_zone
date_diff varchar(x),date,date>bigint varchar(x),time(p)_with_time_zone,time(p)_with_time_zone>bigint varchar(x),time(p),time(p)>bigint varchar(x),timestamp(p)_with_time_zone,timestamp(p)_with_time_zone>bigint varchar(x),timestamp(p),timestamp(p)>bigint
date_format timestamp(p)_with_time_zone,varchar(x)>varchar timestamp(p),varchar(x)>varchar
date_parse varchar(x),varchar(y)>timestamp(3)
date_trunc varchar(x),date>date varchar(x),time(p)>time(p) varchar(x),time(p)_with_time_zone>time(p)_with_time_zone varchar(x),timestamp(p)>timestamp(p) varchar(x),timestamp(p)_with_time_zone>timestamp(p)_with_time_zone
day date>bigint interval_day_to_second>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
day_of_month date>bigint interval_day_to_second>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
day_of_week date>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
day_of_year date>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
degrees double>double
dense_rank~ >bigint
dow date>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
doy date>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
e >double
element_at map(K,V),K>V array(e),bigint>e
empty_approx_set >hyperloglog
every* boolean>boolean
exp double>double
filter array(t),function(t,boolean)>array(t)
first_value~ t>t
flatten array(array(E))>array(E)
floor bigint>bigint decimal(p,s)>decimal(rp,0) double>double integer>integer real>real smallint>smallint tinyint>tinyint
format_datetime timestamp(p)_with_time_zone,varchar(x)>varchar timestamp(p),varchar(x)>varchar
format_number bigint>varchar double>varchar
from_base varchar(x),bigint>bigint
from_base32 varbinary>varbinary varchar(x)>varbinary
from_base64 varbinary>varbinary varchar(x)>varbinary
from_base64url varbinary>varbinary varchar(x)>varbinary
from_big_endian_32 varbinary>integer
from_big_endian_64 varbinary>bigint
from_hex varbinary>varbinary varchar(x)>varbinary
from_ieee754_32 varbinary>real
from_ieee754_64 varbinary>double
from_iso8601_date varchar(x)>date
from_iso8601_timestamp varchar(x)>timestamp(3)_with_time_zone
from_iso8601_timestamp_nanos varchar(x)>timestamp(9)_with_time_zone
from_unixtime double>timestamp(3)_with_time_zone double,bigint,bigint>timestamp(3)_with_time_zone double,varchar(x)>timestamp(3)_with_time_zone
from_unixtime_nanos bigint>timestamp(9)_with_time_zone decimal(p,s)>timestamp(9)_with_time_zone
from_utf8 varbinary>varchar varbinary,bigint>varchar varbinary,varchar(x)>varchar
geometric_mean* bigint>double double>double real>real
greatest E>E
hamming_distance varchar(x),varchar(y)>bigint
hash_counts setdigest>map(bigint,smallint)
histogram* t>map(t,bigint)
hmac_md5 varbinary,varbinary>varbinary
hmac_sha1 varbinary,varbinary>varbinary
hmac_sha256 varbinary,varbinary>varbinary
hmac_sha512 varbinary,varbinary>varbinary
hour interval_day_to_second>bigint time(p)>bigint time(p)_with_time_zone>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
human_readable_seconds double>varchar
infinity >double
intersection_cardinality setdigest,setdigest>bigint
inverse_beta_cdf double,double,double>double
inverse_normal_cdf double,double,double>double
is_finite double>boolean
is_infinite double>boolean
is_json_scalar json>boolean varchar(x)>boolean
is_nan double>boolean real>boolean
jaccard_index setdigest,setdigest>double
json_array_contains json,bigint>boolean json,boolean>boolean json,double>boolean json,varchar(x)>boolean varchar(x),bigint>boolean varchar(x),boolean>boolean varchar(x),double>boolean varchar(x),varchar(y)>boolean
json_array_get json,bigint>json varchar(x),bigint>json
json_array_length json>bigint varchar(x)>bigint
json_extract json,jsonpath>json varchar(x),jsonpath>json
json_extract_scalar json,jsonpath>varchar varchar(x),jsonpath>varchar(x)
json_format json>varchar
json_parse varchar(x)>json
json_size json,jsonpath>bigint varchar(x),jsonpath>bigint
kurtosis* bigint>double double>double
lag~ t>t t,bigint>t t,bigint,t>t
last_day_of_month date>date timestamp(p)>date timestamp(p)_with_time_zone>date
last_value~ t>t
lead~ t>t t,bigint>t t,bigint,t>t
least E>E
length char(x)>bigint varbinary>bigint varchar(x)>bigint
levenshtein_distance varchar(x),varchar(y)>bigint
listagg* varchar,varchar,boolean,varchar,boolean>varchar
ln double>double
log double,double>double
log10 double>double
log2 double>double
lower char(x)>char(x) varchar(x)>varchar(x)
lpad varbinary,bigint,varbinary>varbinary char(x),bigint,varchar(y)>varchar varchar(x),bigint,varchar(y)>varchar
ltrim char(x)>varchar(x) char(x),codepoints>varchar(x) varchar(x)>varchar(x) varchar(x),codepoints>varchar(x)
luhn_check varchar>boolean
make_set_digest* t>setdigest
map array(K),array(V)>map(K,V) >map(unknown,unknown)
map_agg* k,v>map(k,v)
map_concat map(K,V)>map(K,V)
map_entries map(k,v)>array(row(k,v))
map_filter map(K,V),function(K,V,boolean)>map(K,V)
map_from_entries array(row(k,v))>map(k,v)
map_keys map(k,v)>array(k)
map_union* map(k,v)>map(k,v)
map_values map(k,v)>array(v)
map_zip_with map(K,V1),map(K,V2),function(K,V1,V2,V3)>map(K,V3)
max* e,bigint>array(e) t>t
max_by* v,k,bigint>array(v) v,k>v
md5 varbinary>varbinary
merge* hyperloglog>hyperloglog qdigest(v)>qdigest(v) tdigest>tdigest
merge_set_digest* setdigest>setdigest
millisecond interval_day_to_second>bigint time(p)>bigint time(p)_with_time_zone>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
min* e,bigint>array(e) t>t
min_by* v,k,bigint>array(v) v,k>v
minute interval_day_to_second>bigint time(p)>bigint time(p)_with_time_zone>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
mod bigint,bigint>bigint decimal(a_precision,a_scale),decimal(b_precision,b_scale)>decimal(r_precision,r_scale) double,double>double integer,integer>integer real,real>real smallint,smallint>smallint tinyint,tinyint>tinyint
month date>bigint interval_year_to_month>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
multimap_agg* k,v>map(k,array(v))
multimap_from_entries array(row(k,v))>map(k,array(v))
murmur3 varbinary>varbinary
nan >double
ngrams array(t),integer>array(array(t))
none_match array(t),function(t,boolean)>boolean
normal_cdf double,double,double>double
normalize varchar(x),varchar(y)>varchar
now >timestamp(3)_with_time_zone
nth_value~ t,bigint>t
ntile~ bigint>bigint
numeric_histogram* bigint,double>map(double,double) bigint,double,double>map(double,double) bigint,real>map(real,real) bigint,real,double>map(real,real)
parse_data_size varchar(x)>decimal(38,0)
parse_datetime varchar(x),varchar(y)>timestamp(3)_with_time_zone
parse_duration varchar(x)>interval_day_to_second
percent_rank~ >double
pi >double
pow double,double>double
power double,double>double
qdigest_agg* bigint>qdigest(bigint) bigint,bigint>qdigest(bigint) bigint,bigint,double>qdigest(bigint) double>qdigest(double) double,bigint>qdigest(double) double,bigint,double>qdigest(double) real>qdigest(real) real,bigint>qdigest(real) real,bigint,double>qdigest(real)
quarter date>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
radians double>double
rand bigint>bigint bigint,bigint>bigint >double integer>integer integer,integer>integer smallint>smallint smallint,smallint>smallint tinyint>tinyint tinyint,tinyint>tinyint
random bigint>bigint bigint,bigint>bigint >double integer>integer integer,integer>integer smallint>smallint smallint,smallint>smallint tinyint>tinyint tinyint,tinyint>tinyint
rank~ >bigint
reduce array(T),S,function(S,T,S),function(S,R)>R
reduce_agg* T,S,function(S,T,S),function(S,S,S)>S
regexp_count varchar(x),joniregexp>bigint
regexp_extract varchar(x),joniregexp>varchar(x) varchar(x),joniregexp,bigint>varchar(x)
regexp_extract_all varchar(x),joniregexp>array(varchar(x)) varchar(x),joniregexp,bigint>array(varchar(x))
regexp_like varchar(x),joniregexp>boolean
regexp_position varchar(x),joniregexp>integer varchar(x),joniregexp,integer>integer varchar(x),joniregexp,integer,integer>integer
regexp_replace varchar,joniregexp,function(array(varchar),varchar(x))>varchar varchar(x),joniregexp>varchar(x) varchar(x),joniregexp,varchar(y)>varchar(z)
regexp_split varchar(x),joniregexp>array(varchar(x))
regr_intercept* double,double>double real,real>real
regr_slope* double,double>double real,real>real
repeat t,bigint>array(t)
replace varchar(x),varchar(y),varchar(z)>varchar(u) varchar(x),varchar(y)>varchar(x)
reverse array(e)>array(e) char(x)>char(x) varbinary>varbinary varchar(x)>varchar(x)
round bigint>bigint bigint,integer>bigint decimal(p,s)>decimal(rp,rs) decimal(p,s),integer>decimal(rp,s) double>double double,integer>double integer>integer integer,integer>integer real>real real,integer>real smallint>smallint smallint,integer>smallint tinyint>tinyint tinyint,integer>tinyint
row_number~ >bigint
rpad varbinary,bigint,varbinary>varbinary varchar(x),bigint,varchar(y)>varchar
rtrim char(x)>varchar(x) char(x),codepoints>varchar(x) varchar(x)>varchar(x) varchar(x),codepoints>varchar(x)
second interval_day_to_second>bigint time(p)>bigint time(p)_with_time_zone>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
sequence bigint,bigint>array(bigint) bigint,bigint,bigint>array(bigint) date,date>array(date) date,date,interval_day_to_second>array(date) date,date,interval_year_to_month>array(date) timestamp(p),timestamp(p),interval_day_to_second>array(timestamp(p)) timestamp(p),timestamp(p),interval_year_to_month>array(timestamp(p)) bigint,bigint,bigint>unknown
sha1 varbinary>varbinary
sha256 varbinary>varbinary
sha512 varbinary>varbinary
shuffle array(e)>array(e)
sign bigint>bigint decimal(p,s)>decimal(1,0) double>double integer>integer real>real smallint>smallint tinyint>tinyint
sin double>double
sinh double>double
skewness* bigint>double double>double
slice array(e),bigint,bigint>array(e)
soundex varchar>varchar(4)
split varchar(x),varchar(y)>array(varchar(x)) varchar(x),varchar(y),bigint>array(varchar(x))
split_part varchar(x),varchar(y),bigint>varchar(x)
split_to_map varchar,varchar,varchar>map(varchar,varchar)
split_to_multimap varchar,varchar,varchar>map(varchar,array(varchar))
spooky_hash_v2_32 varbinary>varbinary
spooky_hash_v2_64 varbinary>varbinary
sqrt double>double
starts_with varchar(x),varchar(y)>boolean
stddev* bigint>double double>double
stddev_pop* bigint>double double>double
stddev_samp* bigint>double double>double
strpos varchar(x),varchar(y)>bigint varchar(x),varchar(y),bigint>bigint
substr varbinary,bigint>varbinary varbinary,bigint,bigint>varbinary char(x),bigint>varchar(x) char(x),bigint,bigint>varchar(x) varchar(x),bigint>varchar(x) varchar(x),bigint,bigint>varchar(x)
substring char(x),bigint>varchar(x) char(x),bigint,bigint>varchar(x) varchar(x),bigint>varchar(x) varchar(x),bigint,bigint>varchar(x)
sum* bigint>bigint decimal(p,s)>decimal(38,s) double>double interval_day_to_second>interval_day_to_second interval_year_to_month>interval_year_to_month real>real
tan double>double
tanh double>double
tdigest_agg* double>tdigest double,double>tdigest
timezone_hour time(p)_with_time_zone>bigint timestamp(p)_with_time_zone>bigint
timezone_minute time(p)_with_time_zone>bigint timestamp(p)_with_time_zone>bigint
to_base bigint,bigint>varchar(64)
to_base32 varbinary>varchar
to_base64 varbinary>varchar
to_base64url varbinary>varchar
to_big_endian_32 integer>varbinary
to_big_endian_64 bigint>varbinary
to_hex varbinary>varchar
to_ieee754_32 real>varbinary
to_ieee754_64 double>varbinary
to_iso8601 date>varchar(16) timestamp(p)>varchar(n) timestamp(p)_with_time_zone>varchar(n)
to_milliseconds interval_day_to_second>bigint
to_unixtime timestamp(p)_with_time_zone>double
to_utf8 char(x)>varbinary varchar(x)>varbinary
transform array(T),function(T,U)>array(U)
transform_keys map(K1,V),function(K1,V,K2)>map(K2,V)
transform_values map(K,V1),function(K,V1,V2)>map(K,V2)
translate varchar(x),varchar(y),varchar(z)>varchar
trim char(x)>varchar(x) char(x),codepoints>varchar(x) varchar(x)>varchar(x) varchar(x),codepoints>varchar(x)
trim_array array(e),bigint>array(e)
truncate decimal(p,s),integer>decimal(p,s) decimal(p,s)>decimal(rp,0) double>double real>real
typeof t>varchar
upper char(x)>char(x) varchar(x)>varchar(x)
url_decode varchar(x)>varchar(x)
url_encode varchar(x)>varchar(y)
url_extract_fragment varchar(x)>varchar(x)
url_extract_host varchar(x)>varchar(x)
url_extract_parameter varchar(x),varchar(y)>varchar(x)
url_extract_path varchar(x)>varchar(x)
url_extract_port varchar(x)>bigint
url_extract_protocol varchar(x)>varchar(x)
url_extract_query varchar(x)>varchar(x)
uuid >uuid
value_at_quantile qdigest(bigint),double>bigint qdigest(double),double>double tdigest,double>double qdigest(real),double>real
values_at_quantiles qdigest(bigint),array(double)>array(bigint) qdigest(double),array(double)>array(double) tdigest,array(double)>array(double) qdigest(real),array(double)>array(real)
var_pop* bigint>double double>double
var_samp* bigint>double double>double
variance* bigint>double double>double
week date>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
week_of_year date>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
width_bucket double,array(double)>bigint double,double,double,bigint>bigint
wilson_interval_lower bigint,bigint,double>double
wilson_interval_upper bigint,bigint,double>double
with_timezone timestamp(p),varchar(x)>timestamp(p)_with_time_zone
word_stem varchar(x)>varchar(x) varchar(x),varchar(2)>varchar(x)
xxhash64 varbinary>varbinary
year date>bigint interval_year_to_month>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
year_of_week date>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
yow date>bigint timestamp(p)>bigint timestamp(p)_with_time_zone>bigint
zip array(T1),array(T2)>array(row(T1,T2)) array(T1),array(T2),array(T3)>array(row(T1,T2,T3)) array(T1),array(T2),array(T3),array(T4)>array(row(T1,T2,T3,T4)) array(T1),array(T2),array(T3),array(T4),array(T5)>array(row(T1,T2,T3,T4,T5))
zip_with array(T),array(U),function(T,U,R)>array(R)
`;
