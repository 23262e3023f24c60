import { connect } from 'node:net';
import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  InitiateAuthCommand,
  type InitiateAuthCommandInput,
} from '@aws-sdk/client-cognito-identity-provider';
import { GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { POOL_ID_TAG } from './cognito/cognito.ts';
import { createTable } from './testing/create-table.ts';

import { aws, cognito, dynamodb, failure, put, read, restart, s3, settings, sqs } from './testing/one-aws.ts';

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
  await restart();
  const again = await sqs().send(new GetQueueUrlCommand({ QueueName: 'kept' }));
  expect(again.QueueUrl).toBe(`${aws.url}/000000000000/kept`);
  const { Messages } = await sqs().send(new ReceiveMessageCommand({ QueueUrl: again.QueueUrl }));
  expect(Messages?.map((message) => message.Body)).toEqual(['in flight']);
  expect(await read('kept')).toBe('still here');
  const { Item } = await dynamodb().send(new GetItemCommand({ TableName: 'table', Key: { pk: { S: 'a' } } }));
  expect(Item?.n).toEqual({ N: '1' });
});
