import { readFile, rm } from 'node:fs/promises';
import { RefusedContent } from '../../errors.ts';
import type { ResourceFile } from '../../reading.ts';
import type { Resource, Source, SourceDefinition } from '../../source.ts';
import type { AskDeps } from '../collect/ask-source.ts';
import { isReadWhole } from '../collect/beginning-of.ts';
import { openResourceFile } from '../collect/resource-file.ts';
import { fetchAddress, fetchListing, fetchResource, type PreviewedAddress } from './fetch-for-preview.ts';
import { type PreviewedFile, previewFile } from './preview-file.ts';

export type PreviewDeps = AskDeps & {
  /** A folder for files that live as long as a preview. */
  tmpdir: string;
  sources: {
    /** Checks what somebody wrote. Throws InvalidRequest, which names the fields that are wrong. */
    check(written: unknown): Source;
    define(source: Source): SourceDefinition;
    /**
     * The source that the file at an address becomes where nobody has written one. `id`: the one that it is to have;
     * `link`: the header of that name.
     */
    guess(url: string, file: ResourceFile, of: { id?: string; link?: string | null }): Guessed;
  };
};

/** `doubts`: what the file leaves open, and how to decide it. */
type Guessed = { source: Source; doubts: readonly string[] };

export type PreviewRequest = { url: string; id?: string } | { source: unknown };

export type PreviewedResource = PreviewedFile & {
  url: string;
  /** Of the file as it was fetched; null when it was not, or not to its end. */
  bytes: number | null;
  content_type: string | null;
  /** The tables are those of its first page, and there are further ones. */
  more_pages: boolean;
};

export type SourcePreview = {
  /** The whole source, to be saved as it is or changed. */
  source: Source;
  resources: readonly PreviewedResource[];
  /** What an address alone leaves open about the source, and how to decide it. */
  doubts: readonly string[];
  /** Addresses of resources that were not fetched: there are too many, or there was no time. */
  unread: readonly string[];
  /** Whether everything was read: each resource, each table, each row. */
  complete: boolean;
};

/** What API Gateway waits for is 29 s: fetching and reading begin within these, and the last table has the rest. */
const FETCH_MS = 12_000;
const READ_MS = 18_000;
/** Resources of a source that are fetched. */
const MOST_RESOURCES = 3;
/** Of a text so much is read; workbooks, pages of HTML and JSON are read whole. */
const MOST_TEXT = 16_000_000;
/** A workbook or a page of so many bytes takes a core some ten seconds. */
const MOST_GRID = 12_000_000;
const MOST_UNPACKED = 100_000_000;
/** An answer of the API has 6 MB at most. */
const MOST_COLUMNS = 5_000;

/**
 * Fetches what a source, or the file at an address, holds, and tells what collecting would make of it: the tables,
 * their columns and why they have their types, the first rows, what would be quarantined, what is uncertain. Publishes
 * and stores nothing. Throws InvalidRequest for a source that is written wrongly and for an address of which no file
 * comes, which says why, and TooManyRequests. Of a source, a resource that cannot be fetched is `refused`.
 */
export const previewSource =
  (deps: PreviewDeps) =>
  async (request: PreviewRequest): Promise<SourcePreview> => {
    const begun = deps.clock();
    const until = { fetch: begun + FETCH_MS, read: begun + READ_MS };
    const fetched = 'url' in request ? await fetchAddress(deps, request.url, until.fetch) : undefined;
    try {
      const { source, doubts } =
        'url' in request
          ? guessed(deps, request, fetched!)
          : { source: deps.sources.check(request.source), doubts: [] };
      const definition = deps.sources.define(source);
      const { all, refused, more } = await resourcesOf(deps, definition, until.fetch);
      const resources: PreviewedResource[] = [...refused];
      for (const resource of all.slice(0, MOST_RESOURCES)) {
        if (resources.length > 0 && deps.clock() > until.fetch) break;
        const file = fetched ?? (await fetchResource(deps, definition, resource, until.fetch));
        resources.push(await previewed(deps, definition, resource, file, until.read));
      }
      const unread = all.slice(resources.length - refused.length).map(({ url }) => url);
      const isWhole = (one: PreviewedResource): boolean =>
        !one.more_pages && one.unread.length === 0 && one.tables.every(({ complete }) => complete);
      return { source, resources, doubts, unread, complete: !more && unread.length === 0 && resources.every(isWhole) };
    } finally {
      if (fetched) await rm(fetched.path, { force: true });
    }
  };

