import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ObjectStore } from '../../ports/object-store.ts';
import { listedPageKey, listingKey } from '../../rules/keys.ts';
import type { Listing, ListingPage } from '../../source.ts';
import type { Planned } from './planned-parts.ts';

/**
 * What a listing page led to, kept before any part is made of it: a page may say something else the next time, and the
 * parts of a run stay what they were. It lies in an object, since a page may list more than an item of the catalog
 * takes.
 */
export const readListing = async (
  objects: Pick<ObjectStore, 'get'>,
  run: string,
  part: number,
): Promise<Listing | undefined> => {
  const bytes = await objects.get(listingKey(run, part));
  return bytes && JSON.parse(gunzipSync(bytes).toString());
};

/** Keeps it unless another delivery did; gives what is kept. */
export const keepListing = async (
  objects: Pick<ObjectStore, 'get' | 'putNew'>,
  run: string,
  part: number,
  listing: Listing,
): Promise<Listing> => {
  const bytes = gzipSync(JSON.stringify(listing));
  if (await objects.putNew(listingKey(run, part), bytes, { content_type: 'application/gzip' })) return listing;
  const other = await readListing(objects, run, part);
  if (!other) throw new Error('A listing was kept by another delivery, and is gone');
  return other;
};

/**
 * Whether this part is the one to read a page, or, of a page with a key, to have it read. Pages may lead to each other
 * in a circle, which would never end: when several parts of a run are about the same page, only the first reads it.
 */
export const claimPage = async (
  objects: Pick<ObjectStore, 'get' | 'putNew'>,
  run: string,
  part: number,
  { url, hints, key: own }: ListingPage,
): Promise<boolean> => {
  const about = own ?? JSON.stringify([url, Object.entries(hints).sort(([a], [b]) => (a < b ? -1 : 1))]);
  const key = listedPageKey(run, createHash('sha256').update(about).digest('hex'));
  if (await objects.putNew(key, Buffer.from(String(part)), { content_type: 'text/plain' })) return true;
  const first = await objects.get(key);
  return first !== undefined && Buffer.from(first).toString() === String(part);
};

/** The parts that it leads to, in the order of their numbers. */
export const partsOf = ({ resources, next }: Listing): readonly Planned[] => [
  ...resources.map((resource) => ({ resource })),
  ...next.map((page) => ({ page })),
];
