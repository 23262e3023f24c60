import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedAws, startEmbeddedAws } from '../embedded-aws.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-versions-'));
const Bucket = 'kept';
let aws: EmbeddedAws;
let s3: S3Client;
const start = async () => {
  aws = await startEmbeddedAws({ port: 0, dir });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  s3 = new S3Client({ endpoint: aws.url, region: 'us-east-1', credentials, forcePathStyle: true, maxAttempts: 1 });
};
const put = (Key: string, Body: string, more = {}) => s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const remove = (Key: string, VersionId?: string) => s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
const read = async (Key: string, VersionId?: string) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body!.transformToString();
const failure = (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    (error: Error) => error.name,
  );
/** The newest first, as S3 gives them: markers apart. */
const versionsOf = async (Prefix: string) => {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix }));
  return { versions: Versions, markers: DeleteMarkers };
};

beforeAll(async () => {
  await start();
  await s3.send(new CreateBucketCommand({ Bucket }));
  await put('before', 'versions');
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
});
afterAll(async () => {
  await aws.close();
  rmSync(dir, { recursive: true });
});

describe('versions of objects', () => {
  it('are kept in buckets that ask for them, and in no other', async () => {
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
    await s3.send(new CreateBucketCommand({ Bucket: 'plain' }));
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: 'plain' }))).Status).toBeUndefined();
    await s3.send(new PutObjectCommand({ Bucket: 'plain', Key: 'a', Body: 'a' }));
    await s3.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'a' }));
    await s3.send(new DeleteBucketCommand({ Bucket: 'plain' }));
    await put('before', 'two');
    expect((await versionsOf('before')).versions.map(({ VersionId }) => VersionId)).toContain('null');
    expect(await read('before', 'null')).toBe('versions');
    const suspended = new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } });
    expect(await failure(s3.send(suspended))).toBe('NotImplemented');
  });

  it('outlive what overwrites and deletes, with their bytes and headers, and a start', async () => {
    await put('a/1', 'one', { ContentType: 'text/csv', CacheControl: 'private', Metadata: { rows: '1' } });
    await put('a/1', 'two');
    await remove('a/1');
    await aws.close();
    await start();
    expect(await failure(read('a/1'))).toBe('NoSuchKey');
    const { versions, markers } = await versionsOf('a/1');
    expect([versions.map(({ IsLatest }) => IsLatest), markers.map(({ IsLatest }) => IsLatest)]).toEqual([
      [false, false],
      [true],
    ]);
    expect([await read('a/1', versions[0]!.VersionId), await read('a/1', versions[1]!.VersionId)]).toEqual([
      'two',
      'one',
    ]);
    const old = new GetObjectCommand({ Bucket, Key: 'a/1', VersionId: versions[1]!.VersionId });
    expect(await s3.send(old)).toMatchObject({
      ContentType: 'text/csv',
      CacheControl: 'private',
      Metadata: { rows: '1' },
      ContentLength: 3,
    });
    expect(await failure(read('a/1', markers[0]!.VersionId))).toBe('MethodNotAllowed');
    expect(await failure(read('a/1', 'AAAA'))).toBe('NoSuchVersion');
    // The marker goes, and the object is back with what it was.
    expect(await remove('a/1', markers[0]!.VersionId)).toMatchObject({ DeleteMarker: true });
    expect(await read('a/1')).toBe('two');
    expect((await versionsOf('a/1')).versions.map(({ IsLatest }) => IsLatest)).toEqual([true, false]);
    // The current one goes for good, and the one before it is current.
    await remove('a/1', versions[0]!.VersionId);
    expect(await read('a/1')).toBe('one');
    await aws.close();
    await start();
    expect(await read('a/1')).toBe('one');
  });

  it('are copied to be the current one again', async () => {
    await put('copied ü+1', 'good', { Metadata: { sha256: 'x' } });
    await put('copied ü+1', 'bad');
    const { versions } = await versionsOf('copied');
    const CopySource = `${Bucket}/${encodeURIComponent('copied ü+1')}?versionId=${versions[1]!.VersionId}`;
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'copied ü+1', CopySource }));
    const now = await s3.send(new GetObjectCommand({ Bucket, Key: 'copied ü+1' }));
    expect([await now.Body!.transformToString(), now.Metadata]).toEqual(['good', { sha256: 'x' }]);
    expect((await versionsOf('copied')).versions).toHaveLength(3);
  });

  it('are listed by the bytes of keys, page after page, the newest first', async () => {
    for (const key of ['p/b', 'p/a', 'p/B', 'p/ü']) {
      await put(key, '1');
      await put(key, '2');
    }
    await remove('p/a');
    const seen: string[] = [];
    let KeyMarker: string | undefined;
    let VersionIdMarker: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectVersionsCommand({ Bucket, Prefix: 'p/', MaxKeys: 2, KeyMarker, VersionIdMarker }),
      );
      const { Versions = [], DeleteMarkers = [] } = page;
      expect(Versions.length + DeleteMarkers.length).toBeLessThanOrEqual(2);
      seen.push(...DeleteMarkers.map(({ Key }) => `${Key} marker`));
      seen.push(...Versions.map(({ Key, IsLatest }) => `${Key} ${IsLatest}`));
      KeyMarker = page.NextKeyMarker;
      VersionIdMarker = page.NextVersionIdMarker;
    } while (KeyMarker !== undefined);
    expect(seen).toEqual([
      ...['p/B true', 'p/B false', 'p/a marker', 'p/a false', 'p/a false'],
      ...['p/b true', 'p/b false', 'p/ü true', 'p/ü false'],
    ]);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'p/' }));
    expect(Contents.map(({ Key }) => Key)).toEqual(['p/B', 'p/b', 'p/ü']);
  });

  it('are of objects that came in parts and went many at a time as well', async () => {
    await put('many/1', 'old');
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'many/1' }));
    const part = await s3.send(
      new UploadPartCommand({ Bucket, Key: 'many/1', UploadId, PartNumber: 1, Body: 'in parts' }),
    );
    const Parts = [{ PartNumber: 1, ETag: part.ETag }];
    const complete = { Bucket, Key: 'many/1', UploadId, MultipartUpload: { Parts } };
    await s3.send(new CompleteMultipartUploadCommand(complete));
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'many/1' }, { Key: 'many/2' }] } }));
    const { versions, markers } = await versionsOf('many/');
    expect([versions.length, markers.length]).toEqual([2, 2]);
    expect(await read('many/1', versions[0]!.VersionId)).toBe('in parts');
    // Never by silence: it would put a marker where a version was to go.
    const Objects = [{ Key: 'many/1', VersionId: versions[0]!.VersionId }];
    expect(await failure(s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } })))).toBe('NotImplemented');
    expect(await failure(s3.send(new DeleteBucketCommand({ Bucket })))).toBe('BucketNotEmpty');
  });

  it('of a state folder of an older release, whose tables had other names, stay', async () => {
    await put('older', 'first');
    await put('older', 'second');
    const before = (await versionsOf('older')).versions.map(({ VersionId }) => VersionId);
    await aws.close();
    const db = new DatabaseSync(join(dir, 's3-sqs', 'fauxqs.db'));
    for (const name of ['versioned', 'current', 'old'])
      db.exec(`ALTER TABLE kept_${name} RENAME TO granary_s3_${name}`);
    db.exec('DROP INDEX kept_old_key; CREATE INDEX granary_s3_old_key ON granary_s3_old (bucket, key)');
    db.close();
    await start();
    await put('older', 'third');
    const { versions } = await versionsOf('older');
    expect(versions.map(({ VersionId }) => VersionId).slice(1)).toEqual(before);
    expect(await read('older', before[1])).toBe('first');
  });
});
