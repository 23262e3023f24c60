/** A process that is killed in the middle of writing must lose nothing that it acknowledged, and start again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateWorkGroupCommand } from '@aws-sdk/client-athena';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateDatabaseCommand } from '@aws-sdk/client-glue';
import { CreateKeyCommand, DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from '@jest/globals';
import { ask, clientsOf, DATABASE, ended, execution, startQuery } from './athena/testing/athena-stack.ts';
import { type EmbeddedAws, startEmbeddedAws } from './embedded-aws.ts';
import { createTable } from './testing/create-table.ts';

const settings = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});

const startInProcess = async (dir: string): Promise<{ child: ChildProcess; url: string }> => {
  const script = join(dir, 'run.ts');
  const entry = join(import.meta.dirname, 'embedded-aws.ts');
  writeFileSync(
    script,
    `import { startEmbeddedAws } from ${JSON.stringify(entry)};\n` +
      `const aws = await startEmbeddedAws({ port: 0, dir: ${JSON.stringify(join(dir, 'aws'))} });\nconsole.log(aws.url);\n`,
  );
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout!, 'data');
  return { child, url: String(line).trim() };
};

it('keeps every acknowledged object, item and message of a process that was killed while it wrote', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'granary-killed-'));
  let aws: EmbeddedAws | undefined;
  try {
    const { child, url } = await startInProcess(dir);
    const s3 = new S3Client({ ...settings(url), forcePathStyle: true });
    const sqs = new SQSClient(settings(url));
    const dynamodb = new DynamoDBClient(settings(url));
    await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'queue' }));
    await createTable(dynamodb, {
      TableName: 'table',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    });
    const acknowledged = { objects: 0, items: 0, messages: 0 };
    const until = async (write: (n: number) => Promise<unknown>, count: () => void) => {
      for (let n = 0; ; n++) {
        try {
          await write(n);
        } catch {
          return;
        }
        count();
      }
    };
    const name = (n: number) => String(n).padStart(6, '0');
    const writers = [
      until(
        (n) => s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: name(n), Body: `body ${n}` })),
        () => acknowledged.objects++,
      ),
      until(
        (n) => dynamodb.send(new PutItemCommand({ TableName: 'table', Item: { pk: { S: name(n) } } })),
        () => acknowledged.items++,
      ),
      until(
        (n) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: name(n) })),
        () => acknowledged.messages++,
      ),
    ];
    const enough = Promise.all(writers.map(() => new Promise((resolve) => setTimeout(resolve, 700))));
    await enough;
    child.kill('SIGKILL');
    await Promise.all(writers);
    expect(Math.min(acknowledged.objects, acknowledged.items, acknowledged.messages)).toBeGreaterThan(0);

    aws = await startEmbeddedAws({ port: 0, dir: join(dir, 'aws') });
    const s3Again = new S3Client({ ...settings(aws.url), forcePathStyle: true });
    const last = name(acknowledged.objects - 1);
    const { Body } = await s3Again.send(new GetObjectCommand({ Bucket: 'bucket', Key: last }));
    expect(await Body!.transformToString()).toBe(`body ${acknowledged.objects - 1}`);
    const page = await s3Again.send(new ListObjectsV2Command({ Bucket: 'bucket' }));
    expect(page.KeyCount).toBeGreaterThanOrEqual(Math.min(1000, acknowledged.objects));
    const { Count } = await new DynamoDBClient(settings(aws.url)).send(
      new ScanCommand({ TableName: 'table', Select: 'COUNT' }),
    );
    expect(Count).toBeGreaterThanOrEqual(acknowledged.items);
    const sqsAgain = new SQSClient(settings(aws.url));
    const bodies = new Set<string>();
    const queue = `${aws.url}/000000000000/queue`;
    for (;;) {
      const { Messages } = await sqsAgain.send(new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10 }));
      if (!Messages?.length) break;
      for (const message of Messages) bodies.add(message.Body!);
    }
    expect(bodies.size).toBeGreaterThanOrEqual(acknowledged.messages);
  } finally {
    await aws?.close();
    rmSync(dir, { recursive: true, force: true });
  }
});

it('keeps every key that was given out, and every acknowledged batch of log lines as a whole, of a process that was killed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'granary-killed-'));
  const place = { logGroupName: '/granary/local/users', logStreamName: 'Info' };
  let aws: EmbeddedAws | undefined;
  try {
    const { child, url } = await startInProcess(dir);
    const kms = new KMSClient(settings(url));
    const logs = new CloudWatchLogsClient(settings(url));
    await logs.send(new CreateLogGroupCommand(place));
    await logs.send(new CreateLogStreamCommand(place));
    const dataKeys: { blob: Uint8Array; plain: Uint8Array }[] = [];
    const batches: number[] = [];
    const untilItFails = async (write: (n: number) => Promise<unknown>) => {
      for (let n = 0; ; n++) {
        try {
          await write(n);
        } catch {
          return;
        }
      }
    };
    const writers = [
      untilItFails(async () => {
        const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
        const made = await kms.send(new GenerateDataKeyCommand({ KeyId: KeyMetadata!.KeyId, KeySpec: 'AES_256' }));
        dataKeys.push({ blob: made.CiphertextBlob!, plain: made.Plaintext! });
      }),
      // Large, so that the process is likely to be in the middle of one.
      untilItFails(async (n) => {
        const message = `${n} `.padEnd(50_000, 'x');
        const logEvents = Array.from({ length: 20 }, () => ({ timestamp: Date.now(), message }));
        await logs.send(new PutLogEventsCommand({ ...place, logEvents }));
        batches.push(n);
      }),
    ];
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill('SIGKILL');
    await Promise.all(writers);
    expect(Math.min(dataKeys.length, batches.length)).toBeGreaterThan(0);

    aws = await startEmbeddedAws({ port: 0, dir: join(dir, 'aws') });
    const kmsAgain = new KMSClient(settings(aws.url));
    for (const { blob, plain } of dataKeys) {
      const { Plaintext } = await kmsAgain.send(new DecryptCommand({ CiphertextBlob: blob }));
      expect(Buffer.from(Plaintext!)).toEqual(Buffer.from(plain));
    }
    const logsAgain = new CloudWatchLogsClient(settings(aws.url));
    const lines = new Map<number, number>();
    for (let nextToken: string | undefined; ; ) {
      const page = await logsAgain.send(new GetLogEventsCommand({ ...place, startFromHead: true, nextToken }));
      for (const { message } of page.events!) {
        const n = Number.parseInt(message!, 10);
        lines.set(n, (lines.get(n) ?? 0) + 1);
      }
      if (page.nextForwardToken === nextToken) break;
      nextToken = page.nextForwardToken;
    }
    expect(new Set(lines.values())).toEqual(new Set([20]));
    expect([...lines.keys()]).toEqual(expect.arrayContaining(batches));
  } finally {
    await aws?.close();
    rmSync(dir, { recursive: true, force: true });
  }
});

it('says of a query under way in a process that was killed that it failed, and runs the next', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'granary-killed-'));
  let aws: EmbeddedAws | undefined;
  try {
    const { child, url } = await startInProcess(dir);
    const before = clientsOf(url);
    await before.s3.send(new CreateBucketCommand({ Bucket: 'results' }));
    await before.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: DATABASE } }));
    const Configuration = { ResultConfiguration: { OutputLocation: 's3://results/' } };
    await before.athena.send(new CreateWorkGroupCommand({ Name: 'test', Configuration }));
    const done = await startQuery(before, 'SELECT 1 AS x');
    expect((await ended(before, done)).Status!.State).toBe('SUCCEEDED');
    const endless = await startQuery(
      before,
      'WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n FROM r) SELECT count(*) FROM r',
    );
    while ((await execution(before, endless)).Status!.State !== 'RUNNING') {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill('SIGKILL');
    await once(child, 'exit');

    aws = await startEmbeddedAws({ port: 0, dir: join(dir, 'aws') });
    const after = clientsOf(aws.url);
    expect((await execution(after, done)).Status!.State).toBe('SUCCEEDED');
    expect((await execution(after, endless)).Status).toMatchObject({
      State: 'FAILED',
      AthenaError: { ErrorCategory: 1 },
    });
    expect(await ask(after, 'SELECT 2 AS x')).toEqual([['x'], ['2']]);
  } finally {
    await aws?.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
