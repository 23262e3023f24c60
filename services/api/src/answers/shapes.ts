/**
 * What the API answers, for its documentation alone: no function imports this folder, since answers are not checked
 * where they are made but in tests. Objects are strict, so that a member which is answered and not described fails
 * those tests. `meta({ id })` makes a component.
 */
import { EXAMPLES } from '@granary/sources/sources.gen';
import { z } from 'zod';
import type { PublicDataset } from '../catalog/public-dataset.ts';
import type { publicRun } from '../catalog/public-run.ts';
import type { publicVersion } from '../versions/find-version.ts';
import { Editable, Licence, Years } from './editable-answer.ts';
import { ResourceCountsShape } from './resource-answers.ts';

export const text = (description: string) => z.string().meta({ description });
export const time = (description: string) => z.iso.datetime().meta({ description });
export const count = (description: string) => z.int().min(0).meta({ description });
const sha256 = () => z.string().regex(/^[0-9a-f]{64}$/);
export const datasetId = () =>
  z
    .string()
    .max(128)
    .meta({ description: 'Dataset id.', examples: [EXAMPLES.dataset] });
export const versionNumber = () => z.int().min(1).meta({ description: 'Version number, from 1.' });

/** A page of a list. */
export const page = <Item extends z.ZodType>(items: Item) => ({
  items: z.array(items),
  next: z.nullable(text('The `cursor` of the next page; null on the last.')),
});

export const ColumnType = z
  .enum(['boolean', 'int32', 'int64', 'double', 'date', 'timestamp', 'string'])
  .meta({ id: 'ColumnType', description: 'Column type. Dates are `YYYY-MM-DD`; timestamps are ISO 8601 in UTC.' });

export const Field = z
  .strictObject({
    name: text('Column name: lower-case ASCII, with `_` between words.'),
    type: ColumnType,
    nullable: z.boolean(),
    title: z.optional(z.string()),
    description: z.optional(z.string()),
    unit: z.optional(text('Unit of the figures, such as `L`, `kg` or `US$`.')),
  })
  .meta({ id: 'Field', description: 'A column of a dataset.' });

const Key = z.array(z.string()).meta({ description: 'The columns that identify a row; tables are sorted by them.' });

export const DatasetShape = z
  .strictObject({
    id: datasetId(),
    title: z.string(),
    description: z.string(),
    publisher: z.string(),
    theme: z.string(),
    tags: z.array(z.string()),
    licence: Licence(),
    source: text('Id of the source.'),
    source_url: text('The address that the file was last fetched from.'),
    format: z.nullable(
      text('Format of its file, as its source says or its address ends: `csv`; null where neither tells.'),
    ),
    latest: z
      .nullable(versionNumber())
      .meta({ description: 'The version that readers see; null before the first one.' }),
    rows: z.nullable(count('Number of rows in the latest version.')),
    rows_quarantined: z.nullable(count('Number of rows of the latest version that were quarantined.')),
    bytes: z.nullable(count('Size of the Parquet file of the latest version.')),
    years: z.nullable(Years()),
    updated_at: z.nullable(time('When the latest version was published.')),
    checked_at: z.nullable(time('When the source was last checked and still held it, whether or not it had changed.')),
    gone_at: z.nullable(
      time('Since when its source no longer holds it; null as long as it does. What was published stays.'),
    ),
    refused: z.nullable(z.strictObject({ reason: z.string(), at: z.iso.datetime() })).meta({
      description:
        'Why its file could not be read when the source was last checked; null when it could. What was published before stays.',
    }),
    edited: z.nullable(z.strictObject({ at: z.iso.datetime(), source: Editable })).meta({
      description:
        "When people last edited what is said here, and what its source says in place of that; null where it is all the source's.",
    }),
    key: Key,
    fields: z.array(Field),
    held: z.optional(
      z
        .array(
          z.strictObject({ version: versionNumber(), at: z.iso.datetime(), reasons: z.optional(z.array(z.string())) }),
        )
        .meta({
          description:
            'Newer versions that are held until an operator has decided; only operators see the reasons. Absent from lists.',
        }),
    ),
  })
  .meta({ id: 'Dataset' }) satisfies z.ZodType<PublicDataset>;

