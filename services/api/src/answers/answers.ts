/** Long: a table with one entry for each route. */
import { WIDE_ROUTES } from '@granary/sources/sources.gen';
import { z } from 'zod';
import { FILE_TYPE } from '../exports/file-reply.ts';
import { type Answers, json } from './answer.ts';
import { ChangesFile, LIES, RecordsFile, ResultFile, stored, VersionFile } from './file-answers.ts';
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
import { UserAnswer } from './user-answer.ts';

const queue = () => z.enum(['collect', 'fetch-users']);
const facet = () => z.array(z.strictObject({ value: z.string(), count: z.int() }));
const cell = () => z.union([z.string(), z.number(), z.boolean(), z.null()]);
const row = () => z.record(z.string(), cell());
const NEXT = { Link: '`rel="next"` leads to the next page.' };
const DESCRIBED = { Link: '`rel="describedby"` leads to the columns and their types.' };

const Row = row().meta({
  id: 'Row',
  description: 'A row by the names of the columns that were selected.',
  examples: [{ product: 'Tinto', year: 1970, quantity: 174224052 }],
});

/**
 * The shape that these routes always had: sections of records, years as they stand in the file; without sections a
 * list.
 */
const SectionedTable = z.record(z.string(), z.array(row())).meta({
  id: 'SectionedTable',
  description: 'Records by the names of their sections, each section’s total first.',
});
const ListedTable = z.array(row()).meta({ id: 'ListedTable', description: 'Records, in the order of the file.' });
/** A union of the two is more than clients can be generated of. */
const EitherTable = z.unknown().meta({
  id: 'EitherTable',
  description:
    'An object of lists of records by the names of their sections, each section’s total first; of a file without sections one list of records.',
});
const WIDE_SHAPES = { sectioned: SectionedTable, listed: ListedTable, either: EitherTable };
const wide = (shape: z.ZodType): Answers =>
  json('The table as its source has it, keys and years in the order of the file.', shape);

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
const Change = z
  .discriminatedUnion('op', [RowAdded, RowRemoved, RowChanged])
  .meta({ id: 'Change', description: 'A row that was added, removed or changed; of `cells` [before, after].' });

const LogLine = z
  .looseObject({ time: z.iso.datetime(), level: z.enum(['INFO', 'ERROR']), run: z.string(), message: z.string() })
  .meta({ id: 'LogLine', description: 'Other members say what the message is about.' });

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
    users: count('Users that were written.'),
    api_calls: z.int(),
    errors: z.array(
      z.strictObject({
        host: z.nullable(z.string()),
        message: z.string(),
        response: z.nullable(z.int()),
        response_content: z.nullable(z.string()),
      }),
    ),
    timestamp: z.int().meta({ description: 'When it ended, in ms since 1970.' }),
    duration: z.nullable(z.number()).meta({ description: 'In seconds.' }),
  })
  .meta({ id: 'Status' });

const usd = (description: string) => z.number().min(0).meta({ description });
const DatasetCost = z
  .strictObject({
    dataset: datasetId(),
    estimate: z.literal(true),
    currency: z.literal('USD'),
    prices: z.strictObject({
      region: text('Whose list prices these are.'),
      as_of: z.iso.date().meta({ description: 'The day of the price table.' }),
      deployed_in: z.nullable(text('The region of this API, which may have other prices.')),
    }),
    usd_per_month: usd('What is stored and what collecting took.'),
    stored: z.strictObject({
      versions: count('Held and rejected ones too.'),
      bytes: z.strictObject({
        files: count('Of all versions: Parquet, CSV, description, quarantine.'),
        raw: count('As fetched.'),
        latest_csv: count('Of the latest version as CSV, which is kept besides.'),
      }),
      usd_per_month: usd('Of keeping them.'),
    }),
    collecting: z.strictObject({
      days: z.int().min(1),
      since: z.iso.datetime(),
      complete: z.boolean().meta({ description: 'There are no more runs in that time than were looked through.' }),
      runs: count('Of its source.'),
      requests: z.number().min(0).meta({ description: 'To the source: its share of each run.' }),
      usd: usd('Its share of what the runs cost.'),
    }),
    assumptions: z.array(z.string()),
  })
  .meta({ id: 'DatasetCost', description: 'An estimate at list prices; sums are not rounded.' });

const queryId = () => z.uuid().meta({ description: 'Id of the query.' });
const queryMs = () => count('Since it was started, until it ended or now.');

