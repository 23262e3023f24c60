import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import {
  BatchGetTracesCommand,
  GetTraceSummariesCommand,
  PutTraceSegmentsCommand,
  XRayClient,
} from '@aws-sdk/client-xray';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedAws, startEmbeddedAws } from '../embedded-aws.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-xray-'));
let aws: EmbeddedAws;
const settings = () => ({
  endpoint: aws.url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});
const xray = () => new XRayClient(settings());
const sqs = () => new SQSClient(settings());
beforeAll(async () => {
  aws = await startEmbeddedAws({ port: 0, dir, tracing: true });
});
afterAll(async () => {
  await aws?.close();
  rmSync(dir, { recursive: true, force: true });
});

const TRACE = '1-5759e988-bd862e3fe1be46a994272793';
const span = (id: string, more: object = {}) => ({
  trace_id: TRACE,
  id: id.repeat(16),
  name: `span ${id}`,
  start_time: 1_700_000_000,
  end_time: 1_700_000_001,
  ...more,
});

/** As X-Ray's SDK sends to the daemon. */
const send = async (...documents: unknown[]): Promise<void> => {
  const socket = createSocket('udp4');
  for (const document of documents) {
    const text = typeof document === 'string' ? document : `{"format":"json","version":1}\n${JSON.stringify(document)}`;
    await new Promise((resolve) => socket.send(text, aws.port, '127.0.0.1', resolve));
  }
  socket.close();
};
const traces = async (...TraceIds: string[]) => xray().send(new BatchGetTracesCommand({ TraceIds }));

describe('X-Ray', () => {
  it('puts a trace together of what its daemon was sent, in whatever order it came', async () => {
    await send(
      span('c', { type: 'subsegment', parent_id: 'b'.repeat(16), end_time: 1_700_000_003 }),
      span('a', { in_progress: true }),
      span('b', { type: 'subsegment', parent_id: 'a'.repeat(16) }),
      span('a', { subsegments: [{ id: 'd'.repeat(16), name: 'span d', start_time: 1_700_000_000.5 }] }),
      'no document',
      span('nonsense'),
      '{"format":"json","version":1}\nno json',
    );
    let found = await traces(TRACE);
    for (let tries = 0; tries < 200 && !JSON.stringify(found).includes('span d'); tries++) found = await traces(TRACE);
    const none = '1-5759e988-000000000000000000000000';
    found = await traces(TRACE, none);
    expect(found.UnprocessedTraceIds).toEqual([none]);
    expect(found.Traces).toHaveLength(1);
    expect(found.Traces![0]).toMatchObject({ Id: TRACE, Duration: 3 });
    const segments = found.Traces![0]!.Segments!.map(({ Document }) => JSON.parse(Document!));
    expect(segments).toEqual([
      span('a', {
        subsegments: [
          { id: 'd'.repeat(16), name: 'span d', start_time: 1_700_000_000.5 },
          {
            ...{ id: 'b'.repeat(16), name: 'span b', start_time: 1_700_000_000, end_time: 1_700_000_001 },
            subsegments: [{ id: 'c'.repeat(16), name: 'span c', start_time: 1_700_000_000, end_time: 1_700_000_003 }],
          },
        ],
      }),
    ]);
  });

  it('takes segments over HTTP too, and says which it does not', async () => {
    const trace_id = '1-5759e988-0000000000000000000000aa';
    const answer = await xray().send(
      new PutTraceSegmentsCommand({
        TraceSegmentDocuments: [JSON.stringify(span('e', { trace_id })), '{"id":"x"}', 'no json'],
      }),
    );
    expect(answer.UnprocessedTraceSegments).toEqual([
      { Id: 'x', ErrorCode: 'InvalidSegment', Message: 'its trace_id is none' },
      { ErrorCode: 'InvalidSegment', Message: 'it is no JSON' },
    ]);
    expect((await traces(trace_id)).Traces?.[0]?.Segments).toHaveLength(1);
  });

  it('answers 501 with the name of what it lacks, and 400 to what X-Ray does not take', async () => {
    const summaries = new GetTraceSummariesCommand({ StartTime: new Date(0), EndTime: new Date() });
    await expect(xray().send(summaries)).rejects.toThrow('X-Ray POST /TraceSummaries');
    await expect(traces('1', '2', '3', '4', '5', '6')).rejects.toMatchObject({ name: 'InvalidRequestException' });
  });
});

describe('The trace header of a message', () => {
  const header = `Root=${TRACE};Parent=53995c3f42cd8ad8;Sampled=1`;
  const MessageSystemAttributes = { AWSTraceHeader: { DataType: 'String', StringValue: header } } as const;
  const queue = async (QueueName: string, Attributes: Record<string, string> = {}) =>
    (await sqs().send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;
  const receive = async (QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
    (await sqs().send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0, ...more })))
      .Messages ?? [];

  it('is given to who asks for it, and is none of the attributes of the message', async () => {
    const QueueUrl = await queue('traced');
    const MessageAttributes = { own: { DataType: 'String', StringValue: 'x' } };
    await sqs().send(
      new SendMessageCommand({ QueueUrl, MessageBody: 'one', MessageSystemAttributes, MessageAttributes }),
    );
    const [one] = await receive(QueueUrl, { MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] });
    expect(one?.Attributes).toMatchObject({ AWSTraceHeader: header, ApproximateReceiveCount: '1' });
    expect(Object.keys(one?.MessageAttributes ?? {})).toEqual(['own']);
    const [named] = await receive(QueueUrl, {
      MessageSystemAttributeNames: ['AWSTraceHeader'],
      MessageAttributeNames: ['own'],
    });
    expect(named?.Attributes).toEqual({ AWSTraceHeader: header });
    const [other] = await receive(QueueUrl, { MessageSystemAttributeNames: ['SentTimestamp'] });
    expect(Object.keys(other?.Attributes ?? {})).toEqual(['SentTimestamp']);
  });

  it('goes with the message to the dead letters, and is there after a restart', async () => {
    const dead = await queue('traced-dead');
    const { Attributes } = await sqs().send(
      new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] }),
    );
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes!.QueueArn, maxReceiveCount: 1 });
    const QueueUrl = await queue('traced-source', { RedrivePolicy });
    const entry = (Id: string) => ({ Id, MessageBody: Id, MessageSystemAttributes });
    await sqs().send(new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a'), { Id: 'b', MessageBody: 'b' }] }));
    await receive(QueueUrl);
    await receive(QueueUrl);
    await aws.close();
    aws = await startEmbeddedAws({ port: 0, dir, tracing: true });
    const letters = await receive(dead.replace(/^.*?(?=\/000)/, aws.url), { MessageSystemAttributeNames: ['All'] });
    const headers = letters.map(({ Body, Attributes: { AWSTraceHeader } = {} }) => [Body, AWSTraceHeader]);
    expect(headers.sort()).toEqual([
      ['a', header],
      ['b', undefined],
    ]);
  });
});
