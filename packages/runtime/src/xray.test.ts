import { createSocket, type Socket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSpan, xrayOf } from './xray.ts';

const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a:0';
let daemon: Socket;
let address: string;
let next: () => Promise<string>;

beforeAll(async () => {
  daemon = createSocket('udp4');
  const received: string[] = [];
  daemon.on('message', (message) => received.push(String(message)));
  await new Promise<void>((resolve) => daemon.bind(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${daemon.address().port}`;
  next = async () => {
    while (received.length === 0) await new Promise((resolve) => daemon.once('message', resolve));
    return received.shift() as string;
  };
});
afterAll(() => new Promise<void>((resolve) => void daemon.close(() => resolve())));

const xray = (header: string) =>
  xrayOf({ TRACING: 'true', AWS_XRAY_DAEMON_ADDRESS: address, _X_AMZN_TRACE_ID: header });

describe('tracing with X-Ray', () => {
  it('sends a subsegment of the function to the daemon', async () => {
    let now = 1_800_000_000_000;
    const span = openSpan(xray(HEADER), '## GET /v1/datasets/{id}', () => (now += 500));
    await span?.close({ annotations: { route: 'x' }, error: new TypeError('no') });
    const [header, document] = (await next()).split('\n');
    expect(JSON.parse(header)).toEqual({ format: 'json', version: 1 });
    expect(JSON.parse(document)).toEqual({
      type: 'subsegment',
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      trace_id: '1-5759e988-bd862e3fe1be46a994272793',
      parent_id: '53995c3f42cd8ad8',
      name: '## GET /v1/datasets/id',
      start_time: 1_800_000_000.5,
      end_time: 1_800_000_001,
      annotations: { route: 'x' },
      fault: true,
      cause: { exceptions: [{ id: expect.any(String), type: 'TypeError', message: 'no' }] },
    });
  });

  it('does nothing for an invocation that X-Ray did not choose, and where tracing is off', () => {
    expect(openSpan(xray(HEADER.replace('Sampled=1', 'Sampled=0')), 'x')).toBeUndefined();
    expect(openSpan(xray(''), 'x')).toBeUndefined();
    expect(xrayOf({ TRACING: 'false', AWS_XRAY_DAEMON_ADDRESS: address })).toBeUndefined();
    expect(xrayOf({ TRACING: 'true' })).toBeUndefined();
  });

  it('never fails an invocation for a trace that cannot be sent', async () => {
    for (const daemon_address of ['127.0.0.1:0', '127.0.0.1:none', 'nonsense']) {
      const lost = { daemon_address, trace_header: () => HEADER };
      await expect(openSpan(lost, 'x')?.close()).resolves.toBeUndefined();
    }
  });
});
