import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GranaryError, MorePages, RefusedContent } from '../../errors.ts';
import type { Paging } from '../../paging.ts';
import type { Fetched } from '../../ports/collecting.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { Resource, SourceDefinition } from '../../source.ts';
import { type AskDeps, askSource, type Question } from './ask-source.ts';
import { keepPages, type PagesSoFar, type PartOfRun, readKeptPages } from './kept-pages.ts';

export type FetchPagesDeps = { objects: Pick<ObjectStore, 'get' | 'put' | 'putFile'>; tmpdir: string };

export type PagesQuestion = Pick<Question, 'etag' | 'last_modified' | 'onRequest'> & {
  paging: Paging;
  source: SourceDefinition;
  resource: Resource;
  part: PartOfRun;
  /** When the source was last asked for all of it, by any run: pages that were kept before are older than that. */
  checked_at: string | null;
};

/** A page is held in memory while it is read. */
const MOST_PAGE_BYTES = 32_000_000;
/** No page is begun later than this after the start of a delivery: the rest of its time belongs to the file. */
const LAST_PAGE_MS = 45_000;
const NEWLINE = Buffer.from('\n');

/**
 * Fetches a resource page after page, within its host's budget, into one file: the pages as they came, a line break
 * behind each. A last page without records is left out. When time is over, or a page cannot be had, what was fetched is
 * kept, and the next delivery of the part goes on with it. Throws MorePages for that, RefusedContent for pages that
 * repeat themselves, lead to another host, or are more than may be, and what {@link askSource} throws.
 */
export const fetchPages =
  (deps: AskDeps & FetchPagesDeps) =>
  async (question: PagesQuestion): Promise<Fetched> => {
    const { paging, part, checked_at } = question;
    const { objects, tmpdir, clock } = deps;
    const begun = clock();
    const path = join(tmpdir, `granary-pages-${randomUUID()}`);
    try {
      let so_far = await readKeptPages(objects, part, { path, url: question.resource.url, checked_at });
      if (!so_far) await writeFile(path, '');
      for (;;) {
        if (so_far && clock() - begun > LAST_PAGE_MS) {
          await keepPages(objects, part, so_far, path);
          throw new MorePages(
            `${so_far.pages} pages of '${question.resource.dataset}' are fetched; it goes on with the next.`,
          );
        }
        const page = await nextPage(deps, question, so_far, path);
        if (page === 'not-modified') {
          await rm(path, { force: true });
          return { status: 'not-modified' };
        }
        if (page.next === null) return await fetchedFile(page, paging, path);
        so_far = { ...page, next: page.next };
      }
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  };

type Deps = AskDeps & FetchPagesDeps;
type Page = Omit<PagesSoFar, 'next'> & { next: string | null };

/** Fetches one page more; what was fetched before is kept when that fails and may be tried again. */
const nextPage = async (
  deps: Deps,
  question: PagesQuestion,
  so_far: PagesSoFar | undefined,
  path: string,
): Promise<Page | 'not-modified'> => {
  try {
    return await fetchPage(deps, question, so_far, path);
  } catch (error) {
    const isLost = !(error instanceof GranaryError) || error.decision === 'stop';
    if (so_far && !isLost) await keepPages(deps.objects, question.part, so_far, path);
    throw error;
  }
};

const fetchPage = async (
  deps: Deps,
  { paging, source, resource, etag, last_modified, onRequest }: PagesQuestion,
  so_far: PagesSoFar | undefined,
  path: string,
): Promise<Page | 'not-modified'> => {
  const { pages = 0, records = 0, bytes = 0, seen = [] } = so_far ?? {};
  const url = so_far?.next ?? resource.url;
  const begun_at = so_far?.begun_at ?? new Date(deps.clock()).toISOString();
  if (pages === paging.most_pages)
    throw new RefusedContent(`It has more than ${pages} pages: raise most_pages, or ask for larger pages.`);
  const left = source.max_bytes - bytes;
  const of = { ...source, max_bytes: Math.min(left, MOST_PAGE_BYTES) };
  const conditions = !so_far && paging.first_tells_all ? { etag, last_modified } : {};
  const file = await askSource(deps)({ url, accept: source.accept, source: of, ...conditions, onRequest });
  if (file.status === 'not-modified') return 'not-modified';
  try {
    const body = await readFile(file.path);
    const number = pages + 1;
    const read = await paging.read({ url, number, body, link: file.link, records_before: records });
    const about = so_far ?? { etag: file.etag, last_modified: file.last_modified, content_type: file.content_type };
    const isKept = read.records > 0 || number === 1;
    if (isKept) await appendFile(path, Buffer.concat([body, NEWLINE]));
    const marks = [hashOf(url), ...(read.records > 0 ? [hashOf(read.fingerprint)] : [])];
    refuseRepeated(seen, marks, number);
    refuseElsewhere(read.next, url);
    return {
      begun_at,
      ...{ etag: about.etag, last_modified: about.last_modified, content_type: about.content_type },
      from: resource.url,
      pages: number,
      records: records + read.records,
      bytes: isKept ? bytes + body.length + 1 : bytes,
      next: read.next,
      seen: [...seen, ...marks],
    };
  } finally {
    await rm(file.path, { force: true });
  }
};

/** Of 16 hexadecimal digits, since as many as there are pages are kept. */
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const refuseRepeated = (seen: readonly string[], [url, records]: readonly string[], number: number): void => {
  if (seen.includes(url!)) throw new RefusedContent(`Its pages lead in a circle: page ${number} was fetched before.`);
  if (records !== undefined && seen.includes(records))
    throw new RefusedContent(
      `Its pages repeat themselves: page ${number} holds the records of an earlier one. Does the API know the parameter that asks for it?`,
    );
};

/** A page may not send the reader to somebody else: the budget and the address that was declared are of its host. */
const refuseElsewhere = (next: string | null, url: string): void => {
  if (next === null) return;
  const target = new URL(next);
  if (/^https?:$/.test(target.protocol) && target.host === new URL(url).host && !target.username) return;
  throw new RefusedContent(`The next page is at another address than ${new URL(url).host}: ${target.host}.`);
};

const fetchedFile = async (
  { bytes, etag, last_modified, content_type }: Page,
  { first_tells_all }: Paging,
  path: string,
): Promise<Fetched> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  const conditions = first_tells_all ? { etag, last_modified } : { etag: null, last_modified: null };
  return { status: 'fetched', path, bytes, sha256: hash.digest('hex'), ...conditions, content_type, link: null };
};
