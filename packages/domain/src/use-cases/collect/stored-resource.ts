import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Dataset, RawObject } from '../../dataset.ts';
import { InvalidRequest, NotReadBack } from '../../errors.ts';
import type { CollectMessage } from '../../messages/collect.ts';
import type { ObjectReader } from '../../ports/object-store.ts';
import type { Resource, SourceDefinition } from '../../source.ts';
import { resourceName } from '../publish/describe-dataset.ts';

/** What is made again: the resource of a dataset, as if it were a part of a collection. */
export type Replayed = { source: SourceDefinition; dataset: Dataset; message: CollectMessage };

/** What is held of a stored file at a time, bytes. */
const BLOCK_BYTES = 8 * 1024 * 1024;

/**
 * The resource that a dataset is made of, as its source names it in that year. Throws InvalidRequest where its source
 * does not name it by itself, since only a listing page says what is known of such a resource.
 */
export const resourceOf = (
  source: SourceDefinition,
  options: Parameters<SourceDefinition['discover']>[0],
  { id, resource: name }: Dataset,
): Resource => {
  const known = source.discover(options);
  const resource = known.find((one) => (name === undefined ? one.dataset === id : resourceName(source, one) === name));
  if (resource) return resource;
  throw new InvalidRequest(
    `'${id}' cannot be made again of stored bytes: its source '${source.id}' finds its file on a listing page, or no longer has it. Collect the source instead.`,
  );
};

/** Writes the bytes of a raw object to a file, as they were fetched. Throws NotReadBack where they are others now. */
export const unpackRaw = async (
  objects: Pick<ObjectReader, 'head' | 'getRange'>,
  { key, sha256 }: RawObject,
  path: string,
): Promise<void> => {
  const bytes = (await objects.head(key))?.bytes;
  if (bytes === undefined) throw new NotReadBack(`The object ${key}, of which the version was made, is missing.`);
  const hash = createHash('sha256');
  const blocks = async function* () {
    for (let start = 0; start < bytes; start += BLOCK_BYTES)
      yield await objects.getRange(key, start, Math.min(bytes, start + BLOCK_BYTES));
  };
  const hashed = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
  const packed = Readable.from(blocks(), { objectMode: false });
  await pipeline(packed, createGunzip(), hashed, createWriteStream(path)).catch((error: NodeJS.ErrnoException) => {
    if (!error.code?.startsWith('Z_')) throw error;
    throw new NotReadBack(`The object ${key} does not hold what was fetched: ${error.message}.`);
  });
  const found = hash.digest('hex');
  if (found !== sha256)
    throw new NotReadBack(`The object ${key} does not hold what was fetched: its SHA-256 is ${found}, not ${sha256}.`);
};
