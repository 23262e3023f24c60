import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ObjectReader } from '@granary/domain/ports/object-store';

export type S3ObjectStoreOptions = { client: S3Client; bucket: string };

/**
 * The half of {@link ./s3-object-store.ts} that reads, apart from it so that functions which only read do not load what
 * writing needs. Needs s3:ListBucket besides what it reads: without it S3 answers 403 where there is no object.
 */
export const makeS3ObjectReader = ({ client, bucket }: S3ObjectStoreOptions): ObjectReader => {
  const at = (key: string) => ({ Bucket: bucket, Key: key });
  const fetchObject = (key: string, range?: string): Promise<GetObjectCommandOutput> =>
    client.send(new GetObjectCommand({ ...at(key), Range: range }));

  return {
    async get(key) {
      const answer = await unlessMissing(fetchObject(key));
      return answer?.Body?.transformToByteArray();
    },
    async getRange(key, start, end) {
      const { Body, ContentLength } = await fetchObject(key, `bytes=${start}-${end - 1}`);
      return collected(Body as Readable, ContentLength ?? end - start);
    },
    async head(key) {
      const answer = await unlessMissing(client.send(new HeadObjectCommand(at(key))));
      return (
        answer && {
          bytes: answer.ContentLength ?? 0,
          etag: answer.ETag ?? '',
          last_modified: (answer.LastModified ?? new Date(0)).toISOString(),
          metadata: answer.Metadata ?? {},
        }
      );
    },
    async list(prefix) {
      const keys: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }));
        for (const { Key } of page.Contents ?? []) keys.push(Key!);
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken);
      return keys;
    },
    async presign(key, { expires_s, filename, content_type }) {
      // Loaded where it is used: most functions never sign.
      const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
      const command = new GetObjectCommand({
        ...at(key),
        ...(filename && { ResponseContentDisposition: `attachment; filename="${filename}"` }),
        ...(content_type && { ResponseContentType: content_type }),
      });
      return getSignedUrl(client, command, { expiresIn: expires_s });
    },
  };
};

/** The bytes of a body of known size, put into place as they come; the SDK would keep all pieces and join them. */
const collected = (body: Readable, size: number): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const bytes = new Uint8Array(size);
    let length = 0;
    body.on('data', (chunk: Uint8Array) => {
      if (length + chunk.length <= size) bytes.set(chunk, length);
      length += chunk.length;
    });
    body.once('end', () => resolve(bytes.subarray(0, length)));
    body.once('error', reject);
  });

const unlessMissing = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
    // A HEAD has no body to name the error in; a missing bucket is an error of ours and not a missing object.
    if (name === 'NoSuchKey' || (name === 'NotFound' && $metadata?.httpStatusCode === 404)) return undefined;
    throw error;
  }
};
