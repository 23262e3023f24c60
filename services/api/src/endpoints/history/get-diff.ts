import type { PublishedVersion } from '@granary/domain/dataset';
import { InvalidRequest, NotFound } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import type { Diff } from '@granary/tabular/diff/diff-tables';
import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../../cursor.ts';
import { findVersion, versionNumber } from '../../find-version.ts';
import type { ChangesPage } from '../../history/changes-page.ts';
import { nextLink } from '../../next-link.ts';

/** Raised when the same versions are compared or written otherwise: clients then see another ETag. */
const WRITER = 1;
const ITEMS = 100;

type Place = { from: number; to: number; offset: number };
const isPlace = (place: unknown): place is Place =>
  typeof place === 'object' &&
  place !== null &&
  (['from', 'to', 'offset'] as const).every((name) => Number.isSafeInteger((place as Place)[name])) &&
  (place as Place).offset >= 0;

const versionSchema = () => z.optional(z.int().check(z.minimum(1), z.maximum(999_999)));

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/datasets/{id}/diff',
  auth: 'cognito',
  grants: ['catalog:read', 'data:read'],
  summary: 'What changed from one version to another: rows added, removed and changed, cell by cell',
  description:
    'Without `to` the latest, without `from` the version before `to`. Rows are the same row when they are alike in `matched_by`; `line` and `processing_date` make no row a changed one. `at` is what `row` of /provenance takes. NDJSON (`format=ndjson` or by Accept) has all changes; where it would be too long it is cut and has a Link rel=next.',
  examples: [
    { summary: 'The latest against the one before', path: '/v1/datasets/embrapa_producao/diff' },
    { summary: 'All changes, one a line', path: '/v1/datasets/embrapa_producao/diff?from=1&to=2&format=ndjson' },
  ],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    query: z.object({
      from: versionSchema(),
      to: versionSchema(),
      format: z.optional(z.enum(['json', 'ndjson'])),
      limit: z.optional(z.int().check(z.minimum(1), z.maximum(1000))),
      cursor: z.optional(z.string().check(z.maxLength(500))),
    }),
  }),
  run:
    ({ catalog, objects }: { catalog: CatalogReader; objects: Pick<ObjectReader, 'getRange'> }) =>
    async ({ path: { id }, query, headers }) => {
      const place = query.cursor === undefined ? undefined : readCursor(query.cursor, isPlace);
      const to = await findVersion(catalog, id, await versionNumber(catalog, id, place?.to ?? query.to));
      const asked = place?.from ?? query.from;
      const from = asked === undefined ? await versionBefore(catalog, to) : await findVersion(catalog, id, asked);
      const offset = place?.offset ?? 0;
      const format = query.format ?? (/\bapplication\/(x-)?ndjson\b/.test(headers.accept ?? '') ? 'ndjson' : 'json');
      const next = { from: from.version, to: to.version, offset };
      const pinned = place !== undefined || (query.from !== undefined && query.to !== undefined);
      const shape = {
        etag: `${id}@${nameOf(from)}..${nameOf(to)}.${WRITER}.${format}.${offset}.${query.limit ?? ''}`,
        ...(pinned && { cache_control: 'private, max-age=31536000, immutable' }),
      };
      const read = (limit: number, to_end: boolean) => compare(objects, from, to, { offset, limit, to_end });

      if (format === 'ndjson') {
        const { lines, more } = await read(query.limit ?? Number.POSITIVE_INFINITY, false);
        const { limit } = query;
        const link = more
          ? nextLink(`/v1/datasets/${id}/diff`, { format, limit }, { ...next, offset: offset + lines.length })
          : {};
        const body = lines.map((line) => `${line}\n`).join('');
        return reply({ ...shape, headers: { 'Content-Type': 'application/x-ndjson', Vary: 'Accept', ...link }, body });
      }
      const body = async () => {
        const { diff, lines, more } = await read(query.limit ?? ITEMS, true);
        const { key, matched_by, ignored, fields } = diff.plan;
        const known = { from: from.version, to: to.version, key, matched_by, ignored, counts: diff.counts, fields };
        const cursor = more ? writeCursor({ ...next, offset: offset + lines.length }) : null;
        return `${JSON.stringify(known).slice(0, -1)},"items":[${lines.join(',')}],"next":${JSON.stringify(cursor)}}`;
      };
      return reply({ ...shape, headers: { 'Content-Type': 'application/json', Vary: 'Accept' }, body });
    },
});

/** When it was published tells versions of one number apart: a catalog may be begun anew. */
const nameOf = ({ version, published_at }: PublishedVersion): string =>
  `${version}-${Date.parse(published_at).toString(36)}`;

const versionBefore = async (catalog: CatalogReader, to: PublishedVersion): Promise<PublishedVersion> => {
  const [version] = await catalog.listVersions(to.dataset, { limit: 1, before: to.version });
  if (version) return version;
  throw new NotFound(
    `The dataset '${to.dataset}' has no version before ${to.version} to compare it with; they are listed at /v1/datasets/${to.dataset}/versions.`,
  );
};

/** Loaded where it is used, as what reads Parquet is: most calls of this area need neither. */
const compare = async (
  objects: Pick<ObjectReader, 'getRange'>,
  from: PublishedVersion,
  to: PublishedVersion,
  page: { offset: number; limit: number; to_end: boolean },
): Promise<ChangesPage & { diff: Diff }> => {
  const [{ diffTables }, { diffTableOf }, { TooManyRows }, { openVersion }, { changesPage }] = await Promise.all([
    import('@granary/tabular/diff/diff-tables'),
    import('@granary/tabular/diff/diff-table'),
    import('@granary/tabular/diff/blocks'),
    import('../../history/version-table.ts'),
    import('../../history/changes-page.ts'),
  ]);
  const [before, after] = await Promise.all([from, to].map((version) => openVersion(objects, version)));
  const diff = diffTables(diffTableOf(before, from.key), diffTableOf(after, to.key));
  try {
    return { diff, ...(await changesPage(diff, page)) };
  } catch (error) {
    if (!(error instanceof TooManyRows)) throw error;
    throw new InvalidRequest(
      `Versions ${from.version} and ${to.version} of '${to.dataset}' cannot be compared here: ${error.message}. Both can be downloaded, at /v1/datasets/${to.dataset}/download?version=.`,
    );
  }
};
