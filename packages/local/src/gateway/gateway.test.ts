import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Gateway, type GatewayAnswer, startGateway } from './gateway.ts';
import { isAllowedOrigin, MOST_AT_ONCE, MOST_QUERIES_AT_ONCE } from './proxy.ts';
import { makeThrottle } from './throttle.ts';

const ALLOWED = 'http://localhost:4000';
let api: Server;
let gateway: Gateway;
let received: IncomingMessage[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let status: () => Promise<never>;
let answered: GatewayAnswer[];

const start = async (throttle = { rate: 1000, burst: 1000 }) => {
  api = createServer((request, response) => {
    received.push(request);
    answer(request, response);
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  const { port } = api.address() as AddressInfo;
  answered = [];
  gateway = await startGateway({
    port: 0,
    apiPort: port,
    corsOrigins: [ALLOWED],
    throttle,
    status: () => status(),
    onAnswer: (one) => void answered.push(one),
  });
};
const address = () => gateway.address.replace('localhost', '127.0.0.1');

beforeEach(async () => {
  received = [];
  answer = (_request, response) => response.end('body');
  status = async () =>
    ({
      address: ALLOWED,
      awsEndpoint: '',
      tokenCommand: 'GRANARY_STATE=/x node token.ts reader',
      usersFile: '/x/local.json',
      alarms: [
        { AlarmName: 'a-ok', AlarmDescription: 'Nothing.', state: 'OK', reason: 'fine', changed: 0 },
        { AlarmName: 'a-red', AlarmDescription: 'It is <late>.', state: 'ALARM', reason: '1 > 0', changed: 1e12 },
      ],
      datasets: [{ id: 'x', title: '<script>', latest: 1, rows: 10, rows_quarantined: 0, updated_at: null }],
      runs: [
        {
          id: 'collect-1',
          kind: 'collect',
          source: 'embrapa',
          state: 'partial',
          started_at: '2026-11-20T08:00:00.000Z',
          duration_s: 1.5,
          parts: 15,
          parts_done: 15,
          counts: { unchanged: 2, errors: 1, rows_published: 12345, rows_quarantined: 0 },
          errors: [{ part: 3, dataset: 'x', message: 'It answered <500>.' }],
        },
        {
          id: 'users-1',
          kind: 'users',
          source: 'random_users',
          state: 'running',
          started_at: '2026-11-20T08:00:00.000Z',
          duration_s: null,
          parts: 10,
          parts_done: 4,
          counts: { unchanged: 0, errors: 1, rows_published: 300, rows_quarantined: 2 },
          users: { new: 290, overwritten: 8, failed: 0 },
          errors: [{ part: 4, dataset: null, message: 'It answered 429.' }],
        },
      ],
    }) as never;
  await start();
});
afterEach(async () => {
  await gateway.close();
  api.close();
  api.closeAllConnections();
});

describe('the gateway', () => {
  it('lets a hundred readers at once wait for turns, so that each is answered and no hundred containers are made', async () => {
    // The first ones are held until as many are in as may be: how quickly readers come on a busy machine decides
    // nothing.
    let [now, most] = [0, 0];
    const held: ServerResponse[] = [];
    const leave = (response: ServerResponse) => {
      now -= 1;
      response.end('body');
    };
    answer = (_request, response) => {
      now += 1;
      most = Math.max(most, now);
      if (most < MOST_AT_ONCE) held.push(response);
      else setTimeout(() => [response, ...held.splice(0)].forEach(leave), 5);
    };
    const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(`${address()}/v1/datasets`)));
    expect(answers.map(({ status: code }) => code)).toEqual(answers.map(() => 200));
    expect(most).toBe(MOST_AT_ONCE);
  });

  it('answers everybody else while a hundred queries in SQL are waited for', async () => {
    const waiting: ServerResponse[] = [];
    answer = (request, response) => {
      if (request.url?.startsWith('/v1/query')) waiting.push(response);
      else response.end('a dataset');
    };
    const asked = Array.from({ length: 100 }, (_, n) => fetch(`${address()}/v1/query${n % 2 ? '/id?limit=1' : ''}`));
    while (waiting.length < MOST_QUERIES_AT_ONCE) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await (await fetch(`${address()}/v1/datasets`)).text()).toBe('a dataset');
    expect(waiting).toHaveLength(MOST_QUERIES_AT_ONCE);
    answer = (_request, response) => response.end();
    for (const response of waiting) response.end();
    await Promise.all(asked.map(async (response) => (await response).text()));
  });

  it('hands a request on with its body and query, and the answer back', async () => {
    answer = (request, response) => {
      response.writeHead(201, { 'x-thing': '1' });
      request.pipe(response);
    };
    const response = await fetch(`${address()}/v1/x?a=b%20c`, {
      method: 'POST',
      body: 'sent',
      headers: { authorization: 'Bearer t' },
    });
    expect([response.status, response.headers.get('x-thing'), await response.text()]).toEqual([201, '1', 'sent']);
    expect(received[0]).toMatchObject({ url: '/v1/x?a=b%20c', method: 'POST' });
    expect(received[0]!.headers).toMatchObject({ authorization: 'Bearer t', 'x-forwarded-for': '127.0.0.1' });
  });

  it('keeps headers of the connection and of forged identities to itself', async () => {
    const sent = request(`${address()}/v1/x`, {
      headers: { connection: 'x-hop', 'x-hop': '1', te: 'trailers', 'sls-offline-authorizer-override': '{}' },
    }).end();
    await once(sent, 'response');
    for (const name of ['x-hop', 'te', 'sls-offline-authorizer-override'])
      expect(received[0]!.headers[name]).toBeUndefined();
  });

  it("takes back the permission that serverless-offline gives every origin, and leaves the function's own", async () => {
    answer = (request, response) => {
      response.writeHead(200, {
        'access-control-allow-origin': request.headers.origin!,
        'access-control-allow-credentials': 'true',
      });
      response.end();
    };
    const get = async (origin: string) => (await fetch(`${address()}/v1/x`, { headers: { origin } })).headers;
    expect((await get('https://evil.example')).get('access-control-allow-origin')).toBeNull();
    const own = await get(ALLOWED);
    expect(own.get('access-control-allow-origin')).toBe(ALLOWED);
    expect(own.get('access-control-allow-credentials')).toBeNull();
  });

  it("says of a route that is not there what API Gateway's response says, and leaves the functions' own 404 alone", async () => {
    answer = (_request, response) =>
      response.writeHead(404, { 'content-type': 'application/json; charset=utf-8' }).end('{}');
    const none = await fetch(`${address()}/nothing`);
    expect([none.status, none.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    const detail = 'There is no such route; the datasets are listed at /v1/datasets.';
    expect(await none.json()).toMatchObject({ type: 'urn:granary:problem:not-found', detail });
    answer = (_request, response) =>
      response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"detail":"own"}');
    expect(await (await fetch(`${address()}/v1/datasets/x`)).json()).toEqual({ detail: 'own' });
  });

  it('R8: says in its own refusals what clients of PostgREST read', async () => {
    answer = (_request, response) => response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    const refused = (await (await fetch(`${address()}/nothing`)).json()) as { detail: string };
    expect(refused).toMatchObject({ code: 'not-found', message: refused.detail, details: null, hint: null });
  });

  it('R9: lets pages of every port of this machine read answers where that is allowed', () => {
    const allowed = ['http://localhost:*', 'http://127.0.0.1:*', 'https://app.example'];
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:80', 'https://app.example'])
      expect(isAllowedOrigin(origin, allowed)).toBe(true);
    for (const origin of ['http://localhost', 'https://localhost:5173', 'http://localhost:5173.evil.example', 'null'])
      expect(isAllowedOrigin(origin, allowed)).toBe(false);
    expect(isAllowedOrigin('http://localhost:x@evil.example:80', allowed)).toBe(false);
  });

  it('R10: tells no length of what HEAD did not have made', async () => {
    answer = (_request, response) => response.writeHead(200, { 'content-length': '0', etag: '"a"' }).end();
    const head = await fetch(`${address()}/v1/records/x`, { method: 'HEAD' });
    expect([head.headers.get('content-length'), head.headers.get('etag')]).toEqual([null, '"a"']);
    answer = (_request, response) => response.writeHead(200, { 'content-length': '57' }).end();
    const known = await fetch(`${address()}/v1/datasets`, { method: 'HEAD' });
    expect(known.headers.get('content-length')).toBe('57');
  });

  it('makes problem+json of every error that is not of a function, whose words it does not repeat', async () => {
    let code = 0;
    answer = (_request, response) =>
      response.writeHead(code, { 'content-type': 'application/json; charset=utf-8' }).end('{"stack":"inside"}');
    for (code of [400, 413, 500, 502]) {
      const refused = await fetch(`${address()}/v1/datasets/%ff`);
      expect([refused.status, refused.headers.get('content-type')]).toEqual([code, 'application/problem+json']);
      const body = await refused.text();
      expect(JSON.parse(body)).toMatchObject({ status: code, instance: expect.any(String) });
      expect(body).not.toContain('inside');
    }
  });

  it('never lets the body of one request be read as another', async () => {
    answer = (request, response) => request.resume().on('end', () => response.end());
    const inner = 'GET /smuggled HTTP/1.1\r\nHost: x\r\nSls-Offline-Authorizer-Override: {}\r\n\r\n';
    for (const method of ['GET', 'DELETE', 'POST']) {
      const headers = { 'transfer-encoding': 'chunked' };
      const sent = request(`${address()}/first`, { method, headers }).end(inner);
      await once(sent, 'response');
      await (await fetch(`${address()}/second`)).text();
    }
    expect(received.map(({ url }) => url)).toEqual(['/first', '/second', '/first', '/second', '/first', '/second']);
  });

  it('answers 502 as problem+json when the API is away', async () => {
    api.close();
    api.closeAllConnections();
    const response = await fetch(`${address()}/v1/x`);
    expect([response.status, response.headers.get('content-type')]).toEqual([502, 'application/problem+json']);
  });

  it('throttles each route by itself, with Retry-After', async () => {
    await gateway.close();
    api.close();
    await start({ rate: 1, burst: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await fetch(`${address()}/v1/x`)).status);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await fetch(`${address()}/v1/x`);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('ratelimit')).toContain('r=0');
    expect((await fetch(`${address()}/v1/other?token=secret`)).status).toBe(200);
    // Each is told of, without what was asked for.
    expect(answered.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      ...['GET /v1/x 200', 'GET /v1/x 200', 'GET /v1/x 429', 'GET /v1/x 429', 'GET /v1/other 200'],
    ]);
    for (const { ms } of answered) expect(ms).toBeGreaterThan(0);
  });

  it('shows the status page, escaped, to this machine only', async () => {
    const page = await fetch(`${address()}/`);
    expect(page.headers.get('content-type')).toContain('text/html');
    const text = await page.text();
    expect(text).toContain('&#60;script&#62;');
    // Times say their zone, figures stand under each other, the token command works with any state, and a failure says
    // why.
    expect(text).toContain(
      '<td class="t">2026-11-20 08:00:00</td><td class="n">1.5</td><td class="n">15/15 files</td>',
    );
    expect(text).toContain('<td>12,345 rows, 2 files unchanged</td>');
    expect(text).toContain('<td class="n">4/10 pages</td><td>298 users (290 new, 8 overwritten), 2 quarantined</td>');
    expect(text).toContain('<td>page 4: It answered 429.</td>');
    expect(text).toContain('/view-data?limit=10');
    expect(text).toContain('TOKEN=$(GRANARY_STATE=/x node token.ts reader)');
    expect(text).toContain('<td>x: It answered &#60;500&#62;.</td>');
    // Red alarms come first, with what they mean and why they are red.
    expect(text).toContain(
      '<tr><td>a-red</td><td>alarm</td><td class="t">2001-09-09 01:46:40</td><td>It is &#60;late&#62;.</td><td>1 &#62; 0</td></tr><tr><td>a-ok</td><td>ok</td>',
    );
    expect(text).toContain(`${ALLOWED}/v1/runs/collect-1</code>`);
    const sent = request(`${address()}/`, { headers: { host: 'rebound.example' } }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(421);
    expect(received).toHaveLength(0);
  });
});

describe('makeThrottle', () => {
  it('fills up again at its rate, never above its burst', () => {
    let time = 0;
    const throttle = makeThrottle({ rate: 2, burst: 2, now: () => time });
    expect([throttle('a'), throttle('a'), throttle('a')]).toEqual([0, 0, 1]);
    time = 500;
    expect([throttle('a'), throttle('a')]).toEqual([0, 1]);
    time = 60_000;
    expect([throttle('a'), throttle('a'), throttle('a')]).toEqual([0, 0, 1]);
  });
});
