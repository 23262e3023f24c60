import {
  GetBucketAclCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from '@jest/globals';

import { aws, failure, put, read, s3, settings } from '../testing/one-aws.ts';

describe('S3', () => {
  it('reads by a presigned URL until it expires, with CORS for anyone and the headers that it asks for', async () => {
    await put('file.csv', 'a,b');
    const sign = (expiresIn: number, signingDate = new Date()) =>
      getSignedUrl(
        s3(),
        new GetObjectCommand({
          Bucket: 'bucket',
          Key: 'file.csv',
          ResponseContentDisposition: 'attachment; filename="x.csv"',
          ResponseContentType: 'text/csv',
        }),
        { expiresIn, signingDate },
      );
    const answer = await fetch(await sign(60), { headers: { origin: 'null' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="x.csv"');
    expect(answer.headers.get('content-type')).toBe('text/csv');
    expect(await answer.text()).toBe('a,b');
    expect((await fetch(await sign(60, new Date(Date.now() - 61_000)))).status).toBe(403);
    expect((await fetch(`${aws.url}/bucket/file.csv`)).status).toBe(403);
  });

  it('refuses a presigned URL that was made up, changed, or signed by another key', async () => {
    await put('versions/own.csv', 'a,b');
    await put('versions/with space+(1).csv', 'c,d');
    const presign = (Key: string, client = s3()) =>
      getSignedUrl(client, new GetObjectCommand({ Bucket: 'bucket', Key }), { expiresIn: 60 });
    const answerOf = async (url: string, init?: RequestInit) => {
      const answer = await fetch(url, init);
      return [answer.status, /<Code>(\w+)/.exec(await answer.text())?.[1]];
    };
    const url = await presign('versions/own.csv');
    expect(await answerOf(url)).toEqual([200, undefined]);
    expect(await answerOf(await presign('versions/with space+(1).csv'))).toEqual([200, undefined]);
    const mismatch = [403, 'SignatureDoesNotMatch'];
    expect(await answerOf(url.replace(/Signature=\w+/, `Signature=${'0'.repeat(64)}`))).toEqual(mismatch);
    expect(await answerOf(url.replace(/Signature=\w+/, 'Signature=x'))).toEqual(mismatch);
    expect(await answerOf(url.replace('own.csv', 'with%20space%2B(1).csv'))).toEqual(mismatch);
    expect(await answerOf(url.replace('Expires=60', 'Expires=6000'))).toEqual(mismatch);
    expect(await answerOf(url, { method: 'PUT', body: 'x' })).toEqual(mismatch);
    const wrong = (accessKeyId: string, secretAccessKey: string) =>
      presign(
        'versions/own.csv',
        new S3Client({ ...settings(), forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } }),
      );
    expect(await answerOf(await wrong('local', 'guess'))).toEqual(mismatch);
    expect(await answerOf(await wrong('other', 'local'))).toEqual([403, 'InvalidAccessKeyId']);
    const incomplete = [400, 'AuthorizationQueryParametersError'];
    expect(await answerOf(`${url.split('?')[0]}?X-Amz-Signature=0`)).toEqual([403, 'AccessDenied']);
    expect(await answerOf(url.replace('Expires=60', 'Expires=604801'))).toEqual(incomplete);
    expect(await answerOf(url.replace(/&X-Amz-Expires=\d+/, ''))).toEqual(incomplete);
    expect(await answerOf(url.replace(/SignedHeaders=host/, 'SignedHeaders=range'))).toEqual(incomplete);
    const both = { authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request' };
    expect(await answerOf(url, { headers: both })).toEqual([400, 'InvalidArgument']);
  });

  it("gives a page in a browser no users' page and no line of a run, by whatever spelling, and no list", async () => {
    const keys = ['raw/users/r/1.json.gz', 'logs/2026-01-01/r/x.ndjson', 'raw/embrapa/0.gz'];
    for (const key of keys) await put(key, 'x');
    const status = async (url: string, origin?: string) =>
      (await fetch(url, origin === undefined ? {} : { headers: { origin } })).status;
    const presign = (Key: string) =>
      getSignedUrl(s3(), new GetObjectCommand({ Bucket: 'bucket', Key }), { expiresIn: 60 });
    for (const key of keys.slice(0, 2)) {
      const url = await presign(key);
      expect([key, await status(url)]).toEqual([key, 200]);
      expect([key, await status(url, 'http://localhost:4000')]).toEqual([key, 403]);
      for (const spelling of ['%72aw/', '%6Cogs/', 'raw%2F', 'logs%2F', '/raw//', '/logs//']) {
        const respelled = url.replace(/raw\/|logs\//, spelling).replace('bucket//', 'bucket/');
        expect(await status(respelled, 'null')).toBe(403);
      }
      expect(await status(url.replace('/bucket/', '//bucket//'), 'null')).toBe(403);
    }
    expect(await status(await presign('raw/embrapa/0.gz'), 'null')).toBe(200);
    const list = await getSignedUrl(s3(), new ListObjectsV2Command({ Bucket: 'bucket' }), { expiresIn: 60 });
    expect([await status(list), await status(list, 'null')]).toEqual([200, 403]);
  });

  it('lists and reads nothing by its path for a page in a browser, whatever its keys', async () => {
    await put('own.csv', 'a,b');
    const authorization =
      'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';
    for (const path of ['/bucket?list-type=2', '/bucket/own.csv', '/']) {
      const own = await fetch(`${aws.url}${path}`, { headers: { authorization } });
      expect([path, own.status]).toEqual([path, 200]);
      const foreign = await fetch(`${aws.url}${path}`, { headers: { authorization, origin: 'https://evil.example' } });
      expect([path, foreign.status]).toEqual([path, 403]);
      expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
      const headers = { origin: 'https://evil.example', 'access-control-request-method': 'GET' };
      expect((await fetch(`${aws.url}${path}`, { method: 'OPTIONS', headers })).status).toBe(403);
    }
  });

  it('answers 501 by name to what the emulator would do wrong in silence', async () => {
    await put('tagged', 'body');
    const tagging = s3().send(
      new PutObjectTaggingCommand({ Bucket: 'bucket', Key: 'tagged', Tagging: { TagSet: [] } }),
    );
    expect(await failure(tagging)).toMatchObject({
      name: 'NotImplemented',
      status: 501,
      message: expect.stringContaining('tagging'),
    });
    expect(await read('tagged')).toBe('body');
    const acl = s3().send(new GetBucketAclCommand({ Bucket: 'bucket' }));
    expect(await failure(acl)).toMatchObject({ status: 501, message: expect.stringContaining('acl') });
  });
});
