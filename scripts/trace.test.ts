import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { PutTraceSegmentsCommand, XRayClient } from '@aws-sdk/client-xray';
import { type EmbeddedAws, startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const XRAY_ID = '1-5759e988-bd862e3fe1be46a994272793';
const TRACE = '5759e988bd862e3fe1be46a994272793';
const UNTRACED = '5759e988000000000000000000000001';
const REQUEST = 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef';
const RUN = 'embrapa-20261120t083300-4k2m9x';
const BEGUN = Date.now() - 60_000;

const at = (ms: number) => new Date(BEGUN + ms).toISOString();
const line = (ms: number, message: string, fields: object) => ({
  ...{ level: 'INFO', message, timestamp: at(ms) },
  ...fields,
});
/** Of a planner whose trace X-Ray has, and of a request and a worker whose trace it has not. */
const LINES = {
  'ingestion-dev-plan': [
    line(20, 'run planned', { run: RUN, source: 'embrapa', parts: 15, function: 'plan', trace_id: TRACE }),
  ],
  // It speaks of runs, and does nothing for them.
  'ingestion-dev-watch': [
    line(30, 'source health', { function: 'watch', run: RUN, trace_id: '5759e988000000000000000000000002' }),
  ],
  'api-dev-operations': [
    line(50, 'request', {
      ...{ route: 'POST /fetch-data', status: 202, Latency: 40.5, request_id: REQUEST, trace_id: UNTRACED },
    }),
  ],
  'ingestion-dev-fetch-users': [
    line(90, 'page', { function: 'fetch-users', run: 'users-1', part: 1, outcome: 'written', trace_id: UNTRACED }),
    line(95, 'message', { function: 'fetch-users', outcome: 'done', duration_ms: 30, trace_id: UNTRACED }),
    line(99, 'invocation failed', {
      ...{ level: 'ERROR', function: 'fetch-users', duration_ms: 40, trace_id: UNTRACED },
      error: { name: 'AccessDeniedException' },
    }),
  ],
};

const seconds = (ms: number) => (BEGUN + ms) / 1000;
const SEGMENTS = [
  {
    ...{ trace_id: XRAY_ID, id: 'a'.repeat(16), name: 'granary-ingestion-dev-plan' },
    ...{ start_time: seconds(0), end_time: seconds(100), annotations: { request_id: 'invocation', Service: 'x' } },
    subsegments: [
      {
        ...{ id: 'b'.repeat(16), name: 'SQS', start_time: seconds(30), end_time: seconds(42), namespace: 'aws' },
        aws: { operation: 'SendMessageBatch', queue_url: 'http://sqs/0/granary-dev-collect' },
        http: { response: { status: 200 } },
      },
    ],
  },
  {
    ...{ trace_id: XRAY_ID, id: 'c'.repeat(16), parent_id: 'a'.repeat(16), name: 'granary-ingestion-dev-collect' },
    ...{ start_time: seconds(200), end_time: seconds(450), fault: true },
    subsegments: [
      {
        ...{ id: 'd'.repeat(16), name: 'S3', start_time: seconds(300), end_time: seconds(310), namespace: 'aws' },
        ...{ aws: { operation: 'PutObject', bucket_name: 'data', key: 'raw/x' }, fault: true, throttle: true },
      },
      {
        ...{ id: 'e'.repeat(16), name: 'DynamoDB', start_time: seconds(320), end_time: seconds(330), namespace: 'aws' },
        aws: { operation: 'UpdateItem', table_name: 'granary-dev-catalog' },
        ...{ fault: true, http: { response: { status: 400 } } },
      },
    ],
  },
];

let aws: EmbeddedAws;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'granary-trace-'));
  aws = await startEmbeddedAws({ port: 0, dir: join(folder, 'aws') });
  const settings = {
    ...{ endpoint: aws.url, region: 'us-east-1' },
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const logs = new CloudWatchLogsClient(settings);
  for (const [name, lines] of Object.entries(LINES)) {
    const place = { logGroupName: `/aws/lambda/granary-${name}`, logStreamName: '2026/11/30/[$LATEST]x' };
    await logs.send(new CreateLogGroupCommand(place));
    await logs.send(new CreateLogStreamCommand(place));
    const logEvents = lines.map((one) => ({ timestamp: Date.parse(one.timestamp), message: JSON.stringify(one) }));
    await logs.send(new PutLogEventsCommand({ ...place, logEvents }));
  }
  const TraceSegmentDocuments = SEGMENTS.map((segment) => JSON.stringify(segment));
  await new XRayClient(settings).send(new PutTraceSegmentsCommand({ TraceSegmentDocuments }));
  // A stack that runs on this machine: its functions write to files.
  mkdirSync(join(folder, 'logs'));
  writeFileSync(
    join(folder, 'local.json'),
    JSON.stringify({ running: true, awsEndpoint: aws.url, region: 'us-east-1' }),
  );
  const text = Object.values(LINES)
    .flat()
    .map((one) => `${JSON.stringify(one)}\n`);
  writeFileSync(join(folder, 'logs', 'api.log'), `Server ready\n${text.join('')}`);
});
afterAll(async () => {
  await aws?.close();
  rmSync(folder, { recursive: true, force: true });
});