const QueryResult = z
  .strictObject({
    id: queryId(),
    state: z.literal('succeeded'),
    columns: z.array(
      z.strictObject({ name: z.string(), type: text('As the engine has it: `bigint`, `varchar`, `decimal(10,2)`, …') }),
    ),
    ...page(Row),
    bytes_scanned: count('What the query read; 0 where an earlier result was given again.'),
    duration_ms: queryMs(),
    reused: z.boolean().meta({ description: 'The result is that of an earlier run of the same query.' }),
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

const LOCATION = { Location: 'Where the query can be asked about: /v1/query/{id}.' };
const APPLIED = { 'Preference-Applied': 'Which preferences were heeded.' };
const queryAnswers = (): Answers => ({
  200: {
    description: 'Rows of the result: as many as were asked for, or as can be sent.',
    headers: { ...NEXT, ...LOCATION, ...APPLIED },
    content: { 'application/json': QueryResult, [FILE_TYPE]: ResultFile },
  },
  202: {
    description: 'The query is under way: ask again.',
    headers: { ...LOCATION, ...APPLIED, 'Retry-After': 'In seconds.' },
    content: { 'application/json': QueryUnderWay },
  },
  303: {
    description: 'The whole result is there as CSV (RFC 4180 in UTF-8, every value in quotes) for 15 minutes.',
    headers: { ...LIES, ...APPLIED },
    content: { 'application/json': ResultFile },
  },
});

const anyObject = () => z.record(z.string(), z.unknown());

/** What every endpoint answers when it does what it was asked. One that is not here says it in its own `response`. */
export const ANSWERS: Readonly<Record<string, Answers>> = {
  'GET /health': json('It answers.', z.strictObject({ status: z.literal('ok') })),
  'GET /status': json('The last fetch that ended; null before the first.', z.nullable(Status), {
    Link: '`rel="describedby"` leads to its run.',
  }),
  'GET /v1/datasets': json(
    'A page of the catalog.',
    z.strictObject({ ...page(DatasetShape), facets: z.strictObject({ theme: facet(), tag: facet() }) }),
  ),
  'GET /v1/datasets/{id}': json('The dataset.', DatasetShape),
  'GET /v1/datasets/{id}/cost': json('The estimate, with its parts and what it assumes.', DatasetCost),
  'GET /v1/datasets/{id}/versions': json('A page of versions.', z.strictObject(page(VersionShape))),
  'GET /v1/datasets/{id}/versions/{n}': json('The version.', VersionShape),
  'GET /v1/datasets/{id}/quarantine': json(
    'A page of what could not be published.',
    z.strictObject({ version: versionNumber(), ...page(QuarantineShape) }),
  ),
  'GET /v1/datasets/{id}/download': {
    200: {
      description: 'Where the file is, for 15 minutes (`redirect=false`).',
      content: { 'application/json': VersionFile },
    },
    303: stored('The file is there for 15 minutes.', VersionFile),
  },
  'GET /v1/datasets/{id}/diff': {
    200: {
      description: 'What changed.',
      headers: NEXT,
      content: {
        'application/json': z.strictObject({
          from: versionNumber(),
          to: versionNumber(),
          key: z.array(z.string()),
          matched_by: z.array(z.string()).meta({ description: 'Rows alike in these are the same row.' }),
          ignored: z.array(z.string()).meta({ description: 'Columns that make no row a changed one.' }),
          counts: z.strictObject({ added: z.int(), removed: z.int(), changed: z.int(), unchanged: z.int() }),
          fields: z.strictObject({
            added: z.array(z.string()),
            removed: z.array(z.string()),
            retyped: z.array(z.strictObject({ name: z.string(), from: ColumnType, to: ColumnType })),
          }),
          ...page(Change),
        }),
        'application/x-ndjson': 'A change (as in `items`) a line.',
        [FILE_TYPE]: ChangesFile,
      },
    },
    303: stored('All changes as NDJSON are larger than what can be sent: they lie there for a while.', ChangesFile),
  },
  'GET /v1/datasets/{id}/provenance': json(
    'Where the row comes from.',
    z.strictObject({
      dataset: datasetId(),
      version: versionNumber(),
      row: row(),
      matches: count('Rows that are so.'),
      source: z.strictObject({
        url: z.string(),
        fetched_at: z.iso.datetime(),
        sha256: z.string(),
        bytes: z.int(),
        raw: text('Where the file as fetched is.'),
      }),
      place: z.strictObject({
        line: z.nullable(z.int()),
        cells: z.record(
          z.string(),
          z.array(z.strictObject({ position: z.int(), header: z.nullable(z.string()), text: z.nullable(z.string()) })),
        ),
      }),
      parser_version: z.int(),
      text: z.nullable(text('The line as it stands in the file.')),
      quarantine: z.array(QuarantineShape),
    }),
  ),
  'GET /v1/records': {
    200: {
      description: 'The datasets as Swagger 2.0.',
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
      description: 'The rows. All of them when no Range was asked for and no count.',
      headers: {
        ...DESCRIBED,
        'Content-Range': '`0-99/*`: which rows these are, and of how many when a count was asked for.',
        'Repr-Digest': 'SHA-256 of the bytes as they are sent (RFC 9530).',
      },
      content: {
        'application/json': z.array(Row),
        'application/vnd.pgrst.object+json': Row,
        'application/x-ndjson': 'A row a line.',
        'text/csv': 'RFC 4180 in UTF-8, with a header.',
        'application/vnd.apache.parquet': 'Parquet.',
        'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'XLSX, one sheet.',
        [FILE_TYPE]: RecordsFile,
      },
    },
    206: {
      description: 'Some of the rows, when a count was asked for (`Prefer: count=exact`).',
      headers: {
        ...DESCRIBED,
        'Content-Range': '`0-99/2754`: which rows these are, and of how many.',
        'Content-Digest': 'SHA-256 of the bytes as they are sent (RFC 9530).',
      },
      content: { 'application/json': z.array(Row), 'text/csv': 'RFC 4180 in UTF-8, with a header.' },
    },
    303: stored('The answer is larger than what can be sent: it lies there for a while.', RecordsFile),
  },
  'GET /v1/plots/{id}': {
    200: {
      description: 'The plot.',
      headers: { Link: '`rel="alternate"` leads to the rows that are drawn.' },
      content: {
        'image/svg+xml': 'SVG, with an alternative text and a link to the data.',
        'image/png': 'PNG.',
        'application/json': anyObject().meta({ description: 'A Vega-Lite specification.' }),
      },
    },
  },
  'POST /v1/query': queryAnswers(),
  'GET /v1/query/{id}': queryAnswers(),
  'DELETE /v1/query/{id}': json(
    'The state that the query is in.',
    z.strictObject({ id: queryId(), state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']) }),
  ),
  'GET /v1/users': json('A page of users.', z.strictObject(page(UserAnswer)), NEXT),
  'GET /v1/users/{id}': json('The users of this id.', z.strictObject(page(UserAnswer))),
  'GET /view-data': json('A page of users.', z.array(UserAnswer), NEXT),
  'GET /v1/runs': json('A page of runs.', z.strictObject(page(RunShape))),
  'GET /v1/runs/{id}': json('The run.', RunShape),
  'GET /v1/runs/{id}/log': json('A page of its lines.', z.strictObject(page(LogLine))),
  'POST /fetch-data': {
    202: {
      description: 'The run, which goes on by itself.',
      headers: { Location: 'The run.' },
      content: { 'application/json': RunShape },
    },
  },
  'POST /v1/admin/datasets/{id}/versions/{n}/release': json('The version, published.', VersionShape),
  'POST /v1/admin/datasets/{id}/versions/{n}/reject': json('The version, rejected.', VersionShape),
  'POST /v1/admin/datasets/{id}/versions/{n}/restore': json('The new version, which is the latest.', VersionShape),
  'GET /v1/admin/dead-letters': json(
    'Some of them.',
    z.strictObject({ ...page(DeadLetter), total: count('About how many there are.') }),
  ),
  'POST /v1/admin/dead-letters/redrive': json(
    'What was sent back.',
    z.strictObject({
      redriven: z.array(z.strictObject({ id: z.string(), queue: queue(), delay_s: z.int() })),
      not_found: z.array(z.string()),
      left: count('About how many there still are.'),
    }),
  ),
  ...Object.fromEntries(WIDE_ROUTES.map(({ path, shape }) => [`GET ${path}`, wide(WIDE_SHAPES[shape])])),
  'GET /openapi.json': json('This document.', anyObject()),
  'GET /v1/datasets/{id}/openapi.json': json('What can be asked of this dataset, with its columns.', anyObject()),
  'GET /postman.json': json('A collection (v2.1) to import.', anyObject()),
  'GET /docs': { 200: { description: 'A page.', content: { 'text/html': 'Swagger UI.' } } },
  'GET /docs/{file}': {
    200: {
      description: 'The file.',
      content: { 'text/javascript': 'A script.', 'text/css': 'A style sheet.', 'image/png': 'The icon.' },
    },
  },
  'GET /.well-known/api-catalog': {
    200: { description: 'Where this API is described.', content: { 'application/linkset+json': anyObject() } },
  },
  'GET /catalog.jsonld': {
    200: { description: 'The catalog.', content: { 'application/ld+json': anyObject() } },
  },
};

/** What the areas are about. */
export const AREAS: Readonly<Record<string, string>> = {
  catalog: 'Datasets, their versions and the runs that made them',
  data: 'The tables in the shape of their sources, files and logs',
  records: 'Rows, asked for in PostgREST’s language',
  query: 'Rows by SQL, for analysts',
  history: 'What changed, and where a figure comes from',
  plots: 'Datasets drawn',
  users: 'Users, masked unless the caller may see more',
  operations: 'Starting and mending runs, for operators',
  docs: 'This documentation, for people and machines',
  system: 'Whether it answers',
};
