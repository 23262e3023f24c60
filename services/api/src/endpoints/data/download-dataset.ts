import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { fileReply, redirectParameter } from '../../exports/file-reply.ts';
import { FILE_FORMATS, type FileFormat } from '../../exports/version-files.ts';
import { findVersion, versionNumber } from '../../versions/find-version.ts';

const EXPIRES_S = 900;

type DownloadDeps = { catalog: CatalogReader; objects: Pick<ObjectReader, 'presign'>; now: () => number };

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/download',
  auth: 'cognito',
  grants: ['catalog:read', 'data:presign'],
  summary: 'Downloads a file of a version: redirects to a URL that is valid for 15 minutes',
  description:
    '`raw` is the source file as fetched, gzipped. `csv` is the published file, without the apostrophes that /v1/records adds to protect spreadsheets from formulas. `redirect=false` answers 200 with the URL as JSON, for clients that send their token along when they follow a redirect. docs/clients.md shows pandas, polars and DuckDB.',
  examples: [
    { summary: 'The latest as CSV', path: '/v1/datasets/{dataset}/download?format=csv' },
    { summary: 'The URL of the Parquet file', path: '/v1/datasets/{dataset}/download?format=parquet&redirect=false' },
  ],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    query: z.object({
      format: z._default(z.enum(Object.keys(FILE_FORMATS) as [FileFormat, ...FileFormat[]]), 'parquet'),
      version: z.optional(z.int().check(z.minimum(1), z.maximum(999_999))),
      redirect: redirectParameter(),
    }),
  }),
  run:
    ({ catalog, objects, now }: DownloadDeps) =>
    async ({ path: { id }, query: { format, version: asked, redirect }, caller }) => {
      const version = await findVersion(catalog, id, await versionNumber(catalog, id, asked), caller);
      const { key, ...file } = FILE_FORMATS[format](version);
      const { filename, content_type } = file;
      const location = await objects.presign(key, { expires_s: EXPIRES_S, filename, content_type });
      const expires_at = new Date(now() + EXPIRES_S * 1000).toISOString();
      const known = { location, ...file, expires_at, dataset: id, version: version.version };
      return fileReply(redirect, known, { type: 'application/json' });
    },
});