type Outcome = { code: number; stdout: string; stderr: string };
const trace = (...args: string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const env = { ...process.env, AWS_ENDPOINT_URL: aws.url, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    execFile(process.execPath, ['scripts/trace.ts', ...args], { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });

const TABLE = `
   start  duration  status       span                             what
  0.0 ms  100.0 ms  ok           granary-ingestion-dev-plan       request_id=invocation
 30.0 ms   12.0 ms  ok 200         SQS SendMessageBatch           granary-dev-collect
200.0 ms  250.0 ms  fault          granary-ingestion-dev-collect
300.0 ms   10.0 ms  throttled        S3 PutObject                 data/raw/x
320.0 ms   10.0 ms  refused 400      DynamoDB UpdateItem          granary-dev-catalog
`;
const OF_LOG = `
  start  duration  status  span                    what
 0.0 ms   40.5 ms  202     POST /fetch-data        request_id=${REQUEST}
49.5 ms   40.0 ms  error   fetch-users             AccessDeniedException
55.5 ms   30.0 ms  ok        fetch-users: message  outcome=done
80.5 ms            ok          fetch-users: page   run=users-1 part=1 outcome=written
`;

describe.each([
  ['a deployed stage', () => ['--stage', 'dev', '--region', 'us-east-1']],
  ['the stack on this machine', () => ['--state', folder]],
])('npm run trace, of %s', (_, place) => {
  it.each([
    ['an id of X-Ray', XRAY_ID],
    ['a header of X-Ray', `Root=${XRAY_ID};Parent=53995c3f42cd8ad8;Sampled=1`],
    ['an id of W3C', TRACE],
    ['a traceparent', `00-${TRACE}-00f067aa0ba902b7-01`],
    ['the id of a run', RUN],
  ])('shows the spans of X-Ray for %s, each below what caused it', async (_id, id) => {
    const { code, stdout } = await trace(id, ...place());
    expect(stdout).toBe(`Trace ${XRAY_ID} (W3C ${TRACE}): 5 spans by X-Ray\n${TABLE}\n`);
    expect(code).toBe(0);
  });

  it('shows what the log says of a request that X-Ray has nothing of', async () => {
    const { code, stdout } = await trace(REQUEST, ...place());
    const head = `Trace 1-5759e988-${UNTRACED.slice(8)} (W3C ${UNTRACED}): 4 spans by the log of the functions; X-Ray has nothing of it`;
    expect(stdout).toBe(`${head}\n${OF_LOG}\n`);
    expect(code).toBe(0);
  });

  it('says of what is nowhere where it was looked for', async () => {
    const { code, stderr, stdout } = await trace('no-such-run', ...place());
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^Nothing of 'no-such-run' is in the (stack|log groups)/);
  });
});

it.each([
  [[], /Give one id/],
  [['x'.repeat(200)], /is no id/],
  [['a"b" "c'], /is no id/],
  [[RUN, '--since', '0'], /--since takes/],
  [[RUN, '--stage', 'Prod!'], /--stage takes/],
  [[RUN, '--nonsense'], /--nonsense/],
])('npm run trace refuses %j with the way to call it', async (args, reason) => {
  const { code, stderr } = await trace(...args);
  expect(stderr).toMatch(reason);
  expect(stderr).toContain('npm run trace -- <id>');
  expect(code).toBe(2);
});
