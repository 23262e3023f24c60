import { createSocket, type Socket } from 'node:dgram';
import { SourceThrottled } from '@granary/domain/errors';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { defineEndpoint } from './endpoint.ts';
import { defineJob } from './job.ts';
import { makeLogger } from './logger.ts';
import { serveArea } from './serve-area.ts';
import { serveJob } from './serve-job.ts';
import { apiGatewayEvent } from './testing/api-gateway-event.ts';
import { isTraced, loadTracing, type Tracing } from './tracing.ts';

const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a:0';
const log = makeLogger({ service: 'api', write: () => {} });
let daemon: Socket;
let next: () => Promise<string>;
let tracing: Tracing;

/** What Lambda sets, and sets anew before each invocation. */
const invoke = (header: string): void => {
  process.env._X_AMZN_TRACE_ID = header;
};

beforeAll(async () => {
  daemon = createSocket('udp4');
  const received: string[] = [];
  daemon.on('message', (message) => received.push(String(message)));
  await new Promise<void>((resolve) => daemon.bind(0, '127.0.0.1', resolve));
  next = async () => {
    while (received.length === 0) await new Promise((resolve) => daemon.once('message', resolve));
    return received.shift() as string;
  };
  Object.assign(process.env, {
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    LAMBDA_TASK_ROOT: '/var/task',
  });
  tracing = (await loadTracing('api', log)) as Tracing;
});
afterAll(() => new Promise<void>((resolve) => void daemon.close(() => resolve())));

const subsegment = async () => {
  const [header, document] = (await next()).split('\n');
  expect(JSON.parse(header)).toEqual({ format: 'json', version: 1 });
  return JSON.parse(document);
};

describe('tracing with X-Ray', () => {
  it('sends a subsegment of the function to the daemon', async () => {
    invoke(HEADER);
    tracing.open('GET /v1/datasets/{id}', { route: 'x' })?.close({ error: new TypeError('no') });
    const sent = await subsegment();
    expect(sent).toEqual({
      type: 'subsegment',
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      trace_id: '1-5759e988-bd862e3fe1be46a994272793',
      parent_id: '53995c3f42cd8ad8',
      name: '## GET /v1/datasets/id',
      start_time: expect.any(Number),
      end_time: expect.any(Number),
      annotations: { route: 'x', ColdStart: true, Service: 'api' },
      fault: true,
      cause: {
        working_directory: expect.any(String),
        exceptions: [expect.objectContaining({ id: expect.any(String), type: 'TypeError', message: 'no' })],
      },
    });
    expect(sent.end_time).toBeGreaterThanOrEqual(sent.start_time);
  });

  it('sends nothing for an invocation that X-Ray did not choose, and is off where it is not asked for', async () => {
    for (const header of [HEADER.replace('Sampled=1', 'Sampled=0'), '']) {
      invoke(header);
      tracing.open('unsampled')?.close();
    }
    invoke(HEADER);
    tracing.open('sampled')?.close();
    expect(await subsegment()).toMatchObject({ name: '## sampled', annotations: { ColdStart: false } });
    expect(isTraced({ TRACING: 'true', AWS_XRAY_DAEMON_ADDRESS: '169.254.79.129:2000' })).toBe(true);
    expect(isTraced({ TRACING: 'true', AWS_XRAY_DAEMON_ADDRESS: 'tcp:127.0.0.1:2000 udp:127.0.0.1:2001' })).toBe(true);
    expect(isTraced({ TRACING: 'false', AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000' })).toBe(false);
    expect(isTraced({ TRACING: 'true' })).toBe(false);
  });

  it('never fails an invocation for a trace that cannot be sent', async () => {
    for (const AWS_XRAY_DAEMON_ADDRESS of ['127.0.0.1:0', '127.0.0.1:none', 'nonsense']) {
      expect(isTraced({ TRACING: 'true', AWS_XRAY_DAEMON_ADDRESS })).toBe(false);
    }
  });
});

describe('a traced function', () => {
  const settings = () => ({ service: 'api', stage: 'test', tracing: true, write: () => {} });

  it('of the API shows its route, takes only its own failures for faults, and keeps what it answers to itself', async () => {
    const answers: Record<string, () => unknown> = {
      '/fine': () => ({ secret: 'of the answer' }),
      '/throttled': () => {
        throw new SourceThrottled('wait', Date.now());
      },
    };
    const handler = serveArea({
      settings: () => ({
        ...settings(),
        cors_origins: [],
        verify_token: () => ({ sub: '', username: '', groups: [] }),
      }),
      deps: () => ({}),
      routes: Object.entries(answers).map(([path, answer]) => ({
        endpoint: defineEndpoint({ method: 'GET', path, auth: 'public', grants: [], summary: '', run: () => answer }),
        validator: Object.assign((event: unknown) => !JSON.stringify(event).includes('"limit":'), { errors: [] }),
      })),
    });
    invoke(HEADER);
    const call = async (path: string) => {
      const { statusCode } = await handler(apiGatewayEvent({ path }), {} as Context);
      const sent = await subsegment();
      expect(JSON.stringify(sent)).not.toContain('of the answer');
      return { statusCode, name: sent.name, fault: sent.fault, route: sent.annotations.route };
    };
    expect(await call('/fine')).toEqual({ statusCode: 200, name: '## GET /fine', route: 'GET /fine' });
    expect(await call('/fine?limit=x')).toEqual({ statusCode: 400, name: '## GET /fine', route: 'GET /fine' });
    expect(await call('/throttled')).toMatchObject({ statusCode: 503, fault: true, route: 'GET /throttled' });
  });

  it('on a schedule is traced by the trace of each invocation', async () => {
    const job = { id: 'plan', schedule: 'rate(5 minutes)', timeout_s: 60, memory_mb: 512, grants: [] };
    const handler = serveJob(defineJob({ ...job, run: () => async () => {} }), { settings, deps: () => ({}) });
    for (const root of ['1-5759e988-000000000000000000000001', '1-5759e988-000000000000000000000002']) {
      invoke(`Root=${root};Parent=53995c3f42cd8ad8;Sampled=1`);
      await handler({}, {} as Context);
      expect(await subsegment()).toMatchObject({ name: '## plan', trace_id: root });
    }
  });
});
