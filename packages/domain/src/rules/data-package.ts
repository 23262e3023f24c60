import type { Field } from '@granary/tabular/table';
import type { RawObject, RowCounts, VersionFile } from '../dataset.ts';
import type { DatasetDescription } from '../ports/catalog.ts';

export type DataPackageFacts = {
  dataset: DatasetDescription;
  version: number;
  semver: string;
  created: string;
  fields: readonly Field[];
  key: readonly string[];
  raw: RawObject;
  counts: RowCounts;
  /** Versions of an earlier release have no profile. */
  files: {
    'data.parquet': VersionFile;
    'data.csv.gz': VersionFile;
    'quarantine.ndjson.gz': VersionFile;
    'profile.json'?: VersionFile;
  };
};

const PROFILE = 'https://datapackage.org/profiles/2.0';

/**
 * The descriptor of a version's files (https://datapackage.org/standard/data-package/, version 2). Both tables hold the
 * same rows; paths are relative to the descriptor. Facts that the standard has no word for stand under `granary`.
 */
export const dataPackage = (facts: DataPackageFacts): Record<string, unknown> => {
  const { dataset, raw, files, counts } = facts;
  const schema = tableSchema(facts.fields, facts.key);
  const hashed = (name: keyof typeof files) => hashOf(files[name]!);
  return {
    $schema: `${PROFILE}/datapackage.json`,
    name: dataset.id.replaceAll('_', '-'),
    id: `${dataset.id}@${facts.version}`,
    title: dataset.title,
    description: dataset.description,
    version: facts.semver,
    created: facts.created,
    keywords: [...new Set([dataset.theme, ...dataset.tags])],
    contributors: [{ title: dataset.publisher, roles: ['publisher'] }],
    licenses: [dataset.licence],
    sources: [{ title: dataset.publisher, path: raw.url, version: `sha256:${raw.sha256}` }],
    resources: [
      {
        $schema: `${PROFILE}/dataresource.json`,
        name: 'data-csv',
        type: 'table',
        path: 'data.csv.gz',
        format: 'csv',
        mediatype: 'text/csv',
        encoding: 'utf-8',
        compression: 'gz',
        ...hashed('data.csv.gz'),
        dialect: {
          $schema: `${PROFILE}/tabledialect.json`,
          delimiter: ',',
          quoteChar: '"',
          doubleQuote: true,
          lineTerminator: '\r\n',
          header: true,
        },
        schema,
      },
      {
        $schema: `${PROFILE}/dataresource.json`,
        name: 'data-parquet',
        path: 'data.parquet',
        // A table of the format `parquet` is more than frictionless 5 can check: it wants pandas for it, and then
        // counts no bytes. Of a file it checks bytes and hash, with nothing else installed; who reads Parquet knows it
        // by its ending and media type.
        format: 'apache-parquet',
        mediatype: 'application/vnd.apache.parquet',
        ...hashed('data.parquet'),
        schema,
      },
      {
        $schema: `${PROFILE}/dataresource.json`,
        name: 'quarantine',
        title: 'Lines of the source that could not be published, each with its reason',
        description: 'NDJSON in UTF-8, gzipped; empty when every line could be published.',
        path: 'quarantine.ndjson.gz',
        // A file that may be empty, and no table.
        format: 'gz',
        mediatype: 'application/gzip',
        ...hashed('quarantine.ndjson.gz'),
      },
      ...(files['profile.json'] ? [profileResource(files['profile.json'])] : []),
    ],
    granary: { dataset: dataset.id, version: facts.version, counts },
  };
};

const hashOf = ({ bytes, sha256 }: VersionFile) => ({ bytes, hash: `sha256:${sha256}` });

const profileResource = (file: VersionFile) => ({
  $schema: `${PROFILE}/dataresource.json`,
  name: 'profile',
  title: 'What each column holds',
  description: 'Nulls, distinct values, smallest, largest and mean value, most frequent values and format, by column.',
  path: 'profile.json',
  // To frictionless a file of the format `json` is a table.
  format: 'profile',
  mediatype: 'application/json',
  ...hashOf(file),
});

const TYPES: Readonly<Record<Field['type'], string>> = {
  boolean: 'boolean',
  int32: 'integer',
  int64: 'integer',
  double: 'number',
  date: 'date',
  timestamp: 'datetime',
  string: 'string',
};

const tableSchema = (fields: readonly Field[], key: readonly string[]): Record<string, unknown> => ({
  $schema: `${PROFILE}/tableschema.json`,
  fields: fields.map(({ name, type, nullable, title, description, unit }) => ({
    name,
    type: TYPES[type],
    ...(title && { title }),
    ...(description && { description }),
    ...(unit && { unit }),
    ...(nullable ? {} : { constraints: { required: true } }),
  })),
  missingValues: [''],
  // A primary key of the standard may hold no null; a key that does is still what the rows are sorted by.
  ...(key.length > 0 && key.every((name) => fields.find((field) => field.name === name)?.nullable === false)
    ? { primaryKey: [...key] }
    : {}),
});
