import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';

import { failure, put, read, s3 } from '../testing/one-aws.ts';

describe('S3', () => {
  it('keeps an object with its metadata', async () => {
    await put('plain', 'hello', { Metadata: { version: '3' }, ContentType: 'text/plain', CacheControl: 'no-cache' });
    const head = await s3().send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'plain' }));
    expect(head).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/plain',
      CacheControl: 'no-cache',
      Metadata: { version: '3' },
    });
  });

  it('lets exactly one of many conditional writers win', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => put('once', `${i}`, { IfNoneMatch: '*' })),
    );
    const won = outcomes.flatMap((outcome, i) => (outcome.status === 'fulfilled' ? [i] : []));
    expect(won).toHaveLength(1);
    expect(await read('once')).toBe(`${won[0]}`);
    const lost = outcomes.find((outcome) => outcome.status === 'rejected') as PromiseRejectedResult;
    expect(lost.reason.name).toBe('PreconditionFailed');
  });

  it('lets one of two win every time, and the other read what the winner wrote', async () => {
    for (let n = 0; n < 40; n++) {
      const key = `raw/users/run/${n}.json.gz`;
      const writes = ['one', 'two'].map((body) =>
        put(key, body, { IfNoneMatch: '*' }).then(
          () => body,
          (error: Error) => error.name,
        ),
      );
      const outcomes = await Promise.all(writes);
      const [winner] = outcomes.filter((outcome) => outcome !== 'PreconditionFailed');
      expect([...outcomes].sort()).toEqual(['PreconditionFailed', winner]);
      expect(await read(key)).toBe(winner);
    }
  });

  it('replaces an object only under the ETag that If-Match names', async () => {
    const { ETag } = await put('matched', 'one');
    expect(await failure(put('matched', 'two', { IfMatch: '"0"' }))).toMatchObject({
      name: 'PreconditionFailed',
      status: 412,
    });
    expect(await failure(put('nothing-here', 'two', { IfMatch: ETag }))).toMatchObject({ status: 404 });
    await put('matched', 'three', { IfMatch: ETag });
    expect(await read('matched')).toBe('three');
  });

  it('answers ranges from 0, open ones, suffixes, and suffixes longer than the object', async () => {
    await put('digits', '0123456789');
    expect(await read('digits', { Range: 'bytes=0-3' })).toBe('0123');
    expect(await read('digits', { Range: 'bytes=7-' })).toBe('789');
    expect(await read('digits', { Range: 'bytes=-2' })).toBe('89');
    expect(await read('digits', { Range: 'bytes=-500' })).toBe('0123456789');
    expect(await failure(read('digits', { Range: 'bytes=50-60' }))).toMatchObject({ status: 416 });
  });

  it('takes parts, and single objects above 11 MiB', async () => {
    const target = { Bucket: 'bucket', Key: 'parts' };
    const { UploadId } = await s3().send(new CreateMultipartUploadCommand({ ...target, Metadata: { a: 'b' } }));
    const parts = await Promise.all(
      [1, 2].map(async (PartNumber) => {
        const Body = new Uint8Array(5 << 20).fill(64 + PartNumber);
        const { ETag } = await s3().send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }));
        return { PartNumber, ETag };
      }),
    );
    await s3().send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: parts } }));
    expect(await read('parts', { Range: `bytes=${(5 << 20) - 1}-${5 << 20}` })).toBe('AB');
    await put('large', new Uint8Array(12 << 20));
    const head = await s3().send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'large' }));
    expect(head.ContentLength).toBe(12 << 20);
  });

  it('lists every key once over several pages, in the order of their bytes (fauxqs sorts by locale)', async () => {
    const keys = ['l/B', 'l/a-1', 'l/a/1', 'l/a1', 'l/a_1', 'l/b', 'l/é'];
    for (const key of keys) await put(key, 'x');
    const listed: string[] = [];
    let token: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: 'bucket',
        Prefix: 'l/',
        MaxKeys: 2,
        ContinuationToken: token,
      });
      const page = await s3().send(command);
      listed.push(...(page.Contents ?? []).map((object) => object.Key!));
      token = page.NextContinuationToken;
    } while (token);
    expect(listed).toEqual(keys);
  });
});
