/** Long: a table with one entry for each route. */
import { WIDE_ROUTES } from '@granary/sources/sources.gen';
import { z } from 'zod';
import { FILE_TYPE } from '../exports/file-reply.ts';
import { type Answers, json } from './answer.ts';
import { Editable } from './editable-answer.ts';
import { ChangesFile, LIES, RecordsFile, ResultFile, stored, VersionFile } from './file-answers.ts';
import { PreviewShape } from './preview-answer.ts';
import { FacetsShape, ProfileShape } from './profile-answers.ts';
import { ResourceShape } from './resource-answers.ts';
import {
  ColumnType,
  count,
  DatasetShape,
  datasetId,
  page,
  QuarantineShape,
  RunShape,
  SourceAnswer,
  text,
  VersionShape,
  versionNumber,
} from './shapes.ts';
import { RevisionAnswer, SourceConfiguration, SourceState } from './source-answers.ts';
import { UserAnswer } from './user-answer.ts';

const queue = () => z.enum(['collect', 'fetch-users']);
const facet = () => z.array(z.strictObject({ value: z.string(), count: z.int() }));
const cell = () => z.union([z.string(), z.number(), z.boolean(), z.null()]);
const row = () => z.record(z.string(), cell());
const NEXT = { Link: '`rel="next"` is the next page.' };
const DESCRIBED = { Link: '`rel="describedby"` describes the columns and their types.' };

const Row = row().meta({
  id: 'Row',
  description: 'A row: one member for each selected column.',
  examples: [{ product: 'Tinto', year: 1970, quantity: 174224052 }],
});

/**
 * The shape that these routes always had: sections of records, years as they stand in the file; without sections a
 * list.
 */
const SectionedTable = z.record(z.string(), z.array(row())).meta({
  id: 'SectionedTable',
  description: 'Lists of records, keyed by section. The first record of a section is its total.',
});
const ListedTable = z.array(row()).meta({ id: 'ListedTable', description: 'Records in file order.' });
/** A union of the two is more than clients can be generated of. */
const EitherTable = z.unknown().meta({
  id: 'EitherTable',
  description:
    'Lists of records, keyed by section; the first record of a section is its total. A file without sections gives a single list of records.',
});
const WIDE_SHAPES = { sectioned: SectionedTable, listed: ListedTable, either: EitherTable };
const wide = (shape: z.ZodType): Answers =>
  json('The table in the layout of its source, with keys and years in file order.', shape);

const RowAdded = z
  .strictObject({ op: z.literal('add'), key: row(), row: row(), at: z.strictObject({ to: z.string() }) })
  .meta({ id: 'RowAdded' });
const RowRemoved = z
  .strictObject({ op: z.literal('remove'), key: row(), row: row(), at: z.strictObject({ from: z.string() }) })
  .meta({ id: 'RowRemoved' });
const RowChanged = z
  .strictObject({
    op: z.literal('change'),
    key: row(),
    cells: z.record(z.string(), z.tuple([cell(), cell()])),
    at: z.strictObject({ from: z.string(), to: z.string() }),
  })
  .meta({ id: 'RowChanged' });
const Change = z.discriminatedUnion('op', [RowAdded, RowRemoved, RowChanged]).meta({
  id: 'Change',
  description: 'A row that was added, removed or changed. Each member of `cells` is `[before, after]`.',
});

const DatasetEditsShape = z
  .strictObject({
    dataset: datasetId(),
    revision: count('One more with each edit; 0 before the first.'),
    edited_at: z.nullable(z.iso.datetime()),
    edited_by: z.nullable(text('The `sub` of the operator who edited last.')),
    values: Editable,
    source: Editable,
  })
  .meta({ id: 'DatasetEdits' });

const LogLine = z
  .looseObject({ time: z.iso.datetime(), level: z.enum(['INFO', 'ERROR']), run: z.string(), message: z.string() })
  .meta({ id: 'LogLine', description: 'A log line. The other members depend on the message.' });

