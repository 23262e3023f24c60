import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  type DescribeLogStreamsCommandInput,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  type InputLogEvent,
  PutLogEventsCommand,
  PutMetricFilterCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedAws, startEmbeddedAws } from '../embedded-aws.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-logs-'));
let aws: EmbeddedAws;
let logs: CloudWatchLogsClient;
const start = async () => {
  aws = await startEmbeddedAws({ port: 0, dir });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  logs = new CloudWatchLogsClient({ endpoint: aws.url, region: 'us-east-1', credentials, maxAttempts: 1 });
};
const NOW = Date.now();
let made = 0;
/** A group of its own with the streams. */
const group = async (...streams: string[]): Promise<string> => {
  const logGroupName = `/granary/test-${++made}/users`;
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  for (const logStreamName of streams) await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  return logGroupName;
};
const put = (logGroupName: string, logStreamName: string, logEvents: InputLogEvent[]) =>
  logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
const events = (from: number, ...messages: string[]): InputLogEvent[] =>
  messages.map((message, n) => ({ timestamp: NOW + from + n, message }));
const get = (logGroupName: string, logStreamName: string, more: Partial<GetLogEventsCommandInput> = {}) =>
  logs.send(new GetLogEventsCommand({ logGroupName, logStreamName, ...more }));
const messages = (found: { message?: string }[] | undefined) => found?.map(({ message }) => message);
const read = async (...input: Parameters<typeof get>) => messages((await get(...input)).events);
const filter = (logGroupName: string, more: Partial<FilterLogEventsCommandInput> = {}) =>
  logs.send(new FilterLogEventsCommand({ logGroupName, ...more }));
const describeStreams = async (logGroupName: string, more: Partial<DescribeLogStreamsCommandInput> = {}) =>
  (await logs.send(new DescribeLogStreamsCommand({ logGroupName, ...more }))).logStreams;
const refusal = async (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    (error: Error) => error.name,
  );

beforeAll(start);
afterAll(async () => {
  await aws.close();
  rmSync(dir, { recursive: true });
});

