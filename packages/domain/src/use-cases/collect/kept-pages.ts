import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { ObjectStore } from '../../ports/object-store.ts';
import { keptPagesKey } from '../../rules/keys.ts';

export type PartOfRun = { run: string; part: number };

/** Where a delivery is with the pages of a resource. */
export type PagesSoFar = {
  /** The address of the first page: of all records, or of those that have changed since. */
  from: string;
  /** When the first page was asked for: ISO 8601. */
  begun_at: string;
  /** Pages that were fetched. */
  pages: number;
  records: number;
  /** Of all pages together. */
  bytes: number;
  /** The address of the page that comes next. */
  next: string;
  /** Addresses and fingerprints (hashes) of the pages. */
  seen: readonly string[];
  /** Of the first page. */
  etag: string | null;
  last_modified: string | null;
  content_type: string | null;
};

/** Keeps what a delivery fetched for the next one: the pages first, so that what is said of them is true. */
export const keepPages = async (
  objects: Pick<ObjectStore, 'put' | 'putFile'>,
  { run, part }: PartOfRun,
  so_far: PagesSoFar,
  path: string,
): Promise<void> => {
  const packed = `${path}.gz`;
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(packed));
    await objects.putFile(keptPagesKey(run, part, `${so_far.pages}.gz`), packed, { content_type: 'application/gzip' });
  } finally {
    await rm(packed, { force: true });
  }
  const state = Buffer.from(JSON.stringify(so_far));
  await objects.put(keptPagesKey(run, part, 'next.json'), state, { content_type: 'application/json' });
};

/**
 * What an earlier delivery of the part kept; its pages are written to `path`. Undefined where the source was asked for
 * all of it since (`checked_at`): the message was redriven, and its pages are older than what is published. And where
 * they were asked for by another address (`url`): changed records are not all records.
 */
export const readKeptPages = async (
  objects: Pick<ObjectStore, 'get'>,
  { run, part }: PartOfRun,
  { path, url, checked_at }: { path: string; url: string; checked_at: string | null },
): Promise<PagesSoFar | undefined> => {
  const state = await objects.get(keptPagesKey(run, part, 'next.json'));
  if (!state) return undefined;
  const so_far: PagesSoFar = JSON.parse(Buffer.from(state).toString());
  if (so_far.from !== url) return undefined;
  // An earlier release did not say when it began.
  if (checked_at !== null && !(so_far.begun_at > checked_at)) return undefined;
  const packed = await objects.get(keptPagesKey(run, part, `${so_far.pages}.gz`));
  if (!packed) return undefined;
  await pipeline(Readable.from([packed]), createGunzip(), createWriteStream(path));
  return so_far;
};
