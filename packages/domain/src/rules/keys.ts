import type { DatasetId, VersionFileName } from '../dataset.ts';

/** Keys of the data bucket, see docs/contracts. */

/** `000001`: sorts as text up to a million versions. */
export const versionNumber = (version: number): string => String(version).padStart(6, '0');

export const rawKey = (dataset: DatasetId, sha256: string): string => `raw/${dataset}/${sha256}.gz`;

/** Unique to an attempt: two workers that write the same version never write the same object. */
export const versionPrefix = (dataset: DatasetId, version: number, attempt: string): string =>
  `versions/${dataset}/${versionNumber(version)}-${attempt}/`;

/** The latest version's CSV under a name that does not change. */
export const csvCopyKey = (theme: string, dataset: DatasetId): string => `csv_data/${theme}/${dataset}.csv.gz`;

/**
 * The folder by which the SQL engine finds a version: it has one file, which names the version's Parquet
 * (docs/adr/0006). Or the template of all: `${version}`.
 */
export const sqlFolder = (dataset: DatasetId, version: number | `\${${string}}`): string =>
  `${sqlFolders(dataset)}${version}/`;

/** What the folders of all its versions lie in. */
export const sqlFolders = (dataset: DatasetId): string => `tables/${dataset}/`;

/** The file in it: lines of `s3://…` addresses. */
export const SQL_MANIFEST = 'symlink.txt';

/** Where the SQL engine puts its results: `<id>.csv`. They expire with the exports. */
export const QUERY_RESULTS = 'exports/queries/';

/** A page of users as it was fetched, under the PII policy and sealed. */
export const userPageKey = (run: string, page: number): string => `raw/users/${run}/${page}.json.gz`;

/** What a listing page led to, as the part that read it first found it. Expires. */
export const listingKey = (run: string, part: number): string => `raw/listings/${run}/${part}.json.gz`;

/** Which part of a run reads the listing page of that address (as a hash): no other follows it. Expires. */
export const listedPageKey = (run: string, hash: string): string => `raw/listings/${run}/pages/${hash}`;

/** Pages of a resource that an earlier delivery of its part fetched: what comes next, and the pages. Expires. */
export const keptPagesKey = (run: string, part: number, file: 'next.json' | `${number}.gz`): string =>
  `raw/listings/${run}/resources/${part}/${file}`;

/** What robots.txt of a host said, and until when that holds; expires with the listings. */
export const robotsKey = (origin: string): string => `raw/listings/robots/${encodeURIComponent(origin)}.json.gz`;

/** Lines of a run: one object per invocation that worked for it. A run's id tells the day it began. */
export const runLogPrefix = (run: string): string => {
  const [, year, month, day] = /-(\d{4})(\d{2})(\d{2})t\d{6}-/.exec(run) ?? [];
  return `logs/${year ? `${year}-${month}-${day}` : 'undated'}/${run}/`;
};

/** `at` (ms since the epoch) first, so that keys sort by time; `name` is the invocation's. */
export const runLogKey = (run: string, at: number, name: string): string =>
  `${runLogPrefix(run)}${new Date(at).toISOString().replace(/[-:.]/g, '').toLowerCase()}-${name}.ndjson`;

export const CONTENT_TYPES: Readonly<Record<VersionFileName, string>> = {
  'data.parquet': 'application/vnd.apache.parquet',
  'data.csv.gz': 'application/gzip',
  'datapackage.json': 'application/json',
  'quarantine.ndjson.gz': 'application/gzip',
  'profile.json': 'application/json',
};

/** Objects under raw/ and versions/ never change once their version is published. */
export const IMMUTABLE = 'private, max-age=31536000, immutable';
