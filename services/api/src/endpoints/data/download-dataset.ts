import type { PublishedVersion } from '@granary/domain/dataset';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { fileReply, redirectParameter } from '../../exports/file-reply.ts';
import { findVersion, versionNumber } from '../../versions/find-version.ts';

const EXPIRES_S = 900;

/** Key, file name and type of each format's object. */
const FORMATS = {
  parquet: (version: PublishedVersion) =>
    inVersion(version, 'data.parquet', 'parquet', 'application/vnd.apache.parquet'),
  csv: (version: PublishedVersion) => inVersion(version, 'data.csv.gz', 'csv.gz', 'application/gzip'),
  datapackage: (version: PublishedVersion) =>
    inVersion(version, 'datapackage.json', 'datapackage.json', 'application/json'),
  quarantine: (version: PublishedVersion) =>
    inVersion(version, 'quarantine.ndjson.gz', 'quarantine.ndjson.gz', 'application/gzip'),
  raw: ({ dataset, version, raw }: PublishedVersion) => ({
    key: raw.key,
    filename: `${dataset}_v${version}_raw_${baseName(raw.url)}.gz`,
    content_type: 'application/gzip',
    // Those that are known are of what was fetched, before it was gzipped.
    bytes: null,
    sha256: null,
  }),
};
type Format = keyof typeof FORMATS;

const inVersion = (
  { dataset, version, prefix, files }: PublishedVersion,
  file: keyof PublishedVersion['files'],
  ending: string,
  type: string,
) => ({
  key: prefix + file,
  filename: `${dataset}_v${version}.${ending}`,
  content_type: type,
  ...files[file],
});

/** The last part of the source's URL, kept to characters that need no quoting in a Content-Disposition. */
const baseName = (url: string): string =>
  new URL(url).pathname
    .split('/')
    .pop()
    ?.replace(/[^A-Za-z0-9._-]/g, '_') || 'file';

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/download',
  auth: 'cognito',
  grants: ['catalog:read', 'data:presign'],
  summary: 'A file of a version, by a redirect to a URL that is valid for 15 minutes',
  description:
    '`raw` is the source file as it was fetched, gzipped; `csv` is as it was published, without the apostrophes by which /v1/records guards spreadsheets against formulas. `redirect=false` answers 200 with the URL as JSON, for clients that would send their token to wherever they are redirected; docs/clients.md shows pandas, polars and DuckDB.',
  examples: [
    { summary: 'The latest as CSV', path: '/v1/datasets/embrapa_producao/download?format=csv' },
    { summary: 'Where it lies', path: '/v1/datasets/embrapa_producao/download?format=parquet&redirect=false' },
  ],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    query: z.object({
      format: z._default(z.enum(Object.keys(FORMATS) as [Format, ...Format[]]), 'parquet'),
      version: z.optional(z.int().check(z.minimum(1), z.maximum(999_999))),
      redirect: redirectParameter(),
    }),
  }),
  run:
    ({
      catalog,
      objects,
      now,
    }: {
      catalog: CatalogReader;
      objects: Pick<ObjectReader, 'presign'>;
      now: () => number;
    }) =>
    async ({ path: { id }, query: { format, version: asked, redirect }, caller }) => {
      const version = await findVersion(catalog, id, await versionNumber(catalog, id, asked), caller);
      const { key, filename, content_type, bytes, sha256 } = FORMATS[format](version);
      const location = await objects.presign(key, { expires_s: EXPIRES_S, filename, content_type });
      const expires_at = new Date(now() + EXPIRES_S * 1000).toISOString();
      const file = {
        location,
        filename,
        content_type,
        bytes,
        sha256,
        expires_at,
        dataset: id,
        version: version.version,
      };
      return fileReply(redirect, file, { type: 'application/json' });
    },
});
