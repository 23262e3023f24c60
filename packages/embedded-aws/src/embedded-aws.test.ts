import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  InitiateAuthCommand,
  type InitiateAuthCommandInput,
} from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient, GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketAclCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { POOL_ID_TAG } from './cognito/cognito.ts';
import { type EmbeddedAws, startEmbeddedAws } from './embedded-aws.ts';
import { createTable } from './testing/create-table.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-aws-'));
let aws: EmbeddedAws;
const settings = () => ({
  endpoint: aws.url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});
const s3 = () => new S3Client({ ...settings(), forcePathStyle: true });
const sqs = () => new SQSClient(settings());
const dynamodb = () => new DynamoDBClient(settings());
const cognito = () => new CognitoIdentityProviderClient(settings());
const put = (Key: string, Body: string | Uint8Array, more = {}) =>
  s3().send(new PutObjectCommand({ Bucket: 'bucket', Key, Body, ...more }));
const read = async (Key: string, more = {}) => {
  const { Body } = await s3().send(new GetObjectCommand({ Bucket: 'bucket', Key, ...more }));
  return Body!.transformToString();
};
/** Name and status of the error that a call ends with. */
const failure = async (call: Promise<unknown>) => {
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

describe('SQS', () => {
  it('is no way around the signatures of S3: what asks in its name for an object is refused', async () => {
    await s3().send(new CreateBucketCommand({ Bucket: 'guarded' }));
    await s3().send(new PutObjectCommand({ Bucket: 'guarded', Key: 'raw/users/1', Body: 'sealed' }));
    const unsigned = 'X-Amz-Credential=x/20260101/us-east-1/sqs/aws4_request';
    for (const [method, path] of [
      ['GET', `guarded/raw/users/1?Action=ListQueues&${unsigned}`],
      ['PUT', `guarded/raw/users/1?Action=ListQueues&${unsigned}`],
      ['POST', `guarded?delete&Action=ListQueues&${unsigned}`],
      ['GET', `?Action=ListQueues&${unsigned}`],
    ] as const) {
      const answer = await fetch(`${aws.url}/${path}`, { method, headers: { 'x-amz-target': 'AmazonSQS.ListQueues' } });
      expect([method, path, answer.status]).toEqual([method, path, 501]);
    }
  });

  it('gives queue URLs of its own address', async () => {
    const { QueueUrl } = await sqs().send(new CreateQueueCommand({ QueueName: 'q' }));
    expect(QueueUrl).toBe(`${aws.url}/000000000000/q`);
  });

  it('gives a released message again at once, one receive older (fauxqs loses it when it keeps state)', async () => {
    const { QueueUrl } = await sqs().send(new CreateQueueCommand({ QueueName: 'released' }));
    await sqs().send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }));
    const receive = async () => {
      const command = new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
      return (await sqs().send(command)).Messages?.[0];
    };
    const first = await receive();
    await sqs().send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: first!.ReceiptHandle, VisibilityTimeout: 0 }),
    );
    expect((await receive())?.Attributes?.ApproximateReceiveCount).toBe('2');
  });

  it('answers 501 to an operation that it lacks', async () => {
    const move = sqs().send(new StartMessageMoveTaskCommand({ SourceArn: 'arn:aws:sqs:us-east-1:000000000000:q' }));
    expect(await failure(move)).toMatchObject({
      status: 501,
      message: expect.stringContaining('StartMessageMoveTask'),
    });
  });
});