describe('groups and streams', () => {
  it('are made once, described by prefix and pattern, and removed with all that is in them', async () => {
    const name = await group('Info', 'Error', 'Status');
    expect(await refusal(logs.send(new CreateLogGroupCommand({ logGroupName: name })))).toBe(
      'ResourceAlreadyExistsException',
    );
    const again = new CreateLogStreamCommand({ logGroupName: name, logStreamName: 'Info' });
    expect(await refusal(logs.send(again))).toBe('ResourceAlreadyExistsException');
    await put(name, 'Info', events(0, 'a'));
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: 14 }));
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
    expect(logGroups).toMatchObject([
      { logGroupName: name, retentionInDays: 14, arn: `arn:aws:logs:us-east-1:000000000000:log-group:${name}:*` },
    ]);
    expect(await describeStreams(name)).toMatchObject([
      { logStreamName: 'Error' },
      { logStreamName: 'Info', firstEventTimestamp: NOW, lastEventTimestamp: NOW },
      { logStreamName: 'Status' },
    ]);

    await logs.send(new DeleteLogGroupCommand({ logGroupName: name }));
    expect(await refusal(get(name, 'Info'))).toBe('ResourceNotFoundException');
    await logs.send(new CreateLogGroupCommand({ logGroupName: name }));
    expect(await describeStreams(name)).toEqual([]);
    await logs.send(new CreateLogStreamCommand({ logGroupName: name, logStreamName: 'Info' }));
    expect(await read(name, 'Info')).toEqual([]);
    expect((await describeStreams(name))?.[0]?.lastEventTimestamp).toBeUndefined();
  });

  it('are listed in pages, by name or by the time of the last event, either way', async () => {
    const name = await group('a/1', 'a/2', 'a/3', 'b');
    await put(name, 'a/1', events(30, 'x'));
    await put(name, 'a/2', events(10, 'x'));
    await put(name, 'a/3', events(20, 'x'));
    const names = async (more: Partial<DescribeLogStreamsCommandInput>) =>
      (await describeStreams(name, more))?.map(({ logStreamName }) => logStreamName);
    expect(await names({ orderBy: 'LastEventTime', descending: true })).toEqual(['a/1', 'a/3', 'a/2', 'b']);
    expect(await names({ logStreamNamePrefix: 'a/', descending: true })).toEqual(['a/3', 'a/2', 'a/1']);
    const first = await logs.send(new DescribeLogStreamsCommand({ logGroupName: name, limit: 3 }));
    expect(first.logStreams).toHaveLength(3);
    expect(await names({ nextToken: first.nextToken })).toEqual(['b']);
    const both = describeStreams(name, { orderBy: 'LastEventTime', logStreamNamePrefix: 'a' });
    expect(await refusal(both)).toBe('InvalidParameterException');
    expect(await refusal(describeStreams(name, { limit: 51 }))).toBe('InvalidParameterException');
    expect(await refusal(describeStreams(name, { nextToken: 'none' }))).toBe('InvalidParameterException');
  });

  it('have names that differ by case, and none that leave the folder', async () => {
    const name = await group('Info', 'info', '..', '../../x', 'é'.repeat(300));
    await put(name, 'Info', events(0, 'upper'));
    await put(name, 'info', events(0, 'lower'));
    await put(name, '../../x', events(0, 'inside'));
    expect(await read(name, 'Info')).toEqual(['upper']);
    expect(await read(name, 'info')).toEqual(['lower']);
    expect(await read(name, '../../x')).toEqual(['inside']);
    expect(readdirSync(dir).sort()).toEqual(['cloudwatch', 'cognito', 'dynamodb', 'kms', 'logs', 's3-sqs']);
    const make = (logGroupName: string, logStreamName: string) =>
      refusal(logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName })));
    expect(await make(name, 'a:b')).toBe('InvalidParameterException');
    expect(await make('/none', 'a')).toBe('ResourceNotFoundException');
    expect(await refusal(logs.send(new CreateLogGroupCommand({ logGroupName: 'a b' })))).toBe(
      'InvalidParameterException',
    );
    const retention = new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: 2 });
    expect(await refusal(logs.send(retention))).toBe('InvalidParameterException');
  });
});

describe('PutLogEvents', () => {
  it('takes batches up to the limits and refuses what is beyond one of them, as a whole', async () => {
    const name = await group('Info');
    const many = (count: number, message: string) => Array.from({ length: count }, () => ({ timestamp: NOW, message }));
    const refused = (batch: InputLogEvent[]) => refusal(put(name, 'Info', batch));
    expect(await refused([])).toBe('InvalidParameterException');
    expect(await refused(many(10_001, 'x'))).toBe('InvalidParameterException');
    expect(await refused(many(1, ''))).toBe('InvalidParameterException');
    expect(await refused([...events(1, 'later'), ...events(0, 'sooner')])).toBe('InvalidParameterException');
    const dayApart = [{ timestamp: NOW - 86_400_001, message: 'x' }, ...events(0, 'x')];
    expect(await refused(dayApart)).toBe('InvalidParameterException');
    expect(await refused(many(1, 'x'.repeat(262_144 - 25)))).toBe('InvalidParameterException');
    // In bytes, not characters.
    expect(await refused(many(1, 'é'.repeat(131_072 - 12)))).toBe('InvalidParameterException');
    expect(await refused([...many(4, 'x'.repeat(262_144 - 26)), ...many(1, 'x')])).toBe('InvalidParameterException');
    expect(await read(name, 'Info')).toEqual([]);

    expect(await refused(many(4, 'x'.repeat(262_144 - 26)))).toBe('none');
    expect(await refused(many(10_000, 'x'))).toBe('none');
    expect(await refusal(put(name, 'None', events(0, 'x')))).toBe('ResourceNotFoundException');
    expect(await refusal(put('/none', 'Info', events(0, 'x')))).toBe('ResourceNotFoundException');
    const untimed = [{ message: 'x', timestamp: undefined }];
    expect(await refused(untimed)).toBe('InvalidParameterException');
  });

  it('says which events it did not keep for being too old or too new', async () => {
    const name = await group('Info');
    const day = 86_400_000;
    const old = [{ timestamp: NOW - 15 * day, message: 'old' }];
    expect((await put(name, 'Info', old)).rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    const ahead = await put(name, 'Info', [...events(0, 'now'), { timestamp: NOW + 3 * 3_600_000, message: 'ahead' }]);
    expect(ahead.rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 1 });
    await put(name, 'Info', [{ timestamp: NOW - 2 * day, message: 'of two days ago' }]);
    expect(await read(name, 'Info')).toEqual(['of two days ago', 'now']);
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: 1 }));
    expect(await read(name, 'Info')).toEqual(['now']);
    const expired = await put(name, 'Info', [{ timestamp: NOW - 2 * day, message: 'expired' }]);
    expect(expired.rejectedLogEventsInfo).toEqual({ expiredLogEventEndIndex: 1 });
  });

  it('keeps every batch of many writers at once', async () => {
    const name = await group('Info');
    await Promise.all(Array.from({ length: 50 }, (_, n) => put(name, 'Info', events(n, `a ${n}`, `b ${n}`))));
    expect(new Set(await read(name, 'Info')).size).toBe(100);
  });
});

