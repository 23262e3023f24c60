import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { GZIP_LEVEL } from '@granary/tabular/gzip';
import type { DatasetId, RawObject } from '../../dataset.ts';
import type { Clock, Fetched } from '../../ports/collecting.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { IMMUTABLE, rawKey } from '../../rules/keys.ts';

type FetchedFile = Extract<Fetched, { status: 'fetched' }>;

/**
 * Keeps the bytes as fetched, before anybody tries to understand them: what a better parser makes of them later needs
 * no source. Named by what they hold, so the same bytes are kept once.
 */
export const storeRaw =
  ({ objects, clock }: { objects: Pick<ObjectStore, 'head' | 'putFile'>; clock: Clock }) =>
  async (dataset: DatasetId, url: string, file: FetchedFile): Promise<RawObject> => {
    const key = rawKey(dataset, file.sha256);
    if (!(await objects.head(key))) {
      const packed = `${file.path}.gz`;
      try {
        await pipeline(createReadStream(file.path), createGzip({ level: GZIP_LEVEL }), createWriteStream(packed));
        await objects.putFile(key, packed, {
          content_type: 'application/gzip',
          cache_control: IMMUTABLE,
          metadata: { sha256: file.sha256, bytes: String(file.bytes) },
        });
      } finally {
        await rm(packed, { force: true });
      }
    }
    return {
      key,
      sha256: file.sha256,
      bytes: file.bytes,
      url,
      etag: file.etag,
      last_modified: file.last_modified,
      fetched_at: new Date(clock()).toISOString(),
    };
  };