const DeadLetter = z
  .strictObject({
    id: z.string(),
    queue: queue(),
    run: z.nullable(z.string()),
    part: z.nullable(z.int()),
    message: z.nullable(z.looseObject({ type: z.string() })),
    body_bytes: z.int(),
    body_sha256: z.string(),
    reason: z.string(),
    answer: z.optional(SourceAnswer),
    failed_at: z.nullable(z.iso.datetime()),
    sent_at: z.iso.datetime(),
    receives: z.int(),
  })
  .meta({ id: 'DeadLetter' });

const Status = z
  .strictObject({
    users: count('Number of users written.'),
    api_calls: z.int(),
    errors: z.array(
      z.strictObject({
        host: z.nullable(z.string()),
        message: z.string(),
        response: z.nullable(z.int()),
        response_content: z.nullable(z.string()),
      }),
    ),
    timestamp: z.int().meta({ description: 'When the fetch ended, in milliseconds since 1970-01-01 UTC.' }),
    duration: z.nullable(z.number()).meta({ description: 'How long the fetch took, in seconds.' }),
  })
  .meta({ id: 'Status' });

const usd = (description: string) => z.number().min(0).meta({ description });
const DatasetCost = z
  .strictObject({
    dataset: datasetId(),
    estimate: z.literal(true),
    currency: z.literal('USD'),
    prices: z.strictObject({
      region: text('The AWS region whose list prices are used.'),
      as_of: z.iso.date().meta({ description: 'The date of the price table.' }),
      deployed_in: z.nullable(text('The region that this API runs in. Its prices may differ.')),
    }),
    usd_per_month: usd('Storage plus collection.'),
    stored: z.strictObject({
      versions: count('Number of versions, including held and rejected ones.'),
      bytes: z.strictObject({
        files: count('Files of all versions: Parquet, CSV, descriptor and quarantine.'),
        raw: count('Raw files, as fetched.'),
        latest_csv: count('The extra copy of the latest version as CSV.'),
      }),
      usd_per_month: usd('Storage cost.'),
    }),
    collecting: z.strictObject({
      days: z.int().min(1),
      since: z.iso.datetime(),
      complete: z.boolean().meta({
        description: 'Whether all runs of the period were counted. False: the period has more runs than are read.',
      }),
      runs: count('Runs of the source of this dataset.'),
      requests: z
        .number()
        .min(0)
        .meta({ description: 'Requests to the source: the share of this dataset in each run.' }),
      usd: usd('The share of this dataset in the cost of the runs.'),
    }),
    assumptions: z.array(z.string()),
  })
  .meta({ id: 'DatasetCost', description: 'An estimate at list prices. Sums are not rounded.' });

const queryId = () => z.uuid().meta({ description: 'Query id.' });
const queryMs = () => count('Milliseconds from the start of the query until it ended, or until now.');

const QueryResult = z
  .strictObject({
    id: queryId(),
    state: z.literal('succeeded'),
    columns: z.array(
      z.strictObject({ name: z.string(), type: text('The SQL type: `bigint`, `varchar`, `decimal(10,2)`, …') }),
    ),
    ...page(Row),
    bytes_scanned: count('Bytes that the query read; 0 when an earlier result was reused.'),
    duration_ms: queryMs(),
    reused: z.boolean().meta({ description: 'Whether the result was reused from an earlier run of the same query.' }),
  })
  .meta({ id: 'QueryResult' });

const QueryUnderWay = z
  .strictObject({
    id: queryId(),
    state: z.enum(['queued', 'running']),
    submitted_at: z.iso.datetime(),
    duration_ms: queryMs(),
  })
  .meta({ id: 'QueryUnderWay' });

const LOCATION = { Location: 'The address of the query: /v1/query/{id}.' };
const APPLIED = { 'Preference-Applied': 'The preferences that were applied.' };
const queryAnswers = (): Answers => ({
  200: {
    description: 'A page of the result. It has `limit` rows, or fewer when those are too large for one response.',
    headers: { ...NEXT, ...LOCATION, ...APPLIED },
    content: { 'application/json': QueryResult, [FILE_TYPE]: ResultFile },
  },
  202: {
    description: 'The query is still running. Ask again.',
    headers: { ...LOCATION, ...APPLIED, 'Retry-After': 'Seconds to wait before asking again.' },
    content: { 'application/json': QueryUnderWay },
  },
  303: {
    description:
      'Redirect to the whole result as CSV (RFC 4180, UTF-8, every value quoted). The link is valid for 15 minutes.',
    headers: { ...LIES, ...APPLIED },
    content: { 'application/json': ResultFile },
  },
});

