import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { type EmbeddedAws, startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { createTable } from '@granary/embedded-aws/testing/create-table';
import { makeKmsVault } from '@granary/stores/kms-vault';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, openAccount } from './account.ts';
import { findRetained, physicalOf } from './retained.ts';
import { keysCalled, keysInUse, spread } from './users-keys.ts';

let folder: string;
let aws: EmbeddedAws;
let account: Account;
const before = { ...process.env };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'granary-deploy-'));
  aws = await startEmbeddedAws({ port: 0, dir: folder });
  Object.assign(process.env, {
    ...{ AWS_ENDPOINT_URL: aws.url, AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
  });
  account = await openAccount({ stage: 'dev', region: 'us-east-1' });
});
afterAll(async () => {
  account?.close();
  process.env = before;
  await aws.close();
  await rm(folder, { recursive: true });
});

const TABLE = 'granary-dev-users';
const BUCKET = 'granary-000000000000-us-east-1-dev-data';
const makePlaces = async () => {
  await createTable(account.clients.dynamodb, {
    TableName: TABLE,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  });
  await account.clients.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
};
const newKey = async (Description: string): Promise<string> =>
  (await account.clients.kms.send(new CreateKeyCommand({ Description }))).KeyMetadata!.KeyId!;
const dataKeyOf = async (id: string) =>
  (await makeKmsVault({ client: account.clients.kms, key_id: id }).current()).name;

describe('what an earlier deployment left', () => {
  const retained = [
    { id: 'Table', type: 'AWS::DynamoDB::Table', properties: { TableName: TABLE } },
    {
      id: 'Bucket',
      type: 'AWS::S3::Bucket',
      properties: { BucketName: { 'Fn::Sub': 'granary-${AWS::AccountId}-${AWS::Region}-dev-data' } },
    },
    // A child of what is not there is not there.
    {
      id: 'Client',
      type: 'AWS::Cognito::UserPoolClient',
      properties: { UserPoolId: { Ref: 'Pool' }, ClientName: 'c' },
    },
    { id: 'Key', type: 'AWS::KMS::Key', properties: { Description: 'granary-dev-users' } },
  ].map(({ id, type, properties }) => ({ id, type, resource: { Type: type, Properties: properties } }));
  const found = async () =>
    (await findRetained(account, retained)).map(({ id, identifier }) => [id, physicalOf(identifier)]);

  it('is found by its names, and nothing is where there is nothing', async () => {
    expect(await found()).toEqual([]);
    await makePlaces();
    expect(await found()).toEqual([
      ['Table', TABLE],
      ['Bucket', BUCKET],
    ]);
  });

  it('has its key found by what is sealed in the table and the kept pages, the one of most first', async () => {
    const [most, some, page, idle] = await Promise.all(['a', 'b', 'c', 'd'].map(newKey));
    expect(await keysInUse(account, { table: TABLE, bucket: BUCKET })).toEqual({ ids: [], refusals: [] });
    const seal = async (id: number, key: string) =>
      account.clients.dynamodb.send(
        new PutItemCommand({ TableName: TABLE, Item: { id: { N: `${id}` }, sealed: { M: { key: { S: key } } } } }),
      );
    // One data key seals many users.
    const shared = await dataKeyOf(most!);
    await Promise.all([0, 1, 2].map((id) => seal(id, shared)));
    await Promise.all([3, 4].map(async (id) => seal(id, await dataKeyOf(some!))));
    await account.clients.dynamodb.send(new PutItemCommand({ TableName: TABLE, Item: { id: { N: '5' } } }));
    const kept = (Key: string, Body: Uint8Array | string) =>
      account.clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    await kept('raw/users/r/1.json.gz', gzipSync(JSON.stringify({ v: 2, key: await dataKeyOf(page!), data: '' })));
    await kept('raw/users/r/2.json.gz', 'spoilt');
    const { ids, refusals } = await keysInUse(account, { table: TABLE, bucket: BUCKET });
    expect(ids).toEqual([most, some, page]);
    expect(ids).not.toContain(idle);
    expect(refusals).toEqual([]);
  });

  it('is told in KMS’s words where a key is gone', async () => {
    const key = Buffer.from('of a key that nobody has').toString('base64');
    await account.clients.dynamodb.send(
      new PutItemCommand({ TableName: TABLE, Item: { id: { N: '6' }, sealed: { M: { key: { S: key } } } } }),
    );
    const { ids, refusals } = await keysInUse(account, { table: TABLE });
    expect(ids).toHaveLength(2);
    expect(refusals).toEqual([expect.stringMatching(/^InvalidCiphertextException/)]);
  });

  it('has its key found by its description where nothing is sealed', async () => {
    const id = await newKey('granary-dev-users');
    expect(await keysCalled(account, 'granary-dev-users')).toEqual([id]);
    expect(await keysCalled(account, 'granary-prod-users')).toEqual([]);
  });
});

it('a sample is even and never bigger than asked', () => {
  expect(spread([1, 2, 3], 5)).toEqual([1, 2, 3]);
  expect(spread([...Array(10).keys()], 5)).toEqual([0, 2, 4, 6, 8]);
});

it('Whose account it is, is asked first: without credentials that hold it says how to sign in', async () => {
  const { AWS_ENDPOINT_URL } = process.env;
  process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
  try {
    await expect(openAccount({ stage: 'dev', region: 'us-east-1' })).rejects.toThrow(
      /does not say whose account.*aws sso login/,
    );
  } finally {
    process.env.AWS_ENDPOINT_URL = AWS_ENDPOINT_URL;
  }
}, 60_000);
