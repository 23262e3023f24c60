import { open, readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ObjectStore, PutOptions } from '@granary/domain/ports/object-store';
import { makeS3ObjectReader, type S3ObjectStoreOptions } from './s3-object-reader.ts';

/** Larger bodies go in parts of this size; S3 takes parts from 5 MiB on, 10,000 of them. */
const PART_BYTES = 8 * 1024 * 1024;
/** How often a conditional write is tried against others at the same moment. */
const CONFLICTS = 5;
/** What DeleteObjects takes at once. */
const DELETE_BATCH = 1000;

/** Reads as {@link ./s3-object-reader.ts} does, and writes. */
export const makeS3ObjectStore = ({ client, bucket }: S3ObjectStoreOptions): ObjectStore => {
  const at = (key: string) => ({ Bucket: bucket, Key: key });

  /** `read` gives the bytes [start, end) of the body, `size` bytes long. */
  const putParts = async (
    key: string,
    size: number,
    read: (start: number, end: number) => Promise<Uint8Array>,
    options: PutOptions,
  ): Promise<void> => {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...at(key), ...headers(options) }));
    try {
      const parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (let start = 0; start < size; start += PART_BYTES) {
        const PartNumber = parts.length + 1;
        const Body = await read(start, Math.min(size, start + PART_BYTES));
        const { ETag } = await client.send(new UploadPartCommand({ ...at(key), UploadId, PartNumber, Body }));
        parts.push({ PartNumber, ETag });
      }
      const MultipartUpload = { Parts: parts };
      await client.send(new CompleteMultipartUploadCommand({ ...at(key), UploadId, MultipartUpload }));
    } catch (error) {
      // Parts of an upload that nobody completes are paid for; should this fail too, the bucket's lifecycle rule ends
      // it.
      await client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId })).catch(() => {});
      throw error;
    }
  };

  const put = async (key: string, body: Uint8Array, options: PutOptions = {}): Promise<void> => {
    if (body.byteLength > PART_BYTES) {
      return putParts(key, body.byteLength, async (start, end) => body.subarray(start, end), options);
    }
    await client.send(new PutObjectCommand({ ...at(key), Body: body, ...headers(options) }));
  };

  return {
    ...makeS3ObjectReader({ client, bucket }),
    put,
    async putNew(key, body, options = {}) {
      const command = new PutObjectCommand({ ...at(key), Body: body, ...headers(options), IfNoneMatch: '*' });
      for (let attempt = 1; ; attempt++) {
        try {
          await client.send(command);
          return true;
        } catch (error) {
          const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
          if ($metadata?.httpStatusCode === 412) return false;
          // Somebody else writes the same key at this very moment: the next look says who was first.
          if (name !== 'ConditionalRequestConflict' || attempt === CONFLICTS) throw error;
          await sleep(50 * attempt * (1 + Math.random()));
        }
      }
    },
    async putFile(key, path, options = {}) {
      const { size } = await stat(path);
      if (size <= PART_BYTES) return put(key, await readFile(path), options);
      const file = await open(path);
      const read = async (start: number, end: number): Promise<Uint8Array> => {
        const part = new Uint8Array(end - start);
        const { bytesRead } = await file.read(part, 0, part.length, start);
        if (bytesRead !== part.length) throw new Error(`${path} became shorter while it was uploaded`);
        return part;
      };
      try {
        await putParts(key, size, read, options);
      } finally {
        await file.close();
      }
    },
    async copy(from, to, options = {}) {
      const CopySource = [bucket, ...from.split('/')].map(encodeURIComponent).join('/');
      const replaced = { ...headers(options), MetadataDirective: 'REPLACE' as const };
      await client.send(new CopyObjectCommand({ ...at(to), CopySource, ...replaced }));
    },
    async delete(keys) {
      for (let start = 0; start < keys.length; start += DELETE_BATCH) {
        const Objects = keys.slice(start, start + DELETE_BATCH).map((Key) => ({ Key }));
        const answer = await client.send(
          new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
        );
        const [failed] = answer.Errors ?? [];
        if (failed) throw new Error(`S3 did not delete ${failed.Key}: ${failed.Code}`);
      }
    },
  };
};

const headers = ({ content_type, cache_control, metadata }: PutOptions) => ({
  ContentType: content_type,
  CacheControl: cache_control,
  Metadata: metadata && { ...metadata },
});
