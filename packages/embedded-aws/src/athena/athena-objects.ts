import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export type ObjectPlace = { bucket: string; key: string };
export type TableObject = { bytes: number; etag: string };
/** A copy of an object on this machine. */
export type LocalObject = TableObject & { path: string };

/** Copies of Parquet objects and results, the least recently used of which go first. */
const LARGEST_CACHE = 2 * 2 ** 30;

export const placeOf = (uri: string): ObjectPlace | undefined => {
  const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri.trim());
  return match ? { bucket: match[1]!, key: match[2]! } : undefined;
};

const isMissing = (error: Error & { $metadata?: { httpStatusCode?: number } }) =>
  error.$metadata?.httpStatusCode === 404;

/**
 * Objects of S3 as Athena reads and writes them, by the service at `endpoint`, with copies of what is read again and
 * again under `dir`. The client is loaded when it is first needed.
 */
export const openObjects = (options: { dir: string; endpoint: string; region: string; largest?: number }) => {
  const { dir, endpoint, region, largest = LARGEST_CACHE } = options;
  const load = async () => {
    const sdk = await import('@aws-sdk/client-s3');
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    // Bytes that do not leave the machine need no checksums, which take a second for a quarter of a gigabyte.
    const checksums = {
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    } as const;
    return { sdk, client: new sdk.S3Client({ endpoint, region, credentials, forcePathStyle: true, ...checksums }) };
  };
  let loaded: ReturnType<typeof load> | undefined;
  const s3 = () => {
    loaded ??= load();
    return loaded;
  };
  const unlessMissing = async <T>(call: Promise<T>): Promise<T | undefined> =>
    call.catch((error: Error) => {
      if (isMissing(error)) return undefined;
      throw error;
    });

  const head = async ({ bucket, key }: ObjectPlace): Promise<TableObject | undefined> => {
    const { sdk, client } = await s3();
    const found = await unlessMissing(client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key })));
    return found && { bytes: found.ContentLength ?? 0, etag: found.ETag ?? '' };
  };
  const read = async ({ bucket, key }: ObjectPlace): Promise<Buffer | undefined> => {
    const { sdk, client } = await s3();
    const found = await unlessMissing(client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key })));
    return found && Buffer.from(await found.Body!.transformToByteArray());
  };
  const copyOf = ({ bucket, key }: ObjectPlace, etag: string): string => {
    const name = createHash('sha256')
      .update(JSON.stringify([bucket, key, etag]))
      .digest('hex');
    return join(dir, `${name}.parquet`);
  };
  /** The file becomes the object's copy: whoever reads the object soon reads that. */
  const writeFile = async (place: ObjectPlace, path: string): Promise<void> => {
    const { sdk, client } = await s3();
    const ContentLength = statSync(path).size;
    const Body = createReadStream(path);
    const { ETag = '' } = await client.send(
      new sdk.PutObjectCommand({ Bucket: place.bucket, Key: place.key, Body, ContentLength, ContentType: 'text/csv' }),
    );
    mkdirSync(dir, { recursive: true });
    renameSync(path, copyOf(place, ETag));
    makeRoom();
  };

  const underWay = new Map<string, Promise<void>>();
  /** How many queries read a copy just now. */
  const held = new Map<string, number>();
  const download = async ({ bucket, key }: ObjectPlace, path: string): Promise<void> => {
    const { sdk, client } = await s3();
    const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }));
    mkdirSync(dir, { recursive: true });
    const part = `${path}.part`;
    try {
      await pipeline(Body as Readable, createWriteStream(part, { mode: 0o600 }));
      renameSync(part, path);
    } catch (error) {
      rmSync(part, { force: true });
      throw error;
    }
  };
  const makeRoom = () => {
    const copies = readdirSync(dir)
      .filter((name) => !name.endsWith('.part'))
      .map((name) => ({ path: join(dir, name), stats: statSync(join(dir, name)) }))
      .sort((a, b) => a.stats.mtimeMs - b.stats.mtimeMs);
    let bytes = copies.reduce((sum, { stats }) => sum + stats.size, 0);
    for (const { path, stats } of copies) {
      if (bytes <= largest) return;
      if (held.has(path)) continue;
      rmSync(path, { force: true });
      bytes -= stats.size;
    }
  };

  /** Lasts until it is released. The facts are those of `head`, so that another object of that key is another copy. */
  const hold = async (place: ObjectPlace, facts: TableObject): Promise<LocalObject> => {
    const path = copyOf(place, facts.etag);
    held.set(path, (held.get(path) ?? 0) + 1);
    try {
      if (!existsSync(path)) {
        const fetching = underWay.get(path) ?? download(place, path).finally(() => underWay.delete(path));
        underWay.set(path, fetching);
        await fetching;
        makeRoom();
      }
      const now = new Date();
      utimesSync(path, now, now);
      return { ...facts, path };
    } catch (error) {
      release(path);
      throw error;
    }
  };
  const release = (path: string): void => {
    const left = (held.get(path) ?? 0) - 1;
    if (left > 0) held.set(path, left);
    else held.delete(path);
  };

  return {
    head,
    read,
    writeFile,
    hold,
    release,
    async close() {
      if (loaded) (await loaded).client.destroy();
    },
  };
};

export type AthenaObjects = ReturnType<typeof openObjects>;
