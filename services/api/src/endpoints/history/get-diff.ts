import type { PublishedVersion } from '@granary/domain/dataset';
import { InvalidRequest, NotFound } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ObjectStore } from '@granary/domain/ports/object-store';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { fileReply, redirectParameter } from '../../exports/file-reply.ts';
import { makeSendOrStore } from '../../exports/send-or-store.ts';
import { sendable } from '../../exports/sendable.ts';
import { readCursor, writeCursor } from '../../paging/cursor.ts';
import { nextLink } from '../../paging/next-link.ts';
import { findVersion, versionNumber } from '../../versions/find-version.ts';

/** Raised when the same versions are compared or written otherwise: clients then see another ETag. */
const WRITER = 2;
const ITEMS = 100;
const NDJSON = 'application/x-ndjson';

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
  grants: ['catalog:read', 'catalog:versions', 'data:read', 'exports-of-diffs:write'],
  summary: 'What changed from one version to another: rows added, removed and changed, cell by cell',
  description:
    'Without `to` the latest, without `from` the version before `to`. Rows are the same row when they are alike in `matched_by`; `line` and `processing_date` make no row a changed one. `at` is what `row` of /provenance takes. NDJSON (`format=ndjson` or by Accept) has all changes; where that is too big to be sent it is a 303 to a file that can be had for 15 minutes (`redirect=false`: always a file, and 200 with its URL). With `limit` it has so many, and a Link rel=next to those after them.',
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
      redirect: redirectParameter(),
      cursor: z.optional(z.string().check(z.maxLength(500))),
    }),
  }),
  run: ({ catalog, objects, now }: { catalog: CatalogReader; objects: ObjectStore; now: () => number }) => {
    const sendOrStore = makeSendOrStore({ objects, folder: 'diffs', now, tooBig });
    return async ({ path: { id }, query, headers, method, caller }) => {
      const place = query.cursor === undefined ? undefined : readCursor(query.cursor, isPlace);
      const to = await findVersion(catalog, id, await versionNumber(catalog, id, place?.to ?? query.to), caller);
      const asked = place?.from ?? query.from;
      const from =
        asked === undefined ? await versionBefore(catalog, to) : await findVersion(catalog, id, asked, caller);
      const offset = place?.offset ?? 0;
      const { limit } = query;
      const format = query.format ?? (/\bapplication\/(x-)?ndjson\b/.test(headers.accept ?? '') ? 'ndjson' : 'json');
      const next = { from: from.version, to: to.version, offset };
      const pinned = place !== undefined || (query.from !== undefined && query.to !== undefined);
      const content = `${id}@${nameOf(from)}..${nameOf(to)}.${WRITER}.${format}`;
      const isWhole = limit === undefined && place === undefined;
      // Pages, and what is small enough to be JSON, are no files.
      const toFile = !query.redirect && format === 'ndjson' && isWhole && method !== 'HEAD';
      const shape = {
        etag: `${content}.${offset}.${limit ?? ''}`,
        ...(pinned && { cache_control: 'private, max-age=31536000, immutable' }),
        headers: { 'Content-Type': format === 'ndjson' ? NDJSON : 'application/json', Vary: 'Accept' },
      };
      const compare = async () => (await loadHistory()).compareVersions(objects, from, to);
      const page = async (limit: number, to_end: boolean) => {
        const { changesPage } = await loadHistory();
        const diff = await compare();
        return { diff, ...(await changesPage(diff, { offset, limit, to_end })) };
      };

      const whole = async () => {
        if (method === 'HEAD') return '';
        const { ndjsonOfChanges } = await loadHistory();
        const make = () => ndjsonOfChanges(compare);
        const file = {
          content: `diff ${content}`,
          filename: `${id}_v${from.version}_to_v${to.version}.ndjson`,
          content_type: NDJSON,
        };
        const answer = toFile ? await sendOrStore(make, { ...file, always: true }) : await sendOrStore(make, file);
        if ('body' in answer) return sendable(answer.body);
        return fileReply(!toFile, { ...answer, from: from.version, to: to.version, content_type: NDJSON });
      };
      const part = async () => {
        const { lines, more } = await page(limit ?? Number.POSITIVE_INFINITY, false);
        const after = { ...next, offset: offset + lines.length };
        return reply({
          headers: more ? nextLink(`/v1/datasets/${id}/diff`, { format, limit }, after) : {},
          body: sendable(Buffer.from(lines.map((line) => `${line}\n`).join(''))),
        });
      };
      const json = async () => {
        const { diff, lines, more } = await page(limit ?? ITEMS, true);
        const { key, matched_by, ignored, fields } = diff.plan;
        const known = { from: from.version, to: to.version, key, matched_by, ignored, counts: diff.counts, fields };
        const cursor = more ? writeCursor({ ...next, offset: offset + lines.length }) : null;
        return sendable(
          Buffer.from(
            `${JSON.stringify(known).slice(0, -1)},"items":[${lines.join(',')}],"next":${JSON.stringify(cursor)}}`,
          ),
        );
      };
      return reply({
        ...shape,
        ...(toFile && { etag: undefined }),
        body: format === 'json' ? json : isWhole ? whole : part,
      });
    };
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
const loadHistory = async () => {
  const [{ compareVersions }, { changesPage }, { ndjsonOfChanges }] = await Promise.all([
    import('../../history/compare-versions.ts'),
    import('../../history/changes-page.ts'),
    import('../../history/ndjson-of-changes.ts'),
  ]);
  return { compareVersions, changesPage, ndjsonOfChanges };
};

const tooBig = (most: string): InvalidRequest =>
  new InvalidRequest(`What changed is larger than ${most} as NDJSON; ask for it in pages, with \`limit\`.`, [
    { field: 'limit', message: 'is needed here: all changes are too many for one file' },
  ]);
