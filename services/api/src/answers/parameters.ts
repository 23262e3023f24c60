/** What the parameters are, by their names; the ones of an endpoint by `GET /path name` where they differ. */
export const PARAMETERS: Readonly<Record<string, string>> = {
  id: 'Id of the dataset.',
  n: 'Number of the version.',
  tipo: 'One of the tables of this name.',
  q: 'Words that must all be in id, title, description or tags.',
  theme: 'Only datasets of this theme.',
  tag: 'Only datasets with this tag.',
  limit: 'How many at most.',
  cursor: 'The `next` of the page before.',
  version: 'Number of the version; the latest when absent. An answer of a fixed version never changes.',
  as_of: 'The version that was the latest at this time (`YYYY-MM-DD` or ISO 8601).',
  format: 'Of the answer.',
  kind: 'Only runs of this kind.',
  level: 'Only lines of this level.',
  queue: 'Only of this queue.',
  last_name: 'How the last name begins, whatever case and accents.',
  country: 'Only users who live there.',
  gender: 'Only users of it.',
  from: 'Number of the older version; the one before `to` when absent.',
  to: 'Number of the newer version; the latest when absent.',
  row: 'The row: `column:value,…`, `line:12`, or its number from 1.',
  column: 'Only the cells of this column.',
  x: 'Column on the horizontal axis.',
  y: 'Column of figures on the vertical axis.',
  series: 'Column whose values are drawn apart.',
  mark: 'How it is drawn.',
  aggregate: 'What becomes of several figures of one place.',
  width: 'In pixels.',
  height: 'In pixels.',
  scale: 'Pixels of a PNG for each of the plot.',
  select:
    'Columns, comma separated, as PostgREST has them: aliases (`ano:year`), casts (`year::text`), aggregates (`year,quantity.sum()`).',
  order: 'Columns, comma separated: `year.desc,product.asc.nullslast`.',
  offset: 'How many rows are left out first.',
  filters:
    'Filters by the names of columns: `year=gte.2000`, `product=ilike.*tinto*`, `or=(year.eq.1970,year.eq.1980)`. Two on one column: `and=(year.gte.2000,year.lt.2010)`, or its name twice. Operators: eq neq gt gte lt lte like ilike in is, `not.` before any.',
  and: 'Conditions that all hold: `(year.gte.2000,year.lt.2010)`. Of any column, also where a client cannot write `filters`.',
  or: 'Conditions of which one holds: `(year.eq.1970,and(year.gt.2010,product.like.*Tinto*))`.',
  guard: '`off`: texts of a CSV that a spreadsheet would run as formulas stay as they are.',
  redirect:
    '`false`: a file is not redirected to; the answer is 200 with its URL, for 15 minutes (of rows and changes too few to be a file otherwise, too).',
  file: 'A part of the page.',
  sql: 'One SELECT. `:name` stands for a parameter.',
  parameters: 'Values by the names that stand for them in the SQL: texts, numbers, true, false, null.',
  'GET /v1/datasets/{id}/versions state': 'Those that are published; `held` and `rejected` are for operators.',
  'GET /v1/runs/{id} id': 'Id of the run.',
  'GET /v1/runs/{id}/log id': 'Id of the run.',
  'GET /v1/runs/{id}/log limit': 'How many objects of lines at most.',
  'GET /v1/query/{id} id': 'Id of the query.',
  'DELETE /v1/query/{id} id': 'Id of the query.',
  'GET /v1/users/{id} id': 'Id of the users; several may have it.',
};

type Extra = {
  name: string;
  in: 'query' | 'header';
  schema: Readonly<Record<string, unknown>>;
  description?: string;
  example?: unknown;
};
const query = (name: string, schema: Extra['schema'] = { type: 'string' }): Extra => ({ name, in: 'query', schema });

const TREES: readonly Extra[] = [query('and'), query('or')];

/** What endpoints read by themselves: the names are those of columns too, so their schemas do not have them. */
export const EXTRA_PARAMETERS: Readonly<Record<string, readonly Extra[]>> = {
  'POST /v1/query': [
    {
      name: 'Prefer',
      in: 'header',
      schema: { type: 'string' },
      description:
        '`wait=5`: so many seconds, at most 20, until a query that is under way is answered 202; `respond-async`: at once.',
    },
    {
      name: 'Cache-Control',
      in: 'header',
      schema: { type: 'string' },
      description: '`no-cache`: the query is run whatever results there are of it.',
    },
  ],
  'GET /v1/query/{id}': [
    {
      name: 'Prefer',
      in: 'header',
      schema: { type: 'string' },
      description:
        '`wait=5`: so many seconds, at most 20, until a query that is under way is answered 202; 0 when absent.',
    },
  ],
  'GET /v1/plots/{id}': TREES,
  'GET /v1/records/{id}': [
    query('select'),
    query('order'),
    // A page that tries the call fills this in: it would be slow with thousands of rows to show.
    { ...query('limit', { type: 'integer', minimum: 0 }), example: 10 },
    query('offset', { type: 'integer', minimum: 0 }),
    query('version', { type: 'integer', minimum: 1, maximum: 999_999 }),
    query('as_of'),
    query('format', { type: 'string', enum: ['json', 'ndjson', 'csv', 'parquet', 'xlsx'] }),
    query('guard', { type: 'string', enum: ['on', 'off'] }),
    query('redirect', { type: 'boolean', default: true }),
    ...TREES,
    {
      name: 'Range',
      in: 'header',
      schema: { type: 'string' },
      description: '`0-9`: the first ten rows, as PostgREST takes it.',
    },
    {
      name: 'Prefer',
      in: 'header',
      schema: { type: 'string' },
      description: '`count=exact`: Content-Range then says how many rows there are.',
    },
    {
      name: 'Accept-Datetime',
      in: 'header',
      schema: { type: 'string' },
      description: 'What `as_of` says, as RFC 7089 has it.',
    },
  ],
};
