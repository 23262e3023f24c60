import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, DescribeAlarmsCommand, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answerMetrics, functionMetrics, makeQueueMetrics, queryMetrics } from './cloudwatch/own-metrics.ts';
import { type EmbeddedAws, startEmbeddedAws } from './embedded-aws.ts';
import { createTable } from './testing/create-table.ts';

const dir = mkdtempSync(join(tmpdir(), 'embedded-measured-'));
let aws: EmbeddedAws;
let cloudwatch: CloudWatchClient;
let sqs: SQSClient;
let logs: CloudWatchLogsClient;
beforeAll(async () => {
  aws = await startEmbeddedAws({ port: 0, dir, alarmSpeed: 1000 });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const settings = { endpoint: aws.url, region: 'us-east-1', credentials, maxAttempts: 1 };
  cloudwatch = new CloudWatchClient(settings);
  sqs = new SQSClient(settings);
  logs = new CloudWatchLogsClient(settings);
});
afterAll(async () => {
  await aws.close();
  rmSync(dir, { recursive: true });
});

/** Over the last ten minutes, all together. */
const measured = async (
  Namespace: string,
  MetricName: string,
  dimensions: Record<string, string>,
  Statistic = 'Sum',
) => {
  const now = Date.now();
  const { Datapoints } = await cloudwatch.send(
    new GetMetricStatisticsCommand({
      ...{ Namespace, MetricName, StartTime: new Date(now - 600_000), EndTime: new Date(now + 60_000), Period: 3600 },
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      Statistics: [Statistic as 'Sum'],
    }),
  );
  return Datapoints!.map((point) => point[Statistic as 'Sum']);
};
const until = async (what: () => Promise<boolean>) => {
  while (!(await what())) await sleep(50);
};

describe('The embedded AWS measures', () => {
  it('what is put into a log group in the Embedded Metric Format', async () => {
    const group = '/test/users';
    await logs.send(new CreateLogGroupCommand({ logGroupName: group }));
    await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 'Audit' }));
    const of = { service: 'api', stage: 'test' };
    const Metrics = ['Reads', 'Users'].map((Name) => ({ Name, Unit: 'Count' }));
    const CloudWatchMetrics = [{ Namespace: 'Test', Dimensions: [['service', 'stage']], Metrics }];
    const timestamp = Date.now();
    const logEvents = [30, 12].map((Users) => ({
      timestamp,
      message: JSON.stringify({ ...of, Reads: 1, Users, _aws: { Timestamp: timestamp, CloudWatchMetrics } }),
    }));
    await logs.send(new PutLogEventsCommand({ logGroupName: group, logStreamName: 'Audit', logEvents }));
    expect(await measured('Test', 'Reads', of)).toEqual([2]);
    expect(await measured('Test', 'Users', of)).toEqual([42]);
  });

  it('its queues: how many messages wait, are worked on, and for how long', async () => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'measured' }));
    for (const MessageBody of ['a', 'b', 'c']) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const of = { QueueName: 'measured' };
    const most = async (name: string) => (await measured('AWS/SQS', name, of, 'Maximum'))[0];
    await until(async () => (await most('ApproximateNumberOfMessagesVisible')) === 3);
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 600 }));
    await until(async () => (await most('ApproximateNumberOfMessagesNotVisible')) === 1);
    await until(async () => ((await most('ApproximateAgeOfOldestMessage')) ?? 0) >= 1);
  });

  it('what its tables refuse: one that was given a throughput, until it is on demand again', async () => {
    const dynamodb = new DynamoDBClient({
      ...{ endpoint: aws.url, region: 'us-east-1', maxAttempts: 1 },
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const TableName = 'measured';
    await createTable(dynamodb, {
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    });
    const Item = { id: { S: 'a' } };
    const put = () =>
      dynamodb.send(new PutItemCommand({ TableName, Item })).then(
        () => 'put',
        ({ name }: Error) => name,
      );
    const puts = async () => new Set(await Promise.all(Array.from({ length: 10 }, put)));
    expect(await puts()).toEqual(new Set(['put']));
    const ProvisionedThroughput = { ReadCapacityUnits: 1000, WriteCapacityUnits: 2 };
    await dynamodb.send(new UpdateTableCommand({ TableName, BillingMode: 'PROVISIONED', ProvisionedThroughput }));
    expect(await puts()).toEqual(new Set(['put', 'ProvisionedThroughputExceededException']));
    expect((await dynamodb.send(new GetItemCommand({ TableName, Key: Item }))).Item).toEqual(Item);
    expect((await measured('AWS/DynamoDB', 'WriteThrottleEvents', { TableName }))[0]).toBeGreaterThan(0);
    expect(await measured('AWS/DynamoDB', 'ReadThrottleEvents', { TableName })).toEqual([]);
    await dynamodb.send(new UpdateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST' }));
    expect(await puts()).toEqual(new Set(['put']));
  });

  it('what it is handed from beside it: answers of the gateway, functions that ended', async () => {
    const of = { ApiName: 'granary-api-test', Stage: 'test' };
    const answer = (status: number) =>
      answerMetrics({ status, ms: 12 }, { name: of.ApiName, stage: of.Stage }, Date.now());
    aws.measured([...answer(200), ...answer(404), ...answer(502)]);
    expect(await measured('AWS/ApiGateway', 'Count', of)).toEqual([3]);
    expect(await measured('AWS/ApiGateway', '4XXError', of)).toEqual([1]);
    expect(await measured('AWS/ApiGateway', '5XXError', of)).toEqual([1]);
    expect(await measured('AWS/ApiGateway', 'Latency', of, 'Average')).toEqual([12]);
  });

  it('and answers other clients of AWS by CBOR', async () => {
    const response = await fetch(`${aws.url}/service/GraniteServiceVersion20100801/operation/DescribeAlarms`, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=local/20261130/us-east-1/monitoring/aws4_request, Signature=0',
        'content-type': 'application/cbor',
        'smithy-protocol': 'rpc-v2-cbor',
      },
      // An empty map.
      body: Uint8Array.of(0xa0),
    });
    expect([response.status, response.headers.get('smithy-protocol')]).toEqual([200, 'rpc-v2-cbor']);
    const { cbor } = await import('@smithy/core/cbor');
    expect(cbor.deserialize(new Uint8Array(await response.arrayBuffer()))).toEqual({
      ...{ MetricAlarms: [], CompositeAlarms: [] },
    });
    const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms).toEqual([]);
  });
});

