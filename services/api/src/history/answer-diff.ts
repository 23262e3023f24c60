import type { PublishedVersion } from '@granary/domain/dataset';
import { InvalidRequest } from '@granary/domain/errors';
import type { ObjectStore } from '@granary/domain/ports/object-store';
import { type Reply, reply } from '@granary/runtime/http/reply';
import { fileReply } from '../exports/file-reply.ts';
import { makeSendOrStore } from '../exports/send-or-store.ts';
import { sendable } from '../exports/sendable.ts';
import { writeCursor } from '../paging/cursor.ts';
import { nextLink } from '../paging/next-link.ts';
import type { Compared } from './find-compared.ts';

/** Raised when the same versions are compared or written otherwise: clients then see another ETag. */
const WRITER = 2;
const ITEMS = 100;
const NDJSON = 'application/x-ndjson';

export type AskedDiff = {
  format: 'json' | 'ndjson';
  limit: number | undefined;
  redirect: boolean;
  /** The first page, of all changes: as NDJSON a file where they are too many to be sent. */
  is_whole: boolean;
  head_only: boolean;
};

/**
 * What changed, as a page of JSON, as lines of NDJSON, or as a redirect to a file of them. Nothing is compared for a
 * HEAD.
 */
export const makeAnswerDiff = ({ objects, now }: { objects: ObjectStore; now: () => number }) => {
  const sendOrStore = makeSendOrStore({ objects, folder: 'diffs', now, tooBig });
  return ({ from, to, offset, is_pinned }: Compared, asked: AskedDiff): Reply => {
    const { format, limit } = asked;
    const id = to.dataset;
    const next = { from: from.version, to: to.version, offset };
    const content = `${id}@${nameOf(from)}..${nameOf(to)}.${WRITER}.${format}`;
    // Pages, and what is small enough to be JSON, are no files.
    const toFile = !asked.redirect && format === 'ndjson' && asked.is_whole && !asked.head_only;
    const compare = async () => (await loadHistory()).compareVersions(objects, from, to);
    const page = async (most: number, to_end: boolean) => {
      const { changesPage } = await loadHistory();
      const diff = await compare();
      return { diff, ...(await changesPage(diff, { offset, limit: most, to_end })) };
    };

    const whole = async () => {
      if (asked.head_only) return '';
      const { ndjsonOfChanges } = await loadHistory();
      const make = () => ndjsonOfChanges(compare);
      const filename = `${id}_v${from.version}_to_v${to.version}.ndjson`;
      const file = { content: `diff ${content}`, filename, content_type: NDJSON };
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
      const head = JSON.stringify(known).slice(0, -1);
      return sendable(Buffer.from(`${head},"items":[${lines.join(',')}],"next":${JSON.stringify(cursor)}}`));
    };

    return reply({
      ...(!toFile && { etag: `${content}.${offset}.${limit ?? ''}` }),
      ...(is_pinned && { cache_control: 'private, max-age=31536000, immutable' }),
      headers: { 'Content-Type': format === 'ndjson' ? NDJSON : 'application/json', Vary: 'Accept' },
      body: format === 'json' ? json : asked.is_whole ? whole : part,
    });
  };
};

/** When it was published tells versions of one number apart: a catalog may be begun anew. */
const nameOf = ({ version, published_at }: PublishedVersion): string =>
  `${version}-${Date.parse(published_at).toString(36)}`;

/** Loaded where it is used, as what reads Parquet is: most calls of this area need neither. */
const loadHistory = async () => {
  const [{ compareVersions }, { changesPage }, { ndjsonOfChanges }] = await Promise.all([
    import('./compare-versions.ts'),
    import('./changes-page.ts'),
    import('./ndjson-of-changes.ts'),
  ]);
  return { compareVersions, changesPage, ndjsonOfChanges };
};

const tooBig = (most: string): InvalidRequest =>
  InvalidRequest.of(
    'limit',
    'is needed here: all changes are too many for one file',
    `What changed is larger than ${most} as NDJSON; ask for it in pages, with \`limit\`.`,
  );
