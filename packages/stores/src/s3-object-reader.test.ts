import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeS3ObjectReader } from './s3-object-reader.ts';

describe('a range of an object', () => {
  let answer: (response: ServerResponse) => void;
  let server: Server;
  let client: S3Client;
  beforeAll(async () => {
    server = createServer((_, response) => answer(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = new S3Client({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      forcePathStyle: true,
      maxAttempts: 1,
    });
  });
  afterAll(async () => {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const read = () => makeS3ObjectReader({ client, bucket: 'b' }).getRange('k', 0, 6);

  it('is put together from the pieces in which it comes, with and without its length', async () => {
    for (const headers of [{ 'content-length': '6' }, {}]) {
      answer = (response) => {
        response.writeHead(206, headers).write('abc');
        setImmediate(() => response.end('def'));
      };
      expect(Buffer.from(await read()).toString()).toBe('abcdef');
    }
  });

  it('is as long as what came, where the object ends before it', async () => {
    answer = (response) => response.writeHead(206, { 'content-length': '2' }).end('ab');
    expect(await read()).toHaveLength(2);
  });

  it('fails where the connection breaks before its end', async () => {
    answer = (response) => {
      response.writeHead(206, { 'content-length': '6' }).write('abc');
      setImmediate(() => response.destroy());
    };
    await expect(read()).rejects.toThrow('aborted');
  });
});