describe('GetLogEvents', () => {
  it('reads in the order of time, forwards and backwards, and gives the same token at an end', async () => {
    const name = await group('Info');
    await put(name, 'Info', events(10, 'd', 'e', 'f'));
    await put(name, 'Info', events(0, 'a', 'b', 'c'));
    const first = await get(name, 'Info', { startFromHead: true, limit: 4 });
    expect(messages(first.events)).toEqual(['a', 'b', 'c', 'd']);
    const second = await get(name, 'Info', { nextToken: first.nextForwardToken, limit: 4 });
    expect(messages(second.events)).toEqual(['e', 'f']);
    const end = await get(name, 'Info', { nextToken: second.nextForwardToken });
    expect([end.events, end.nextForwardToken]).toEqual([[], second.nextForwardToken]);
    // What comes later does not shift what was read; what follows it is read from the same token.
    await put(name, 'Info', events(5, 'between'));
    await put(name, 'Info', events(20, 'g'));
    expect(await read(name, 'Info', { nextToken: end.nextForwardToken })).toEqual(['g']);

    const last = await get(name, 'Info', { limit: 2 });
    expect(messages(last.events)).toEqual(['f', 'g']);
    const before = await get(name, 'Info', { nextToken: last.nextBackwardToken, limit: 3 });
    expect(messages(before.events)).toEqual(['between', 'd', 'e']);
    expect(await read(name, 'Info', { nextToken: before.nextForwardToken })).toEqual(['f', 'g']);
    expect(await refusal(get(name, 'Info', { nextToken: 'x' }))).toBe('InvalidParameterException');
  });

  it('starts at its start time and ends before its end time', async () => {
    const name = await group('Info');
    await put(name, 'Info', events(0, 'a', 'b', 'c', 'd'));
    expect(await read(name, 'Info', { startTime: NOW + 1, endTime: NOW + 3 })).toEqual(['b', 'c']);
  });

  it('answers a megabyte at most', async () => {
    const name = await group('Info');
    for (let n = 0; n < 3; n++) {
      await put(name, 'Info', events(n * 10, ...Array.from({ length: 4 }, (_, i) => `${n}${i}`.padEnd(250_000))));
    }
    const seen: string[] = [];
    let nextToken: string | undefined;
    for (let pages = 0; ; pages++) {
      const page = await get(name, 'Info', { startFromHead: true, nextToken });
      if (page.nextForwardToken === nextToken) {
        expect(pages).toBe(3);
        break;
      }
      seen.push(...page.events!.map(({ message }) => message!.trim()));
      nextToken = page.nextForwardToken;
    }
    expect(seen).toEqual(['00', '01', '02', '03', '10', '11', '12', '13', '20', '21', '22', '23']);
  });
});

