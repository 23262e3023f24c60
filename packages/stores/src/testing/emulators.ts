import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createTable as create } from '@granary/embedded-aws/testing/create-table';
import { buildApp } from 'fauxqs';

const aws = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

/**
 * For tests: S3 and SQS as fauxqs has them, DynamoDB as dynalite has it, over HTTP on free ports of this machine. The
 * environment variable GRANARY_DYNAMODB_ENDPOINT puts another DynamoDB in dynalite's place (.ci/run: Amazon's own
 * DynamoDB Local).
 */
export const startEmulators = async () => {
  const fauxqs = buildApp({ logger: false });
  heedConditions(fauxqs.server);
  const endpoint = await fauxqs.listen({ host: '127.0.0.1', port: 0 });
  const dynalite = createRequire(import.meta.url)('dynalite')({ createTableMs: 0 });
  await new Promise<void>((resolve) => dynalite.listen(0, '127.0.0.1', resolve));
  const { port } = dynalite.address() as AddressInfo;
  const dynamoEndpoint = process.env.GRANARY_DYNAMODB_ENDPOINT || `http://127.0.0.1:${port}`;

  const s3 = new S3Client({ ...aws, endpoint, forcePathStyle: true });
  const sqs = new SQSClient({ ...aws, endpoint, useQueueUrlAsEndpoint: false });
  const dynamo = new DynamoDBClient({ ...aws, endpoint: dynamoEndpoint });
  const documents = DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } });

  const createTable = async (input: Omit<CreateTableCommandInput, 'BillingMode'>): Promise<string> => {
    await create(dynamo, input);
    return input.TableName!;
  };

  return {
    endpoint,
    /** S3 and SQS. */
    server: fauxqs.server as Server,
    dynamoEndpoint,
    s3,
    sqs,
    documents,
    async createBucket(bucket: string): Promise<string> {
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
      return bucket;
    },
    /** With the keys and the index of the catalog table. */
    createCatalogTable: (table: string): Promise<string> =>
      createTable({
        TableName: table,
        AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk'].map((name) => attribute(name, 'S')),
        KeySchema: keys('pk', 'sk'),
        GlobalSecondaryIndexes: [
          { IndexName: 'GSI1', KeySchema: keys('gsi1pk', 'gsi1sk'), Projection: { ProjectionType: 'ALL' } },
        ],
      }),
    /** With the keys and the index of the users' table. */
    createUsersTable: (table: string): Promise<string> =>
      createTable({
        TableName: table,
        AttributeDefinitions: [
          attribute('id', 'N'),
          ...['last_name', 'name_initial', 'name_key'].map((name) => attribute(name, 'S')),
        ],
        KeySchema: keys('id', 'last_name'),
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by_last_name',
            KeySchema: keys('name_initial', 'name_key'),
            Projection: { ProjectionType: 'ALL' },
          },
        ],
      }),
    /** A queue and its dead letters, moved there after three receives. */
    async createQueue(name: string): Promise<{ url: string; deadLetters: string }> {
      const create = async (QueueName: string, Attributes: Record<string, string>) =>
        (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;
      const deadLetters = await create(`${name}-dlq`, {});
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: deadLetters, AttributeNames: ['QueueArn'] }),
      );
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes!.QueueArn, maxReceiveCount: 3 });
      return { url: await create(name, { RedrivePolicy, VisibilityTimeout: '360' }), deadLetters };
    },
    async stop(): Promise<void> {
      for (const client of [s3, sqs, dynamo]) client.destroy();
      await Promise.all([fauxqs.close(), new Promise((resolve) => dynalite.close(resolve))]);
    },
  };
};

/** fauxqs ignores `If-None-Match: *`: conditional writes go one after the other here, and only where nothing is yet. */
const heedConditions = (server: Server): void => {
  const [serve] = server.listeners('request') as [(request: IncomingMessage, response: ServerResponse) => void];
  const exists = async (path: string): Promise<boolean> => {
    const { port } = server.address() as AddressInfo;
    return (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'HEAD' })).ok;
  };
  let turn = Promise.resolve();
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'PUT' || request.headers['if-none-match'] !== '*') return serve(request, response);
    const write = async (): Promise<void> => {
      if (await exists(new URL(request.url!, 'http://s3').pathname)) {
        request.resume();
        response.writeHead(412, { 'content-type': 'application/xml' });
        response.end('<Error><Code>PreconditionFailed</Code><Message>It exists</Message></Error>');
        return;
      }
      const closed = new Promise<void>((resolve) => response.once('close', resolve));
      serve(request, response);
      await closed;
    };
    turn = turn.then(write).catch(() => void response.destroy());
  });
};

const attribute = (AttributeName: string, AttributeType: 'S' | 'N') => ({ AttributeName, AttributeType });
const keys = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: 'HASH' as const },
  { AttributeName: range, KeyType: 'RANGE' as const },
];

export type Emulators = Awaited<ReturnType<typeof startEmulators>>;
