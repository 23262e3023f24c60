import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { sendRudeRequests } from '../testing/rude-clients.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { MOST_AT_ONCE } from './proxy.ts';

jest.setTimeout(60_000);

const SEED = 'granary';
const LARGE = Buffer.alloc(6_000_000);
let api: Server;
let gateway: Gateway;
let [now, most] = [0, 0];

beforeEach(async () => {
  [now, most] = [0, 0];
  api = createServer(async (request, response) => {
    now += 1;
    most = Math.max(most, now);
    await sleep(3);
    now -= 1;
    const echo = request.headers['x-echo'];
    response.end(request.url === '/v1/large' ? LARGE : `${request.url} ${echo} ${'.'.repeat(100_000)}`);
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  gateway = await start(500);
});
const start = (body_ms: number) =>
  startGateway({
    port: 0,
    apiPort: (api.address() as AddressInfo).port,
    corsOrigins: [],
    throttle: { rate: 1e6, burst: 1e6 },
    status: async () => ({
      address: '',
      awsEndpoint: '',
      tokenCommand: '',
      usersFile: '',
      datasets: [],
      runs: [],
      alarms: [],
    }),
    body_ms,
  });
afterEach(async () => {
  await gateway.close();
  api.close();
  api.closeAllConnections();
});

const port = () => Number(new URL(gateway.address).port);
const address = () => `http://127.0.0.1:${port()}`;

describe('The gateway and clients that do not behave', () => {
  it('X1: answers on after a client that hangs up, a hundred times', async () => {
    for (let n = 0; n < 100; n++) {
      const socket = connect(port(), '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(`GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\n\r\n`);
      await sleep(n % 6);
      socket.resetAndDestroy();
    }
    expect((await fetch(`${address()}/v1/health`)).status).toBe(200);
  });

  it(`X1: serves 20 readers without a wrong answer while 1,000 requests are aborted, slow or malformed (seed ${SEED})`, async () => {
    let done = false;
    const read = async (reader: number): Promise<number> => {
      let answers = 0;
      while (!done) {
        const echo = `${reader}-${answers}`;
        const answer = await fetch(`${address()}/v1/x?n=${echo}`, { headers: { 'x-echo': echo } });
        const text = await answer.text();
        expect([answer.status, text.length, text.split(' .')[0]]).toEqual([
          200,
          100_000 + 10 + 2 * echo.length,
          `/v1/x?n=${echo} ${echo}`,
        ]);
        answers += 1;
      }
      return answers;
    };
    const reading = Promise.all(Array.from({ length: 20 }, (_, reader) => read(reader)));
    const sent = await sendRudeRequests({
      ports: [port()],
      paths: ['/', '/openapi.json', '/v1/x'],
      count: 1000,
      seed: SEED,
    });
    done = true;
    const answers = await reading;
    expect(Math.min(...answers)).toBeGreaterThan(5);
    expect([...sent.values()].reduce((sum, count) => sum + count)).toBe(1000);
    // Who hangs up leaves no function at work behind whose place is given away.
    expect(most).toBeLessThanOrEqual(MOST_AT_ONCE);
  });

  it('X8: answers others while eighty POSTs send one byte, and tells those that they took too long', async () => {
    const heard: string[] = [];
    const slow = Array.from({ length: 10 * MOST_AT_ONCE }, async () => {
      const socket = connect(port(), '127.0.0.1').on('error', () => undefined);
      socket.on('data', (chunk) => heard.push(String(chunk)));
      socket.write(`POST /v1/x HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nContent-Length: 1000\r\n\r\n{`);
      await once(socket, 'close');
    });
    await sleep(50);
    const begun = performance.now();
    expect((await fetch(`${address()}/v1/x`)).status).toBe(200);
    expect(performance.now() - begun).toBeLessThan(400);
    await Promise.all(slow);
    expect(heard.filter((text) => text.startsWith('HTTP/1.1 408 '))).toHaveLength(slow.length);
    expect(heard[0]).toContain('The body did not arrive within 0.5 s.');
  });

  it('X8: answers others while 24 readers take nothing of their answers', async () => {
    const stalled = Array.from({ length: 3 * MOST_AT_ONCE }, () => {
      const socket = connect(port(), '127.0.0.1').on('error', () => undefined);
      socket.pause();
      socket.write(`GET /v1/large HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\n\r\n`);
      return socket;
    });
    await sleep(1_000);
    // Turns that such readers held would be free after two minutes only.
    const answer = await fetch(`${address()}/v1/x`, { signal: AbortSignal.timeout(50_000) });
    expect(answer.status).toBe(200);
    for (const socket of stalled) socket.destroy();
  });

  it('refuses a body that API Gateway would not take', async () => {
    await gateway.close();
    gateway = await start(30_000);
    const long = await fetch(`${address()}/v1/x`, { method: 'POST', body: new Uint8Array(10 * 2 ** 20 + 1) }).catch(
      () => undefined,
    );
    // The client may still be sending when it is told.
    expect([413, undefined]).toContain(long?.status);
    const most = await fetch(`${address()}/v1/x`, { method: 'POST', body: new Uint8Array(10 * 2 ** 20) });
    expect(most.status).toBe(200);
  });
});