const counts = {
  rows_read: count('Always the sum of published, quarantined and deduplicated rows.'),
  rows_published: z.int().min(0),
  rows_quarantined: z.int().min(0),
  rows_deduplicated: z.int().min(0),
};

const file = () => z.strictObject({ bytes: z.int().min(0), sha256: sha256() });

const decided = () => ({
  at: z.iso.datetime(),
  by: z.optional(text('The `sub` of the operator who decided. Only operators see it.')),
});
const decision = () => z.strictObject(decided()).meta({ description: 'The decision of an operator, with its time.' });

export const VersionShape = z
  .strictObject({
    dataset: datasetId(),
    version: versionNumber(),
    state: z
      .enum(['published', 'held', 'rejected'])
      .meta({ description: 'Only operators see held and rejected versions.' }),
    created_at: z.iso.datetime(),
    published_at: z.nullable(time('Null unless the version is published.')),
    held: z.optional(
      z
        .strictObject({
          at: z.iso.datetime(),
          reasons: z.array(z.string()),
          compared_with: z.nullable(versionNumber()),
        })
        .meta({ description: 'Why the version was held, and which version it was compared with.' }),
    ),
    released: z.optional(decision()),
    rejected: z.optional(decision()),
    restores: z.optional(
      z.strictObject({ version: versionNumber(), ...decided() }).meta({
        description: 'The earlier version whose content this version publishes again.',
      }),
    ),
    parser_version: z.int().min(1),
    counts: z.strictObject(counts),
    files: z.strictObject({
      'data.parquet': file(),
      'data.csv.gz': file(),
      'datapackage.json': file(),
      'quarantine.ndjson.gz': file(),
      'profile.json': z.optional(file()).meta({ description: 'Absent from versions of an earlier release.' }),
    }),
    fields: z.array(Field),
    key: Key,
    years: z.optional(Years()),
    semver: z.optional(
      text(
        'Semantic version of the columns: major where a column was lost or its type changed, minor where one was added or widened, else patch. Absent from versions of an earlier release.',
      ),
    ),
    dialect: z
      .strictObject({
        encoding: z.enum(['utf-8', 'windows-1252', 'utf-16le', 'utf-16be']),
        bom: z.boolean(),
        mojibake: z.boolean(),
        delimiter: z.enum([',', ';', '\t', '|']),
        quote: z.nullable(z.enum(['"', "'"])),
        sure_quotes: z.optional(z.literal(true)).meta({
          description: 'The format of the file leaves nothing of this open: it is no CSV, or a program wrote it.',
        }),
        skip_initial_space: z.optional(z.literal(true)),
        newline: z.enum(['\n', '\r\n', '\r']),
        comment: z.optional(z.literal('#')),
        written: z.optional(
          z.strictObject({
            delimiter: z.string(),
            quote: z.enum(['"', "'"]),
            escape: z.enum(['doubled', 'backslash']),
            read_by: z.literal('csv-parse'),
          }),
        ),
        header_line: z.nullable(z.int().min(1)),
        header_first_line: z.optional(z.int().min(1)),
        first_line: z.optional(z.int().min(1)),
        last_line: z.optional(z.int().min(1)),
        decimal: z.enum(['.', ',']),
        thousands: z.nullable(z.enum(['.', ',', ' ', "'"])),
        uncertain: z.optional(
          z.array(
            z.strictObject({
              about: z.enum(['encoding', 'header', 'figures', 'dates', 'units', 'tables']),
              line: z.nullable(z.int().min(1)),
              column: z.nullable(z.int().min(1)),
              readings: z.array(z.string()),
              decide: z.string(),
            }),
          ),
        ),
      })
      .meta({ description: 'The CSV dialect of the source file, as detected.' }),
    header: z.array(z.string()).meta({ description: "The source's own column names, in file order." }),
    notes: z.array(z.string()).meta({ description: 'Remarks on how the file was read.' }),
    run: text('The run that collected the data.'),
    raw: z
      .strictObject({
        sha256: sha256(),
        bytes: z.int().min(0),
        url: z.string(),
        etag: z.nullable(z.string()),
        last_modified: z.nullable(z.string()),
        fetched_at: z.iso.datetime(),
      })
      .meta({ description: 'The raw file that the version was made from, as fetched.' }),
  })
  .meta({ id: 'Version', description: 'A version of a dataset.' }) satisfies z.ZodType<
  ReturnType<typeof publicVersion>
