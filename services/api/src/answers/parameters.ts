/** What the parameters are, by their names; the ones of an endpoint by `GET /path name` where they differ. */
export const PARAMETERS: Readonly<Record<string, string>> = {
  id: 'Dataset id.',
  n: 'Version number.',
  tipo: 'Which table of this section.',
  q: 'Search words. A dataset must have each of them, or a word that begins so.',
  'GET /v1/datasets theme': 'Only datasets with this theme.',
  'GET /v1/datasets tag': 'Only datasets with this tag.',
  limit: 'Maximum number of items.',
  cursor: 'The `next` of the previous page.',
  version: 'Version number; the latest by default. The response for a fixed version never changes.',
  as_of: 'The version that was the latest at this time (`YYYY-MM-DD` or ISO 8601).',
  'GET /v1/datasets publisher': 'Only datasets of this publisher.',
  'GET /v1/datasets licence': 'Only datasets with the licence of this name, such as `CC-BY-4.0`.',
  'GET /v1/datasets source': 'Only datasets of the source with this id.',
  'GET /v1/datasets state':
    'Only datasets in this state: `published`; `unpublished`, before the first version; `refused`, whose file could not be read when it was last checked; `gone`, which its source no longer holds.',
  'GET /v1/datasets freshness':
    'Only datasets whose latest version is so old: at most a day, a week, 31 days or 366 days, and older than the one before.',
  'GET /v1/datasets covers': 'Only datasets with rows about this year, or about one of these: `1990-1999`.',
  'GET /v1/datasets sort':
    'Order of the list. `-` in front reverses it. `relevance` by default where there is a `q`, else `id`.',
  'GET /v1/plots/{id} theme': 'Colours for a light or a dark page.',
  'POST /v1/admin/sources/preview url': 'Address of a file, a page or an API. Either this or `source`.',
  'POST /v1/admin/sources/preview id': 'Id of the source that becomes of `url`; by default made of its address.',
  'POST /v1/admin/sources/preview source': 'A source, as `PUT /v1/admin/sources/{id}` takes it. Either this or `url`.',
  'GET /sitemap.xml page': 'Number of a sitemap of the index, from 1.',
  'GET /data theme': 'A theme of GET /themes.',
  'GET /data dataset': 'The `Name` of a dataset of this theme.',
  'GET /v1/datasets format': 'Only datasets whose source has a file of this format, such as `csv`.',
  format: 'Format of the response.',
  kind: 'Only runs of this kind.',
  level: 'Only lines with this level.',
  queue: 'Only messages of this queue.',
  last_name: 'Beginning of the last name. Case and accents are ignored.',
  country: 'Only users in this country.',
  gender: 'Only users of this gender.',
  from: 'Number of the older version; by default the one before `to`.',
  to: 'Number of the newer version; the latest by default.',
  row: 'The row: `column:value,…`, `line:12`, or its number in the table, from 1.',
  columns: 'Comma-separated columns whose values are counted.',
  column: 'Only the cells of this column.',
  x: 'Column of the horizontal axis.',
  y: 'Numeric column of the vertical axis.',
  series: 'Column that splits the data into series.',
  mark: 'Kind of plot.',
  aggregate: 'How several values at the same place are combined.',
  width: 'Width in pixels.',
  height: 'Height in pixels.',
  scale: 'Scale factor of a PNG: its pixels for each pixel of the plot.',
  select:
    'Comma-separated columns in PostgREST syntax, with aliases (`ano:year`), casts (`year::text`) and aggregates (`year,quantity.sum()`).',
  order: 'Comma-separated columns to sort by: `year.desc,product.asc.nullslast`.',
  offset: 'Number of rows to skip.',
  filters:
    'Filters, keyed by column: `year=gte.2000`, `product=ilike.*tinto*`, `or=(year.eq.1970,year.eq.1980)`. For two filters on one column, write `and=(year.gte.2000,year.lt.2010)` or give the column twice. Operators: eq neq gt gte lt lte like ilike in is, each with an optional `not.` before it.',
  and: 'Conditions that must all hold, on any columns: `(year.gte.2000,year.lt.2010)`. Use it when your client cannot send `filters`.',
  or: 'Conditions of which at least one must hold: `(year.eq.1970,and(year.gt.2010,product.like.*Tinto*))`.',
  guard: '`off`: do not put an apostrophe before CSV text that a spreadsheet would run as a formula.',
  redirect:
    '`false`: answer 200 with the URL of a file, valid for 15 minutes, instead of a redirect. Rows and changes are then written to a file however few they are.',
  file: 'File name.',
  sql: 'A single SELECT statement. `:name` is a parameter.',
  parameters: 'Parameter values, keyed by name: strings, numbers, true, false or null.',
  'GET /v1/datasets/{id}/versions state':
    'State of the versions; `published` by default. Only operators may ask for `held` and `rejected`.',
  'GET /v1/datasets/{id}/facets limit': 'Maximum number of values of each column.',
  'GET /v1/runs/{id} id': 'Run id.',
  'GET /v1/runs/{id}/log id': 'Run id.',
  'GET /v1/runs/{id}/log limit': 'Maximum number of log objects. Each holds the lines of one invocation.',
  'GET /v1/query/{id} id': 'Query id.',
  'DELETE /v1/query/{id} id': 'Query id.',
  'PATCH /v1/admin/datasets/{id} title': 'Its title; null takes the edit back, as for all of these.',
  'PATCH /v1/admin/datasets/{id} description': 'Its description.',
  'PATCH /v1/admin/datasets/{id} tags': 'Its tags, all of them.',
  'PATCH /v1/admin/datasets/{id} theme': 'Its theme.',
  'PATCH /v1/admin/datasets/{id} licence': 'Its licence: `name` is the identifier, such as `CC-BY-4.0`.',
  'POST /fetch-data users': 'Number of users to fetch; by default that of the schedule.',
  'POST /fetch-data size': 'Number of users per call.',
  'POST /v1/admin/rebuild dataset': 'Dataset id.',
  'POST /v1/admin/rebuild version': 'Number of the version that is made again.',
  'POST /v1/admin/replay dataset': 'Dataset id.',
  'POST /v1/admin/dead-letters/redrive ids': 'Ids of the messages, as their list gives them; by default all of them.',
  'POST /v1/admin/dead-letters/redrive per_second': 'Number of messages a second.',
  'GET /v1/admin/sources/{id} id': 'Source id.',
  'PUT /v1/admin/sources/{id} id': 'Source id.',
  'DELETE /v1/admin/sources/{id} id': 'Source id.',
  'GET /v1/admin/sources/{id}/history id': 'Source id.',
  'POST /v1/admin/sources/{id}/pause id': 'Source id.',
  'POST /v1/admin/sources/{id}/resume id': 'Source id.',
  'POST /v1/admin/sources/{id}/collect id': 'Source id.',
  'POST /v1/admin/sources/{id}/collect accept_gone':
    '`true`: resources that are no longer listed are marked as gone, however many they are.',
  'GET /v1/resources source': 'Only resources of the source with this id.',
  'GET /v1/resources state': 'Only resources in this state.',
  'GET /v1/resources host': 'Only resources at this host: `data.example.org`.',
  'PUT /v1/admin/resources/{id} id': 'A resource, as `GET /v1/resources` names it: `source:id`.',
  'POST /v1/admin/resources/{id}/check id': 'A resource, as `GET /v1/resources` names it: `source:id`.',
  'PUT /v1/admin/resources/{id} excluded': 'Why the resource is not to be fetched; null where it is.',
  'PUT /v1/admin/resources/{id} contract': 'What changes of columns do, of all its tables.',
  'GET /v1/users/{id} id': 'User id. Several users may share it.',
};

