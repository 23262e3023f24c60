import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type EmbeddedAws, startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { startReplica } from '@granary/replica/replica';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { sendRudeRequests } from './testing/rude-clients.ts';

jest.setTimeout(60_000);

const dir = mkdtempSync(join(tmpdir(), 'granary-callers-'));
let aws: EmbeddedAws;
let replica: Awaited<ReturnType<typeof startReplica>>;
let s3: S3Client;

beforeAll(async () => {
  aws = await startEmbeddedAws({ port: 0, dir });
  replica = await startReplica({ port: 0, users_port: 0 });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  s3 = new S3Client({ endpoint: aws.url, region: 'us-east-1', credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'data' }));
  await s3.send(new PutObjectCommand({ Bucket: 'data', Key: 'versions/1', Body: 'rows' }));
});
afterAll(async () => {
  s3.destroy();
  await aws.close();
  await replica.close();
  rmSync(dir, { recursive: true });
});

const SCOPE = 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';

const ask = async (url: string, headers: Record<string, string>, method = 'GET') => {
  const sent = request(url, { method, headers });
  sent.on('error', () => undefined).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text };
};

describe('The ports of this machine', () => {
  it('X3: list the bucket to who asks for this machine only', async () => {
    const local = await ask(`${aws.url}/data`, { authorization: SCOPE });
    expect([local.status, local.text.includes('versions/1')]).toEqual([200, true]);
    for (const host of [
      'evil.example',
      'evil.example:4566',
      '127.0.0.1.evil.example',
      '10.0.0.1',
      'localhost@evil.example',
    ]) {
      const refused = await ask(`${aws.url}/data`, { authorization: SCOPE, host });
      expect([host, refused.status]).toEqual([host, 421]);
      expect(refused.text).toContain('This server is for localhost');
      expect(refused.text).not.toContain('versions/1');
    }
  });

  it("X3: refuse the keys of tokens, and every service, to another machine's name", async () => {
    const targets = [
      'DynamoDB_20120810.ListTables',
      'AmazonSQS.ListQueues',
      'TrentService.ListKeys',
      'AWSGlue.GetTables',
    ];
    for (const target of targets) {
      const headers = { host: 'evil.example', 'x-amz-target': target, 'content-length': '0' };
      expect((await ask(aws.url, headers, 'POST')).status).toBe(421);
    }
    expect((await ask(`${aws.url}/pool/.well-known/jwks.json`, { host: 'evil.example' })).status).toBe(421);
  });

  it('X3: serve the replica to this machine only, and tell it nothing from a page in a browser', async () => {
    for (const url of Object.values(replica.bases).map((base) => new URL('/__replica', base).href)) {
      expect((await ask(url, {})).status).toBe(200);
      expect((await ask(url, { host: 'localhost:4010' })).status).toBe(200);
      expect((await ask(url, { host: 'evil.example' })).status).toBe(421);
      expect((await ask(url, { origin: 'https://evil.example' })).status).toBe(403);
      expect((await ask(url, { origin: 'null', 'content-length': '0' }, 'PUT')).status).toBe(403);
    }
  });

  it('X1: answer as before after a thousand requests that were aborted, slow or malformed (seed granary)', async () => {
    const ports = [aws.port, ...Object.values(replica.bases).map((base) => Number(new URL(base).port))];
    const paths = ['/', '/data/versions/1', '/download/Producao.csv', '/api/v2/users?size=100', '/__replica'];
    await sendRudeRequests({ ports, paths, count: 1000, seed: 'granary' });
    expect((await s3.send(new ListBucketsCommand({}))).Buckets).toHaveLength(1);
    expect((await ask(`${replica.bases.embrapa}Producao.csv`, {})).status).toBe(200);
  });
});
