import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SourceThrottled } from '@granary/domain/errors';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { z } from 'zod';
import { defineEndpoint } from './endpoint.ts';
import { defineJob } from './job.ts';
import { makeLogger } from './logger.ts';
import { serveArea } from './serve-area.ts';
import { serveJob } from './serve-job.ts';
import { serveWorker } from './serve-worker.ts';
import { apiGatewayEvent } from './testing/api-gateway-event.ts';
import { inTrace, traceHeader, traceOfLambda } from './trace.ts';
import { isTraced, loadTracing, type Tracing } from './tracing.ts';
import { defineWorker } from './worker.ts';

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

const open = (name: string, annotations?: Record<string, string>) => {
  const trace = traceOfLambda();
  return trace && inTrace(trace, () => tracing.open(name, annotations));
};

const subsegment = async () => {
  const [header, document] = (await next()).split('\n');
  expect(JSON.parse(header)).toEqual({ format: 'json', version: 1 });
  return JSON.parse(document);
};

describe('tracing with X-Ray', () => {
  it('sends a subsegment of the function to the daemon', async () => {
    invoke(HEADER);
    open('GET /v1/datasets/{id}', { route: 'x' })?.close({ error: new TypeError('no') });
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
      open('unsampled')?.close();
    }
    invoke(HEADER);
    open('sampled')?.close();
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
      await handler({}, { awsRequestId: 'test' } as Context);
      expect(await subsegment()).toMatchObject({ name: '## plan', trace_id: root });
    }
  });

  it('that works on messages goes on with the trace of each, side by side, below who sent it', async () => {
    const AWS_LAMBDA_FUNCTION_NAME = 'granary-ingestion-test-collect';
    Object.assign(process.env, { AWS_LAMBDA_FUNCTION_NAME });
    const asked = createServer((_, response) => response.end('{}'));
    await once(asked.listen(0, '127.0.0.1'), 'listening');
    const endpoint = `http://127.0.0.1:${(asked.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const headers = new Map<string, string | undefined>();
    const handler = serveWorker(
      defineWorker({
        ...{ id: 'collect', queue: 'collect', batchSize: 2, maximumConcurrency: 2 },
        ...{ timeout_s: 60, memory_mb: 512, grants: [], message: z.object({ id: z.string() }) },
        handle:
          (sqs: SQSClient) =>
          async ({ id }) => {
            headers.set(id, traceHeader());
            await sqs.send(new ListQueuesCommand({}));
            if (id === 'second') throw new TypeError('no');
            return { decision: 'done' };
          },
      }),
      { settings, deps: (capture) => capture(new SQSClient({ region: 'x', credentials, endpoint })) },
    );
    const roots = { first: '1-5759e988-000000000000000000000011', second: '1-5759e988-000000000000000000000012' };
    const Records = Object.entries(roots).map(([id, root]) => ({
      ...{ messageId: id, receiptHandle: id, body: JSON.stringify({ id }) },
      attributes: { ApproximateReceiveCount: '1', AWSTraceHeader: `Root=${root};Parent=00000000000000aa;Sampled=1` },
    }));
    invoke(HEADER);
    await handler({ Records } as never, { awsRequestId: 'test' } as Context);
    asked.closeAllConnections();
    asked.close();
    delete process.env.AWS_LAMBDA_FUNCTION_NAME;
    // What is closed within a segment comes with it.
    const sent = [await subsegment(), await subsegment(), await subsegment()];
    // The invocation itself, by Lambda's own trace.
    expect(sent.find(({ name }) => name === '## collect')).toMatchObject({
      trace_id: '1-5759e988-bd862e3fe1be46a994272793',
    });
    for (const [id, root] of Object.entries(roots)) {
      const own = sent.find(({ trace_id, name }) => trace_id === root && name === AWS_LAMBDA_FUNCTION_NAME);
      expect(own).toMatchObject({ parent_id: '00000000000000aa', annotations: { message_id: id } });
      expect(own.fault).toBe(id === 'second' ? true : undefined);
      expect(headers.get(id)).toBe(`Root=${root};Parent=${own.id};Sampled=1`);
      expect(own.subsegments).toMatchObject([{ name: 'SQS', aws: { operation: 'ListQueues' } }]);
    }
  });

  it("of the API goes on with its caller's trace, in a segment of its own", async () => {
    const headers: (string | undefined)[] = [];
    const handler = serveArea({
      settings: () => ({
        ...settings(),
        cors_origins: [],
        verify_token: () => ({ sub: '', username: '', groups: [] }),
      }),
      deps: () => ({}),
      routes: [
        {
          endpoint: defineEndpoint({
            ...{ method: 'GET', path: '/fine', auth: 'public', grants: [], summary: '' },
            run: () => () => void headers.push(traceHeader()),
          }),
          validator: Object.assign(() => true, { errors: [] }),
        },
      ],
    });
    invoke(HEADER);
    const id = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traceparent = `00-${id}-00f067aa0ba902b7-00`;
    const answer = await handler(apiGatewayEvent({ path: '/fine', headers: { traceparent } }), {} as Context);
    expect(answer.headers.traceparent).toMatch(new RegExp(`^00-${id}-[0-9a-f]{16}-01$`));
    const sent = await subsegment();
    expect(sent).toMatchObject({
      trace_id: '1-4bf92f35-77b34da6a3ce929d0e0e4736',
      parent_id: '00f067aa0ba902b7',
      annotations: { route: 'GET /fine' },
    });
    expect(headers).toEqual([`Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=${sent.id};Sampled=1`]);
  });
});
