import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedAws, startEmbeddedAws } from '../embedded-aws.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-insights-'));
const NOW = Date.now();
const GROUP = '/granary/test/lines';
const LINES = [
  { level: 'INFO', message: 'request', route: 'GET /a', status: 200, Latency: 10, cold_start: true },
  { level: 'INFO', message: 'request', route: 'GET /a', status: 200, Latency: 20, cold_start: false },
  { level: 'INFO', message: 'request', route: 'GET /b', status: 404, Latency: 5, cold_start: false },
  { level: 'ERROR', message: 'failed', error: { name: 'AccessDenied', message: 'not "yours"' } },
  'START RequestId: 1',
];
let aws: EmbeddedAws;
let logs: CloudWatchLogsClient;
beforeAll(async () => {
  aws = await startEmbeddedAws({ port: 0, dir });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  logs = new CloudWatchLogsClient({ endpoint: aws.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  await logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
  await logs.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName: 's' }));
  const logEvents = LINES.map((line, n) => ({
    timestamp: NOW - 10_000 + n,
    message: typeof line === 'string' ? line : JSON.stringify(line),
  }));
  await logs.send(new PutLogEventsCommand({ logGroupName: GROUP, logStreamName: 's', logEvents }));
});
afterAll(async () => {
  await aws.close();
  rmSync(dir, { recursive: true });
});

const ask = async (queryString: string, ...groups: string[]) => {
  const logGroupNames = groups.length > 0 ? groups : [GROUP];
  const times = { startTime: Math.floor(NOW / 1000) - 3600, endTime: Math.floor(NOW / 1000) + 60 };
  const { queryId } = await logs.send(new StartQueryCommand({ logGroupNames, ...times, queryString }));
  const { status, results } = await logs.send(new GetQueryResultsCommand({ queryId }));
  expect(status).toBe('Complete');
  return results!.map((row) => Object.fromEntries(row.map(({ field, value }) => [field, value])));
};
const refusal = (query: string) =>
  ask(query).then(
    () => 'none',
    ({ name, message }: Error) => `${name}: ${message}`,
  );

describe('A query of Logs Insights', () => {
  it.each([
    [
      'filter message = "request" | stats count(*) as n, sum(status) as s, pct(Latency, 50) as p50, max(Latency) as most by route | sort n desc',
      [
        { route: 'GET /a', n: '2', s: '400', p50: '10', most: '20' },
        { route: 'GET /b', n: '1', s: '404', p50: '5', most: '5' },
      ],
    ],
    ['stats count(*)', [{ 'count(*)': '5' }]],
    ['filter status >= 400 | fields route, status', [{ route: 'GET /b', status: '404' }]],
    ['filter cold_start = 1 | fields Latency', [{ Latency: '10' }]],
    [
      'filter ispresent(error.name) | fields error.name, error.message',
      [{ 'error.name': 'AccessDenied', 'error.message': 'not "yours"' }],
    ],
    ['filter @message like /^START/ | fields @message', [{ '@message': 'START RequestId: 1' }]],
    [
      'filter level in ["ERROR", "WARN"] or Latency < 6 | fields message',
      [{ message: 'request' }, { message: 'failed' }],
    ],
    ['filter not (message = "request" and status = 200) and level != "ERROR" | fields route', [{ route: 'GET /b' }]],
    [
      '# What?\nfilter message = "request"\n| stats latest(Latency) as last, earliest(Latency) as first, count_distinct(route) as routes, avg(Latency) as mean, min(Latency) as least',
      [{ last: '5', first: '10', routes: '2', mean: String(35 / 3), least: '5' }],
    ],
    ['filter message = "request" | fields Latency | sort Latency | limit 2', [{ Latency: '5' }, { Latency: '10' }]],
    [
      'filter level != "WARN" | stats count(*) as n by route | sort n desc',
      [{ route: 'GET /a', n: '2' }, { route: 'GET /b', n: '1' }, { n: '1' }],
    ],
    ['filter route = "GET /c" | stats count(*) by route', []],
  ])('%s', async (query, expected) => {
    expect(await ask(query)).toEqual(expected);
  });

  it.each([
    ['filter message =', 'MalformedQueryException: a value is missing'],
    ['filter message ~ "x"', 'MalformedQueryException: unexpected symbol'],
    [
      'parse @message "*" as x',
      'NotImplemented: The embedded AWS does not implement CloudWatch Logs StartQuery the command parse of Logs Insights.',
    ],
    ['stats stddev(Latency)', 'the function stddev of Logs Insights'],
    ['', 'the query is empty'],
  ])('that cannot be answered is refused: %s', async (query, why) => {
    expect(await refusal(query)).toContain(why);
  });

  it('sees what functions wrote, by their groups; one output of several functions once', async () => {
    const event = (message: string) => ({ timestamp: NOW, message });
    aws.logged('/aws/lambda/granary-ingestion-test-watch', [event('{"a":1}')]);
    aws.logged('/aws/lambda/granary-api-test-', [event('{"a":2}'), event('{"a":3}')]);
    const [watch, catalog, users] = ['ingestion-test-watch', 'api-test-catalog', 'api-test-users'].map(
      (name) => `/aws/lambda/granary-${name}`,
    );
    expect(await ask('stats sum(a) as s', watch!)).toEqual([{ s: '1' }]);
    expect(await ask('stats sum(a) as s', catalog!, users!)).toEqual([{ s: '5' }]);
    expect(await ask('stats sum(a) as s', watch!, users!, GROUP)).toEqual([{ s: '6' }]);
  });

  it('of a group that there is not is refused', async () => {
    await expect(ask('stats count(*)', '/nobody')).rejects.toThrow('The specified log group does not exist.');
  });
});