describe('What is measured of', () => {
  const NOW = 1_796_000_000_000;
  const brief = (data: readonly { name: string; dimensions: object; values: readonly (readonly number[])[] }[]) =>
    data.map(({ name, dimensions, values }) => [name, ...Object.values(dimensions), values[0]![0]]);

  it('an empty queue is told once a minute, and at once when something comes', () => {
    const tell = makeQueueMetrics();
    const empty = { name: 'q', visible: 0, notVisible: 0, oldest: undefined };
    const told = (queue: typeof empty | object, after: number) =>
      tell([{ ...empty, ...queue }], NOW + after).map(({ values }) => values[0]![0]);
    expect([told({}, 0), told({}, 30_000), told({ visible: 2, oldest: NOW }, 40_000), told({}, 50_000)]).toEqual([
      [0, 0, 0],
      [],
      [2, 0, 40],
      [0, 0, 0],
    ]);
    expect(told({}, 60_000)).toEqual([]);
    expect(told({}, 110_000)).toEqual([0, 0, 0]);
  });

  it('a function is what serverless-offline says of it, for itself and for all', () => {
    const line = '(λ: plan-users) RequestId: f5fb-d9  Duration: 993.12 ms  Billed Duration: 994 ms';
    expect(brief(functionMetrics(line, 'granary-ingestion-local-', NOW))).toEqual([
      ['Invocations', 'granary-ingestion-local-plan-users', 1],
      ['Invocations', 1],
      ['Duration', 'granary-ingestion-local-plan-users', 993.12],
      ['Duration', 993.12],
      ['Throttles', 'granary-ingestion-local-plan-users', 0],
      ['Throttles', 0],
    ]);
    expect(brief(functionMetrics("✖ Unhandled exception in handler 'plan'.", 'granary-ingestion-local-', NOW))).toEqual(
      [
        ['Errors', 'granary-ingestion-local-plan', 1],
        ['Errors', 1],
      ],
    );
    expect(functionMetrics('{"message":"part"}', 'x-', NOW)).toEqual([]);
  });

  it('a query is its bytes and times; one that was answered by an earlier result read nothing', () => {
    const query = {
      ...{ id: 'q', order: 1, sql: '', database: '', workgroup: 'w', output: '', state: 'CANCELLED' as const },
      ...{ submitted: NOW, started: NOW + 10, ended: NOW + 250, bytes: 1000, reused: false },
    };
    expect(brief(queryMetrics(query))).toEqual([
      ['ProcessedBytes', 'CANCELED', 'DML', 'w', 1000],
      ['EngineExecutionTime', 'CANCELED', 'DML', 'w', 240],
      ['QueryQueueTime', 'CANCELED', 'DML', 'w', 10],
      ['TotalExecutionTime', 'CANCELED', 'DML', 'w', 250],
    ]);
    expect(queryMetrics({ ...query, reused: true })[0]!.values).toEqual([[0, 1]]);
  });
});