type Extra = {
  name: string;
  in: 'query' | 'header';
  schema: Readonly<Record<string, unknown>>;
  description?: string;
  example?: unknown;
};
const query = (name: string, schema: Extra['schema'] = { type: 'string' }): Extra => ({ name, in: 'query', schema });

const header = (name: string, description: string, example?: string): Extra => ({
  ...{ name, in: 'header', schema: { type: 'string' }, description },
  ...(example !== undefined && { example }),
});

const TREES: readonly Extra[] = [query('and'), query('or')];

/** What endpoints read by themselves: the names are those of columns too, so their schemas do not have them. */
export const EXTRA_PARAMETERS: Readonly<Record<string, readonly Extra[]>> = {
  'PUT /v1/admin/sources/{id}': [
    header('If-Match', 'To change a source: the ETag of its GET.'),
    header('If-None-Match', 'To create a source: `*`.', '*'),
  ],
  'DELETE /v1/admin/sources/{id}': [header('If-Match', 'The ETag of its GET.', '*')],
  'POST /v1/admin/sources/{id}/pause': [header('If-Match', 'The ETag of its GET, if you like.')],
  'POST /v1/admin/sources/{id}/resume': [header('If-Match', 'The ETag of its GET, if you like.')],
  'POST /v1/query': [
    {
      name: 'Prefer',
      in: 'header',
      schema: { type: 'string' },
      description:
        '`wait=5`: answer 202 when the query is still running after 5 seconds (at most 20). `respond-async`: answer 202 at once.',
    },
    {
      name: 'Cache-Control',
      in: 'header',
      schema: { type: 'string' },
      description: '`no-cache`: run the query even when an earlier result could be reused.',
    },
  ],
  'GET /v1/query/{id}': [
    {
      name: 'Prefer',
      in: 'header',
      schema: { type: 'string' },
      description: '`wait=5`: answer 202 when the query is still running after 5 seconds (at most 20; 0 by default).',
    },
  ],
  'GET /v1/plots/{id}': TREES,
  'GET /v1/datasets/{id}/facets': [
    query('columns'),
    query('limit', { type: 'integer', minimum: 1, maximum: 1000, default: 20 }),
    query('version', { type: 'integer', minimum: 1, maximum: 999_999 }),
    ...TREES,
  ],
  'GET /v1/records/{id}': [
    query('select'),
    query('order'),
    // A page that tries the call fills this in: it would be slow with thousands of rows to show.
    { ...query('limit', { type: 'integer', minimum: 0 }), example: 10 },
    query('offset', { type: 'integer', minimum: 0 }),
    query('version', { type: 'integer', minimum: 1, maximum: 999_999 }),
    query('as_of'),
    {
      ...query('from', { type: 'string', enum: ['rows', 'quarantine'], default: 'rows' }),
      description:
        'What is read: the rows of the version, or what was not published of its file (`line`, `column`, `positions`, `raw`, `reason`, `rows`).',
    },
    query('format', { type: 'string', enum: ['json', 'ndjson', 'csv', 'parquet', 'xlsx'] }),
    query('guard', { type: 'string', enum: ['on', 'off'] }),
    query('redirect', { type: 'boolean', default: true }),
    ...TREES,
    {
      name: 'Range',
      in: 'header',
      schema: { type: 'string' },
      description: 'Range of rows, as in PostgREST: `0-9` is the first ten.',
    },
    {
      name: 'Prefer',
      in: 'header',
      schema: { type: 'string' },
      description: '`count=exact`: report the total number of rows in Content-Range.',
    },
    {
      name: 'Accept-Datetime',
      in: 'header',
      schema: { type: 'string' },
      description: 'The same as `as_of`, as an RFC 7089 header.',
    },
  ],
};