describe('FilterLogEvents', () => {
  it('reads several streams as one, by terms, times and pages', async () => {
    const name = await group('Info', 'Error', 'Status');
    await put(name, 'Info', events(0, 'INFO page 1 written', 'INFO page 2 deferred', 'INFO "done"'));
    await put(name, 'Error', events(1, 'ERROR page 2 failed', 'ERROR page 3 timed out'));
    await put(name, 'Status', events(9, '{"run":"r"}'));
    const found = async (more: Partial<FilterLogEventsCommandInput>) => messages((await filter(name, more)).events);
    expect(await found({})).toHaveLength(6);
    expect(await found({ filterPattern: 'page 2' })).toEqual(['ERROR page 2 failed', 'INFO page 2 deferred']);
    expect(await found({ filterPattern: '"page 3"' })).toEqual(['ERROR page 3 timed out']);
    expect(await found({ filterPattern: 'page -ERROR' })).toEqual(['INFO page 1 written', 'INFO page 2 deferred']);
    expect(await found({ filterPattern: '?failed ?written' })).toEqual(['INFO page 1 written', 'ERROR page 2 failed']);
    expect(await found({ filterPattern: '"\\"done\\""' })).toEqual(['INFO "done"']);
    expect(await found({ filterPattern: 'info' })).toEqual([]);
    expect(await found({ logStreamNames: ['Error'], startTime: NOW + 1, endTime: NOW + 1 })).toEqual([
      'ERROR page 2 failed',
    ]);
    expect(await found({ logStreamNamePrefix: 'Sta' })).toEqual(['{"run":"r"}']);

    const ids = new Set<string | undefined>();
    let nextToken: string | undefined;
    do {
      const page = await filter(name, { limit: 2, nextToken });
      for (const event of page.events!) ids.add(event.eventId);
      nextToken = page.nextToken;
    } while (nextToken);
    expect(ids.size).toBe(6);
  });

  it('says what it cannot filter by', async () => {
    const name = await group('Info');
    expect(await refusal(filter(name, { filterPattern: 'a.b' }))).toBe('InvalidParameterException');
    for (const filterPattern of ['{ $.level = "ERROR" }', '[a, b]', '%x%']) {
      expect(await refusal(filter(name, { filterPattern }))).toBe('NotImplemented');
    }
    expect(await refusal(filter(name, { logStreamNames: ['None'] }))).toBe('ResourceNotFoundException');
    const both = filter(name, { logStreamNames: ['Info'], logStreamNamePrefix: 'I' });
    expect(await refusal(both)).toBe('InvalidParameterException');
  });
});

it('answers 501 to what it does not do, and nothing to a page in a browser', async () => {
  const metric = new PutMetricFilterCommand({
    logGroupName: await group(),
    filterName: 'f',
    filterPattern: '',
    metricTransformations: [],
  });
  expect(await refusal(logs.send(metric))).toBe('NotImplemented');
  const headers = { 'x-amz-target': 'Logs_20140328.DescribeLogGroups', origin: 'http://localhost:4000' };
  expect((await fetch(aws.url, { method: 'POST', headers, body: '{}' })).status).toBe(403);
  const encrypted = new CreateLogGroupCommand({ logGroupName: '/x', kmsKeyId: 'arn' });
  expect(await refusal(logs.send(encrypted))).toBe('NotImplemented');
});

it('keeps its events over a restart, without a last line that was cut, and goes on after it', async () => {
  const name = await group('Info');
  await put(name, 'Info', events(0, 'a', 'b'));
  await put(name, 'Info', events(5, 'c'));
  await aws.close();
  const files = readdirSync(join(dir, 'logs'), { recursive: true, withFileTypes: true });
  const file = files
    .filter(({ name: file }) => file === 'events.ndjson')
    .map((entry) => join(entry.parentPath, entry.name));
  for (const path of file) await appendFile(path, `{"i":1,"e":[[1,"half of a ba`);
  await start();
  expect(await read(name, 'Info')).toEqual(['a', 'b', 'c']);
  await put(name, 'Info', events(9, 'd'));
  expect(await read(name, 'Info')).toEqual(['a', 'b', 'c', 'd']);
  expect((await describeStreams(name))?.[0]).toMatchObject({ lastEventTimestamp: NOW + 9 });
});
