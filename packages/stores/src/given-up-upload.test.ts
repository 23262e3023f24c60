import { AbortMultipartUploadCommand, CreateMultipartUploadCommand, type S3Client } from '@aws-sdk/client-s3';
import { expect, it } from '@jest/globals';
import { makeS3ObjectStore } from './s3-object-store.ts';

it('An upload in parts is given up when one of them fails: parts that nobody completes are paid for', async () => {
  const sent: { name: string; input: object }[] = [];
  const client = {
    send: async (command: { input: object }) => {
      sent.push({ name: command.constructor.name, input: command.input });
      if (command instanceof CreateMultipartUploadCommand) return { UploadId: 'one' };
      if (command instanceof AbortMultipartUploadCommand) return {};
      throw new Error('the connection broke');
    },
  } as unknown as S3Client;
  const { put } = makeS3ObjectStore({ client, bucket: 'data' });
  await expect(put('raw/large', new Uint8Array(9 << 20))).rejects.toThrow('the connection broke');
  expect(sent.map(({ name }) => name)).toEqual([
    'CreateMultipartUploadCommand',
    'UploadPartCommand',
    'AbortMultipartUploadCommand',
  ]);
  expect(sent.at(-1)?.input).toEqual({ Bucket: 'data', Key: 'raw/large', UploadId: 'one' });
});