>;

export const QuarantineShape = z
  .strictObject({
    line: count('Line of the source file where the row begins, from 1.'),
    column: z.nullable(text("The source's name of the offending column; null for a whole line.")),
    positions: z
      .array(z.int().min(1))
      .meta({ description: 'Positions of the source cells that the entry covers, from 1. Empty: the whole line.' }),
    raw: text('The text in the source file.'),
    reason: z.string(),
    rows: count('Number of rows that the entry stands for.'),
  })
  .meta({ id: 'QuarantineEntry' });

export const SourceAnswer = z
  .strictObject({ host: z.string(), status: z.nullable(z.int()), content: z.nullable(z.string()) })
  .meta({ id: 'SourceAnswer', description: 'The response of a source to a request that failed.' });

export const RunShape = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['collect', 'users']),
    source: z.string(),
    revision: z.optional(
      versionNumber().meta({
        description: 'Revision of the source that the run goes by, where it was put at run time.',
      }),
    ),
    state: z.enum(['running', 'succeeded', 'partial', 'failed']),
    started_at: z.iso.datetime(),
    ended_at: z.nullable(z.iso.datetime()),
    duration_s: z.nullable(z.number()),
    parts: count('Number of parts known so far: files, or pages of users.'),
    parts_done: z.int().min(0),
    counts: z.strictObject({
      requests: z.int().min(0),
      ...counts,
      unchanged: count('Number of files that had not changed.'),
      errors: z.int().min(0),
    }),
    replays: z.optional(
      z.strictObject({ dataset: datasetId(), version: z.optional(versionNumber()) }).meta({
        description:
          'The dataset that the run makes again of stored bytes, and the version that it compares that with, publishing nothing.',
      }),
    ),
    checks: z.optional(text('The id of the resource that the run looks at, and at no other.')),
    accepts_gone: z.optional(
      z.literal(true).meta({ description: 'An operator said that resources may be gone, however many.' }),
    ),
    resources: z.optional(ResourceCountsShape),
    asked: z.optional(z.strictObject({ users: z.int(), size: z.int() })),
    users: z.optional(z.strictObject({ new: z.int(), overwritten: z.int(), failed: z.int() })),
    versions: z.array(text('`<dataset>@<version>`')),
    errors: z
      .array(
        z.strictObject({
          part: z.int(),
          dataset: z.nullable(z.string()),
          url: z.nullable(z.string()),
          message: z.string(),
          at: z.iso.datetime(),
          answer: z.optional(SourceAnswer),
          held: z.optional(versionNumber()),
        }),
      )
      .meta({ description: 'The first 50 errors.' }),
    cost_usd_estimate: z.number(),
  })
  .meta({ id: 'Run' }) satisfies z.ZodType<ReturnType<typeof publicRun>>;

export const Problem = z
  .strictObject({
    type: text('`urn:granary:problem:<code>`'),
    title: z.string(),
    status: z.int(),
    detail: text('What is wrong, with the value, and what to do.'),
    instance: text('Request id. Quote it when you ask for help.'),
    errors: z.optional(z.array(z.strictObject({ field: z.string(), message: z.string() }))),
    query: z.optional(text('Id of the SQL query that failed.')),
    code: text("Stable error code for programs. It is PostgREST's or PostgreSQL's code where they have one."),
    message: z.string(),
    details: z.nullable(z.string()),
    hint: z.nullable(z.string()),
  })
  .meta({ id: 'Problem', description: 'An error (RFC 9457).' });