/** Those that are known, and those of the first page that lists others. `more`: there are further pages. */
const resourcesOf = async (
  deps: PreviewDeps,
  source: SourceDefinition,
  until: number,
): Promise<{ all: readonly Resource[]; refused: readonly PreviewedResource[]; more: boolean }> => {
  const { base_url, listing } = source;
  const known = source.discover({ base_url, year: new Date(deps.clock()).getUTCFullYear() });
  const pages = listing?.first({ base_url }) ?? [];
  const [first] = pages;
  if (!first) return { all: known, refused: [], more: false };
  const page = await fetchListing(deps, source, first, until);
  if ('refused' in page) return { all: known, refused: [nothing(first.url, page.refused)], more: pages.length > 1 };
  try {
    const { resources, next } = await listing!.read(first, await readFile(page.path), { base_url });
    return { all: [...known, ...resources], refused: [], more: pages.length + next.length > 1 };
  } catch (error) {
    if (!(error instanceof RefusedContent)) throw error;
    return { all: known, refused: [nothing(first.url, error.message)], more: pages.length > 1 };
  } finally {
    await rm(page.path, { force: true });
  }
};

const nothing = (url: string, refused: string): PreviewedResource => ({
  ...{ url, bytes: null, content_type: null, refused, tables: [], unread: [], more_pages: false },
});

const guessed = (
  { sources }: PreviewDeps,
  { url, id }: { url: string; id?: string },
  { path, link }: { path: string; link: string | null },
): Guessed => {
  const file = openResourceFile(path);
  try {
    return sources.guess(url, file, { link, ...(id !== undefined && { id }) });
  } finally {
    file.close();
  }
};

const previewed = async (
  { tmpdir, clock }: PreviewDeps,
  source: SourceDefinition,
  resource: Resource,
  file: PreviewedAddress,
  until: number,
): Promise<PreviewedResource> => {
  const { url } = resource;
  if ('refused' in file) return nothing(url, file.refused);
  const { path, content_type, cut = false } = file;
  const bytes = cut ? null : file.bytes;
  try {
    if (cut) refuseWhole(file);
    source.checkAnswer?.(resource, { url, link: file.link });
    const more_pages = await hasMorePages(source, resource, file);
    // Its last line may have been cut off in the middle.
    const most_text = Math.min(MOST_TEXT, cut ? file.bytes - 1 : MOST_TEXT);
    const limits = { most_text, most_grid: MOST_GRID, most_columns: MOST_COLUMNS, until };
    const most = { ...source, max_bytes: Math.min(source.max_bytes, MOST_UNPACKED) };
    const found = await previewFile({ source: most, resource, path, tmpdir, clock, ...limits });
    return { url, bytes, content_type, more_pages, ...found };
  } catch (error) {
    if (!(error instanceof RefusedContent)) throw error;
    return { ...nothing(url, error.message), bytes, content_type };
  } finally {
    await rm(path, { force: true });
  }
};

/** Of text the beginning can be read; of anything else nothing can be said without its end. */
const refuseWhole = ({ path, bytes }: { path: string; bytes: number }): void => {
  const file = openResourceFile(path);
  try {
    if (isReadWhole(file))
      throw new RefusedContent(
        `It can only be read as a whole, and of it ${bytes} bytes came before a preview had to end. Fetch it yourself, and look at it with \`granary inspect FILE\`; collecting has more time.`,
      );
  } finally {
    file.close();
  }
};

/** Of a resource that is given in pages, the first one is read. */
const hasMorePages = async (
  source: SourceDefinition,
  resource: Resource,
  { path, link }: { path: string; link: string | null },
): Promise<boolean> => {
  const paging = source.paging?.(resource);
  if (!paging) return false;
  const page = { url: resource.url, number: 1, body: await readFile(path), link, records_before: 0 };
  return (await paging.read(page)).next !== null;
};