const REVISION = { ETag: 'The revision. Send it in If-Match with the next edit.' };

const startedRun = (): Answers => ({
  202: {
    description: 'The run. It continues in the background.',
    headers: { Location: 'The address of the run.' },
    content: { 'application/json': RunShape },
  },
});

const anyObject = () => z.record(z.string(), z.unknown());

/** What every endpoint answers when it does what it was asked. One that is not here says it in its own `response`. */
export const ANSWERS: Readonly<Record<string, Answers>> = {
  'GET /health': json('The API is up.', z.strictObject({ status: z.literal('ok') })),
  'GET /status': json('The last fetch that ended; null before the first one.', z.nullable(Status), {
    Link: '`rel="describedby"` is its run.',
  }),
  'GET /themes': json('The themes, in order of name.', z.array(z.string())),
  'GET /data': {
    ...json(
      'The datasets of a theme; with `dataset`, the rows of a table, of which the first is the header.',
      z.unknown(),
    ),
    303: stored('Redirect to a file, because the table is too large for one response. The file expires.', RecordsFile),
  },
  'GET /v1/datasets': json(
    'A page of the catalog.',
    z.strictObject({
      ...page(DatasetShape),
      total: count('Datasets that were found, on all pages.'),
      facets: z.strictObject({
        ...{ theme: facet(), tag: facet(), publisher: facet(), licence: facet(), format: facet(), source: facet() },
        ...{ state: facet(), freshness: facet() },
      }),
    }),
  ),
  'GET /v1/datasets/{id}': {
    200: {
      description: 'The dataset; a Dataset of schema.org where that is accepted.',
      content: { 'application/json': DatasetShape, 'application/ld+json': anyObject() },
    },
  },
  'GET /v1/datasets/{id}/cost': json('The estimate, its parts and its assumptions.', DatasetCost),
  'GET /v1/datasets/{id}/versions': json('A page of versions.', z.strictObject(page(VersionShape))),
  'GET /v1/datasets/{id}/versions/{n}': json('The version.', VersionShape),
  'GET /v1/datasets/{id}/quarantine': json(
    'A page of quarantine entries.',
    z.strictObject({ version: versionNumber(), ...page(QuarantineShape) }),
  ),
  'GET /v1/datasets/{id}/download': {
    200: {
      description: 'A link to the file, valid for 15 minutes (`redirect=false`).',
      content: { 'application/json': VersionFile },
    },
    303: stored('Redirect to the file. The link is valid for 15 minutes.', VersionFile),
  },
  'GET /v1/datasets/{id}/profile': json('The profile.', ProfileShape),
  'GET /v1/datasets/{id}/facets': json('The counts.', FacetsShape),
  'GET /v1/datasets/{id}/diff': {
    200: {
      description: 'The changes.',
      headers: NEXT,
      content: {
        'application/json': z.strictObject({
          from: versionNumber(),
          to: versionNumber(),
          key: z.array(z.string()),
          matched_by: z
            .array(z.string())
            .meta({ description: 'Rows with equal values in these columns are the same row.' }),
          ignored: z.array(z.string()).meta({ description: 'Columns whose changes are ignored.' }),
          counts: z.strictObject({ added: z.int(), removed: z.int(), changed: z.int(), unchanged: z.int() }),
          fields: z.strictObject({
            added: z.array(z.string()),
            removed: z.array(z.string()),
            retyped: z.array(z.strictObject({ name: z.string(), from: ColumnType, to: ColumnType })),
          }),
          ...page(Change),
        }),
        'application/x-ndjson': 'One change a line, as in `items`.',
        [FILE_TYPE]: ChangesFile,
      },
    },
    303: stored(
      'Redirect to all changes as NDJSON, which are too large for one response. The file expires.',
      ChangesFile,
    ),
  },
  'GET /v1/datasets/{id}/provenance': json(
    'The origin of the row.',
    z.strictObject({
      dataset: datasetId(),
      version: versionNumber(),
      row: row(),
      matches: count('Number of rows that match.'),
      source: z.strictObject({
        url: z.string(),
        fetched_at: z.iso.datetime(),
        sha256: z.string(),
        bytes: z.int(),
        raw: text('The address of the raw file, as fetched.'),
      }),
      place: z.strictObject({
        line: z.nullable(z.int()),
        cells: z.record(
          z.string(),
          z.array(z.strictObject({ position: z.int(), header: z.nullable(z.string()), text: z.nullable(z.string()) })),
        ),
      }),
      parser_version: z.int(),
      text: z.nullable(text('The line as it is in the file.')),
      quarantine: z.array(QuarantineShape),
    }),
  ),
  'GET /v1/records': {
    200: {
      description: 'A Swagger 2.0 document of the datasets.',
      content: {
        'application/openapi+json': z.looseObject({
          swagger: z.literal('2.0'),
          paths: z.looseObject({}),
          definitions: z.looseObject({}),
          parameters: z.looseObject({}),
        }),
      },
    },
  },
  'GET /v1/records/{id}': {
    200: {
      description: 'The rows.',
      headers: {
        ...DESCRIBED,
        'Content-Range': '`0-99/*`: the range of rows. `*` is replaced by the total when the request asks for a count.',
        'Repr-Digest': 'SHA-256 of the bytes as they are sent (RFC 9530).',
      },
      content: {
        'application/json': z.array(Row),
        'application/vnd.pgrst.object+json': Row,
        'application/x-ndjson': 'One row a line.',
        'text/csv': 'RFC 4180 in UTF-8, with a header.',
        'application/vnd.apache.parquet': 'Parquet.',
        'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'XLSX, one sheet.',
        [FILE_TYPE]: RecordsFile,
      },
    },
    206: {
      description: 'Part of the rows, when the request asks for a count (`Prefer: count=exact`).',
      headers: {
        ...DESCRIBED,
        'Content-Range': '`0-99/2754`: the range of rows and the total.',
        'Content-Digest': 'SHA-256 of the bytes as they are sent (RFC 9530).',
      },
      content: { 'application/json': z.array(Row), 'text/csv': 'RFC 4180 in UTF-8, with a header.' },
    },
    303: stored('Redirect to a file, because the rows are too large for one response. The file expires.', RecordsFile),
  },
  'GET /v1/plots/{id}': {
    200: {
      description: 'The plot.',
      headers: { Link: '`rel="alternate"` is the address of the plotted rows.' },
      content: {
        'image/svg+xml': 'SVG with alternative text and a link to the data.',
        'image/png': 'PNG.',
        'application/json': anyObject().meta({ description: 'A Vega-Lite specification.' }),
      },
    },
  },
  'POST /v1/query': queryAnswers(),
  'GET /v1/query/{id}': queryAnswers(),
  'DELETE /v1/query/{id}': json(
    'The state of the query.',
    z.strictObject({ id: queryId(), state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']) }),
  ),
  'GET /v1/users': json('A page of users.', z.strictObject(page(UserAnswer)), NEXT),
  'GET /v1/users/{id}': json('The users with this id.', z.strictObject(page(UserAnswer))),
  'GET /view-data': json('A page of users.', z.array(UserAnswer), NEXT),
  'GET /v1/runs': json('A page of runs.', z.strictObject(page(RunShape))),
  'GET /v1/runs/{id}': json('The run.', RunShape),
  'GET /v1/runs/{id}/log': json('A page of log lines.', z.strictObject(page(LogLine))),
  'POST /fetch-data': startedRun(),
  'POST /v1/admin/replay': startedRun(),
  'POST /v1/admin/rebuild': startedRun(),
  'GET /v1/admin/datasets/{id}': json('The edits; all empty where there are none.', DatasetEditsShape),
  'PATCH /v1/admin/datasets/{id}': json('The edits as they stand now.', DatasetEditsShape, {
    ETag: 'The revision, for the next edit.',
  }),
  'POST /v1/admin/datasets/{id}/versions/{n}/release': json('The version, published.', VersionShape),
  'POST /v1/admin/datasets/{id}/versions/{n}/reject': json('The version, rejected.', VersionShape),
  'POST /v1/admin/datasets/{id}/versions/{n}/restore': json('The new version. It is now the latest.', VersionShape),
  'GET /v1/admin/sources': json('The sources.', z.strictObject(page(SourceState))),
  'GET /v1/admin/sources/{id}': json('The configuration. The ETag is its revision.', SourceConfiguration),
  'GET /v1/admin/sources/{id}/history': json('A page of edits.', z.strictObject(page(RevisionAnswer))),
  'PUT /v1/admin/sources/{id}': {
    200: {
      description: 'The source, changed; or as it was, when it has this very configuration.',
      headers: REVISION,
      content: { 'application/json': SourceState },
    },
    201: {
      description: 'The source, created.',
      headers: { ...REVISION, Location: 'The address of the source.' },
      content: { 'application/json': SourceState },
    },
  },
  'DELETE /v1/admin/sources/{id}': json('The source, deleted.', SourceState, REVISION),
  'POST /v1/admin/sources/{id}/pause': json('The source, paused.', SourceState, REVISION),
  'POST /v1/admin/sources/{id}/resume': json('The source, active again.', SourceState, REVISION),
  'POST /v1/admin/sources/{id}/collect': {
    202: {
      description: 'The run. It continues in the background.',
      headers: { Location: 'The address of the run.' },
      content: { 'application/json': RunShape },
    },
  },
  'GET /v1/resources': json('A page of resources.', z.strictObject(page(ResourceShape))),
  'PUT /v1/admin/resources/{id}': json('The resource as it stands now.', ResourceShape),
  'POST /v1/admin/resources/{id}/check': {
    202: {
      description: 'The run. It continues in the background.',
      headers: { Location: 'The address of the run.' },
      content: { 'application/json': RunShape },
    },
  },
  'GET /v1/admin/dead-letters': json(
    'A page of dead letters.',
    z.strictObject({ ...page(DeadLetter), total: count('Approximate number of dead letters.') }),
  ),
  'POST /v1/admin/dead-letters/redrive': json(
    'The messages that were sent back.',
    z.strictObject({
      redriven: z.array(z.strictObject({ id: z.string(), queue: queue(), delay_s: z.int() })),
      not_found: z.array(z.string()),
      left: count('Approximate number of dead letters that are left.'),
    }),
  ),
  'POST /v1/admin/sources/preview': json('What the source would become.', PreviewShape),
  ...Object.fromEntries(WIDE_ROUTES.map(({ path, shape }) => [`GET ${path}`, wide(WIDE_SHAPES[shape])])),
  'GET /openapi.json': json('This document.', anyObject()),
  'GET /v1/datasets/{id}/openapi.json': json('An OpenAPI document of this dataset, with its columns.', anyObject()),
  'GET /postman.json': json('A collection (v2.1) to import.', anyObject()),
  'GET /docs': { 200: { description: 'The page.', content: { 'text/html': 'Swagger UI.' } } },
  'GET /docs/{file}': {
    200: {
      description: 'The file.',
      content: { 'text/javascript': 'A script.', 'text/css': 'A style sheet.', 'image/png': 'The icon.' },
    },
  },
  'GET /.well-known/api-catalog': {
    200: {
      description: 'Links to the descriptions of this API.',
      content: { 'application/linkset+json': anyObject() },
    },
  },
  'GET /catalog.jsonld': {
    200: { description: 'A page of the catalog.', content: { 'application/ld+json': anyObject() }, headers: NEXT },
  },
  'GET /sitemap.xml': { 200: { description: 'The sitemap.', content: { 'text/xml': 'XML of sitemaps.org.' } } },
};

/** What the areas are about. */
export const AREAS: Readonly<Record<string, string>> = {
  catalog: 'Datasets, their versions and the runs that made them',
  data: 'Tables in the layout of their sources, files and logs',
  records: 'Rows, queried in PostgREST’s language',
  query: 'SQL queries, for analysts',
  history: 'Changes between versions, and the origin of a figure',
  plots: 'Plots of datasets',
  users: 'Users, masked unless the caller may see more',
  operations: 'Starting and repairing runs, for operators',
  preview: 'Looking at a source before it is saved, for operators',
  sources: 'Sources: where data comes from, for operators',
  docs: 'Documentation for people and machines',
  system: 'Health',
};
