import type { PublishedVersion } from '@granary/domain/dataset';
import { NotFound } from '@granary/domain/errors';

/** Key, file name and type of each format's object. */
export const FILE_FORMATS = {
  parquet: (version: PublishedVersion) =>
    inVersion(version, 'data.parquet', 'parquet', 'application/vnd.apache.parquet'),
  csv: (version: PublishedVersion) => inVersion(version, 'data.csv.gz', 'csv.gz', 'application/gzip'),
  datapackage: (version: PublishedVersion) =>
    inVersion(version, 'datapackage.json', 'datapackage.json', 'application/json'),
  quarantine: (version: PublishedVersion) =>
    inVersion(version, 'quarantine.ndjson.gz', 'quarantine.ndjson.gz', 'application/gzip'),
  profile: (version: PublishedVersion) => inVersion(version, 'profile.json', 'profile.json', 'application/json'),
  raw: ({ dataset, version, raw }: PublishedVersion) => ({
    key: raw.key,
    filename: `${dataset}_v${version}_raw_${baseName(raw.url)}.gz`,
    content_type: 'application/gzip',
    // Those that are known are of what was fetched, before it was gzipped.
    bytes: null,
    sha256: null,
  }),
};
export type FileFormat = keyof typeof FILE_FORMATS;

const inVersion = (
  { dataset, version, prefix, files }: PublishedVersion,
  file: keyof PublishedVersion['files'],
  ending: string,
  type: string,
) => {
  const found = files[file];
  if (!found)
    throw new NotFound(
      `Version ${version} of '${dataset}' was published without ${file}; /v1/datasets/${dataset}/profile?version=${version} makes its profile.`,
    );
  return { key: prefix + file, filename: `${dataset}_v${version}.${ending}`, content_type: type, ...found };
};

/** The last part of the source's URL, kept to characters that need no quoting in a Content-Disposition. */
const baseName = (url: string): string =>
  new URL(url).pathname
    .split('/')
    .pop()
    ?.replace(/[^A-Za-z0-9._-]/g, '_') || 'file';
