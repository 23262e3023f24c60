/** For tests: an embedded AWS from the first test of a file to the last, with a bucket, and clients of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll } from '@jest/globals';
import { type EmbeddedAws, startEmbeddedAws } from '../embedded-aws.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-aws-'));
export let aws: EmbeddedAws;
export const settings = () => ({
  endpoint: aws.url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});
export const s3 = () => new S3Client({ ...settings(), forcePathStyle: true });
export const sqs = () => new SQSClient(settings());
export const dynamodb = () => new DynamoDBClient(settings());
export const cognito = () => new CognitoIdentityProviderClient(settings());
export const put = (Key: string, Body: string | Uint8Array, more = {}) =>
  s3().send(new PutObjectCommand({ Bucket: 'bucket', Key, Body, ...more }));
export const read = async (Key: string, more = {}) => {
  const { Body } = await s3().send(new GetObjectCommand({ Bucket: 'bucket', Key, ...more }));
  return Body!.transformToString();
};
/** Name and status of the error that a call ends with. */
export const failure = async (call: Promise<unknown>) => {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata: { httpStatusCode: number } };
    return { name, status: $metadata.httpStatusCode, message };
  }
  throw new Error('The call succeeded.');
};

beforeAll(async () => {
  aws = await startEmbeddedAws({ port: 0, dir });
  await s3().send(new CreateBucketCommand({ Bucket: 'bucket' }));
});
afterAll(async () => {
  await aws.close();
  rmSync(dir, { recursive: true });
});

/** The same state at another port, as after a restart. */
export const restart = async (): Promise<void> => {
  await aws.close();
  aws = await startEmbeddedAws({ port: 0, dir });
};