describe('DynamoDB and others', () => {
  it('keeps items, and answers 501 to transactions', async () => {
    const TableName = 'table';
    await createTable(dynamodb(), {
      TableName,
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    });
    await dynamodb().send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' }, n: { N: '1' } } }));
    const { Item } = await dynamodb().send(new GetItemCommand({ TableName, Key: { pk: { S: 'a' } } }));
    expect(Item).toEqual({ pk: { S: 'a' }, n: { N: '1' } });
    const transaction = dynamodb().send(
      new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName, Key: { pk: { S: 'a' } } } }] }),
    );
    expect(await failure(transaction)).toMatchObject({
      status: 501,
      message: expect.stringContaining('TransactWriteItems'),
    });
  });

  it('survives a client that goes away while it sends (dynalite throws out of the event loop)', async () => {
    const { connect } = await import('node:net');
    const socket = connect(aws.port, '127.0.0.1');
    socket.write(
      'POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: DynamoDB_20120810.GetItem\r\ncontent-length: 100\r\n\r\n{',
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await fetch(`${aws.url}/any_pool/.well-known/jwks.json`)).status).toBe(200);
  });

  it('survives a request that cannot be read, and one whose sender goes away', async () => {
    const send = (path: string, headers: Record<string, string>, body = '') =>
      new Promise<string>((resolve) => {
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
        const socket = connect(aws.port, '127.0.0.1', () =>
          socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n${body}`),
        );
        socket.once('data', (data) => resolve(String(data).split('\r\n')[0]!));
        socket.once('close', () => resolve('closed'));
        if (headers['Content-Length']) socket.once('connect', () => setTimeout(() => socket.destroy(), 50));
      });
    const scope = (service: string) => ({
      Authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/${service}/aws4_request, Signature=0`,
    });
    for (const path of ['/%ff/%ff', '/bucket/%', '//']) expect(await send(path, scope('s3'))).toContain(' 400 ');
    expect(await send('/', { ...scope('sts'), 'Content-Length': '99' }, 'Action=')).toBe('closed');
    expect(await read('kept-on').catch((error: Error) => error.name)).toBe('NoSuchKey');
  });

  it('answers 501 to what is no operation of Cognito, an inherited name too', async () => {
    for (const operation of ['NoSuch', 'constructor', '__proto__']) {
      const headers = { 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` };
      const answer = await fetch(aws.url, { method: 'POST', headers, body: '{}' });
      expect([operation, answer.status, (await answer.text()).includes(operation)]).toEqual([operation, 501, true]);
    }
  });

  it('answers 501 with the name of a service that it does not know', async () => {
    const invoke = new LambdaClient(settings()).send(new InvokeCommand({ FunctionName: 'f' }));
    expect(await failure(invoke)).toMatchObject({ status: 501, message: expect.stringContaining('lambda') });
  });
});

describe('Cognito', () => {
  const poolId = 'us-east-1_LocalPool';
  let clientId: string;
  const signIn = (input: Partial<InitiateAuthCommandInput>) =>
    cognito().send(new InitiateAuthCommand({ ClientId: clientId, AuthFlow: 'USER_PASSWORD_AUTH', ...input }));

  beforeAll(async () => {
    await cognito().send(new CreateUserPoolCommand({ PoolName: 'p', UserPoolTags: { [POOL_ID_TAG]: poolId } }));
    const { UserPoolClient } = await cognito().send(
      new CreateUserPoolClientCommand({
        UserPoolId: poolId,
        ClientName: 'web',
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH'],
        IdTokenValidity: 60,
        TokenValidityUnits: { IdToken: 'minutes' },
      }),
    );
    clientId = UserPoolClient!.ClientId!;
    await cognito().send(
      new AdminCreateUserCommand({ UserPoolId: poolId, Username: 'ana', MessageAction: 'SUPPRESS' }),
    );
    await cognito().send(
      new AdminSetUserPasswordCommand({
        UserPoolId: poolId,
        Username: 'ana',
        Password: 'Secret-123456',
        Permanent: true,
      }),
    );
  });

  it("gives tokens that the cloud's own verifier accepts with the served keys", async () => {
    const { AuthenticationResult } = await signIn({ AuthParameters: { USERNAME: 'ana', PASSWORD: 'Secret-123456' } });
    const verifier = CognitoJwtVerifier.create({ userPoolId: poolId, tokenUse: 'id', clientId });
    verifier.cacheJwks((await (await fetch(`${aws.url}/${poolId}/.well-known/jwks.json`)).json()) as never);
    const claims = await verifier.verify(AuthenticationResult!.IdToken!);
    expect(claims).toMatchObject({
      'cognito:username': 'ana',
      iss: `https://cognito-idp.us-east-1.amazonaws.com/${poolId}`,
    });
    expect(claims.exp - claims.iat).toBe(3600);
  });

  it('lets browsers sign in, and nothing else be posted from pages elsewhere', async () => {
    const preflight = (wanted: string, path = '/') =>
      fetch(`${aws.url}${path}`, {
        method: 'OPTIONS',
        headers: {
          origin: 'http://localhost:4000',
          'access-control-request-method': 'POST',
          'access-control-request-headers': wanted,
        },
      });
    expect((await preflight('content-type,x-amz-target')).headers.get('access-control-allow-origin')).toBe('*');
    expect((await preflight('content-type', '/bucket/key')).status).toBe(403);
  });

  it('lets pages sign in but do nothing that takes keys in the cloud, whatever their preflight said', async () => {
    const unsigned = (target: string) =>
      fetch(aws.url, {
        method: 'POST',
        headers: { 'x-amz-target': target, origin: 'https://evil.example' },
        body: '{}',
      });
    for (const operation of ['ListUsers', 'AdminSetUserPassword', 'AdminInitiateAuth', 'DeleteUserPool']) {
      expect((await unsigned(`AWSCognitoIdentityProviderService.${operation}`)).status).toBe(403);
    }
    expect((await unsigned('AWSCognitoIdentityProviderService.InitiateAuth')).status).toBe(400);
    expect((await unsigned('DynamoDB_20120810.DeleteTable')).status).toBe(403);
    expect((await unsigned('AmazonSQS.PurgeQueue')).status).toBe(403);
    const s3 = `${aws.url}/bucket?delete&X-Amz-Credential=a/b/c/s3/aws4_request`;
    expect((await fetch(s3, { method: 'POST', headers: { origin: 'null' }, body: '<Delete/>' })).status).toBe(403);
  });

  it('refuses a wrong password, and a flow that the client does not allow', async () => {
    expect(await failure(signIn({ AuthParameters: { USERNAME: 'ana', PASSWORD: 'x' } }))).toMatchObject({
      status: 400,
      name: 'NotAuthorizedException',
    });
    expect(
      await failure(signIn({ AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN: 'x' } })),
    ).toMatchObject({ name: 'InvalidParameterException' });
  });
});

it('keeps its state over a restart on another port, with in-flight messages visible again', async () => {
  const { QueueUrl } = await sqs().send(
    new CreateQueueCommand({ QueueName: 'kept', Attributes: { VisibilityTimeout: '600' } }),
  );
  await sqs().send(new SendMessageCommand({ QueueUrl, MessageBody: 'in flight' }));
  expect((await sqs().send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toHaveLength(1);
  await put('kept', 'still here');
  await aws.close();
  aws = await startEmbeddedAws({ port: 0, dir });
  const again = await sqs().send(new GetQueueUrlCommand({ QueueName: 'kept' }));
  expect(again.QueueUrl).toBe(`${aws.url}/000000000000/kept`);
  const { Messages } = await sqs().send(new ReceiveMessageCommand({ QueueUrl: again.QueueUrl }));
  expect(Messages?.map((message) => message.Body)).toEqual(['in flight']);
  expect(await read('kept')).toBe('still here');
  const { Item } = await dynamodb().send(new GetItemCommand({ TableName: 'table', Key: { pk: { S: 'a' } } }));
  expect(Item?.n).toEqual({ N: '1' });
});
