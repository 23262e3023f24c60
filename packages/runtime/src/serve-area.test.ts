import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Forbidden, InvalidRequest, NotFound, SourceThrottled } from '@granary/domain/errors';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { type AnyEndpoint, defineEndpoint } from './endpoint.ts';
import { KeptBody } from './http/kept-body.ts';
import { reply } from './http/reply.ts';
import type { Validator } from './http/validate.ts';
import { serveArea } from './serve-area.ts';
import { apiGatewayEvent, type EventOptions, REQUEST_ID } from './testing/api-gateway-event.ts';

const LONG = { text: 'granary '.repeat(400) };
const anything: Validator = () => true;
const publicGet = (path: string, run: AnyEndpoint<object>['run'], more: object = {}) => ({
  endpoint: defineEndpoint({ method: 'GET', path, auth: 'public', grants: [], summary: path, run, ...more }),
  validator: anything,
});

let lines: string[] = [];
let asked = 0;
const kept = new KeptBody(JSON.stringify(LONG));
const fail = (error: unknown) => () => () => {
  throw error;
};

const handler = serveArea<object>({
  settings: () => ({
    service: 'api',
    stage: 'test',
    cors_origins: ['https://app.example.org', 'https://other.example.org'],
    verify_token: () => ({ sub: '1', username: 'reader', groups: ['readers'] }),
    write: (line) => lines.push(line),
  }),
  deps: () => ({}),
  routes: [
    publicGet('/small', () => () => ({ a: 1 })),
    publicGet('/link', () => () => reply({ cache_control: 'no-store', body: { a: 1 } })),
    publicGet('/long', () => () => LONG),
    publicGet('/kept', () => () => reply({ etag: 'kept@1', body: kept })),
    publicGet('/lazy', () => () => reply({ etag: 'lazy@1', body: async () => ({ asked: ++asked }) })),
    publicGet('/bytes', () => () => reply({ headers: { 'Content-Type': 'image/png' }, body: Buffer.alloc(5000) })),
    publicGet(
      '/things/{id}',
      () =>
        ({ path }) =>
          path,
      { aliases: ['/old/things/{id}'] },
    ),
    publicGet(
      '/unmeasured',
      () =>
        ({ method }) =>
          reply({ etag: 'rows@1', unmeasured: true, body: method === 'HEAD' ? '' : '[]' }),
    ),
    publicGet('/redirect', () => () => reply({ status: 303, headers: { Location: 'https://example.org/' } })),
    publicGet(
      '/linked',
      () => () =>
        reply({
          headers: { Location: '/small', Link: '</long?a=%3C>; rel="next", <https://example.org/x>; rel="up"' },
        }),
    ),
    publicGet('/missing', fail(new NotFound('There is no such thing.'))),
    publicGet('/broken', fail(new Error('a secret of the inside'))),
    publicGet('/throttled', fail(new SourceThrottled('wait', Date.now() + 30_000))),
    publicGet('/invalid', fail(new InvalidRequest('no', [{ field: 'limit', message: 'must be a number' }]))),
    publicGet('/analysts', () => () => 'never', { auth: 'cognito', groups: ['analysts'] }),
    {
      endpoint: defineEndpoint({
        method: 'POST',
        path: '/things',
        auth: 'public',
        grants: [],
        summary: 'takes a body',
        request: () => ({ body: z.object({ name: z.string() }) }),
        run:
          () =>
          ({ body }) =>
            reply({ status: 201, body: { made: body.name } }),
      }),
      validator: anything,
    },
  ],
});

const call = async (path: string, options: Partial<EventOptions> = {}) => {
  const answer = await handler(apiGatewayEvent({ path, ...options }), {} as Context);
  const bytes = Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8');
  return { ...answer, bytes, json: () => JSON.parse(bytes.toString()) };
};

beforeEach(() => {
  lines = [];
});

describe('an area of the API', () => {
  it('writes plain values as JSON with a strong ETag, and tells caches to ask every time', async () => {
    const { statusCode, headers, body } = await call('/small');
    expect({ statusCode, body }).toEqual({ statusCode: 200, body: '{"a":1}' });
    expect(headers).toMatchObject({ 'Content-Type': 'application/json', 'Cache-Control': 'private, no-cache' });
    expect(headers.ETag).toMatch(/^"[\w-]{22}"$/);
  });

  it('answers 304 without a body to an ETag that the client has, in whichever encoding it has it', async () => {
    for (const path of ['/small', '/long', '/kept']) {
      for (const accept of ['identity', 'gzip', 'br']) {
        const first = await call(path, { headers: { 'Accept-Encoding': accept } });
        const again = await call(path, { headers: { 'if-none-match': `"other", W/${first.headers.ETag}` } });
        expect({ path, accept, status: again.statusCode, body: again.body }).toEqual({
          path,
          accept,
          status: 304,
          body: '',
        });
        expect(again.headers['Content-Type']).toBeUndefined();
      }
    }
    expect((await call('/small', { headers: { 'If-None-Match': '"something else"' } })).statusCode).toBe(200);
    expect((await call('/small', { headers: { 'If-None-Match': '*' } })).statusCode).toBe(304);
  });

  it('names in a 304 the very ETag that the client has: a cache may not refresh what it holds by another', async () => {
    const etag = async (path: string, accept: string, has: string) =>
      (await call(path, { headers: { 'Accept-Encoding': accept, 'If-None-Match': has } })).headers.ETag;
    const { ETag } = (await call('/lazy', { headers: { 'Accept-Encoding': 'gzip' } })).headers;
    expect(await etag('/lazy', 'gzip', ETag)).toBe(ETag);
    expect(await etag('/kept', 'br', '"other", W/"kept@1;gzip"')).toBe('"kept@1;gzip"');
    expect(await etag('/kept', 'gzip', '"kept@1"')).toBe('"kept@1"');
    const long = (await call('/long')).headers.ETag;
    expect(await etag('/long', 'gzip', long)).toBe(long);
    expect(await etag('/kept', 'gzip', '*')).toBe('"kept@1;gzip"');
  });

  it('R12: names nothing that may not be stored, so that a link to a file is never "not modified"', async () => {
    const { statusCode, headers, json } = await call('/link', { headers: { 'If-None-Match': '*' } });
    expect([statusCode, headers.ETag, json()]).toEqual([200, undefined, { a: 1 }]);
  });

  it('does not make a body that a 304 leaves out', async () => {
    const before = asked;
    await call('/lazy');
    expect((await call('/lazy', { headers: { 'If-None-Match': '"lazy@1"' } })).statusCode).toBe(304);
    expect(asked).toBe(before + 1);
  });

  it('compresses what is long enough by what the client accepts, with an ETag for each form', async () => {
    const gzip = await call('/long', { headers: { 'accept-encoding': 'gzip, deflate' } });
    expect(gzip.headers).toMatchObject({ 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding, Origin' });
    expect(JSON.parse(gunzipSync(gzip.bytes).toString())).toEqual(LONG);
    const br = await call('/kept', { headers: { 'Accept-Encoding': 'gzip;q=0.5, br' } });
    expect(br.headers['Content-Encoding']).toBe('br');
    expect(JSON.parse(brotliDecompressSync(br.bytes).toString())).toEqual(LONG);
    const plain = await call('/kept', { headers: { 'Accept-Encoding': 'gzip;q=0, identity' } });
    expect(plain.headers['Content-Encoding']).toBeUndefined();
    expect(new Set([br.headers.ETag, plain.headers.ETag, gzip.headers.ETag]).size).toBe(3);
    const small = await call('/small', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(small.headers['Content-Encoding']).toBeUndefined();
  });

  it('sends bytes as base64 and leaves images as they are', async () => {
    const { isBase64Encoded, bytes, headers } = await call('/bytes', { headers: { 'Accept-Encoding': 'gzip' } });
    expect({ isBase64Encoded, length: bytes.length }).toEqual({ isBase64Encoded: true, length: 5000 });
    expect(headers['Content-Encoding']).toBeUndefined();
  });

  it('R10: answers HEAD as GET; who sends it leaves the body out and says its length', async () => {
    for (const path of ['/small', '/long', '/kept', '/bytes', '/missing', '/redirect']) {
      const get = await call(path, { headers: { 'Accept-Encoding': 'gzip' } });
      const head = await call(path, { method: 'HEAD', headers: { 'Accept-Encoding': 'gzip' } });
      // The ids of the two calls.
      head.headers.traceparent = get.headers.traceparent!;
      expect({ path, ...head, json: null }).toEqual({ path, ...get, json: null });
    }
  });

  it('R10: names the same ETag for HEAD where its body is not made, and no length', async () => {
    for (const accept of ['gzip', 'br', 'identity']) {
      const headers = { 'Accept-Encoding': accept };
      const get = await call('/unmeasured?made', { headers });
      const head = await call('/unmeasured', { method: 'HEAD', headers });
      expect(head.headers).toEqual({ ...get.headers, traceparent: head.headers.traceparent });
      expect([head.body, head.bytes.length]).toEqual(['', 0]);
    }
  });

  it('R8: tells a method that an address does not take which there are, in Allow, also of OPTIONS', async () => {
    for (const [path, method, allow] of [
      ['/small', 'POST', 'GET, HEAD, OPTIONS'],
      ['/small/', 'DELETE', 'GET, HEAD, OPTIONS'],
      ['/things/5', 'PATCH', 'GET, HEAD, OPTIONS'],
      ['/old/things/5', 'PUT', 'GET, HEAD, OPTIONS'],
      ['/things', 'GET', 'POST, OPTIONS'],
      ['/things', 'PROPFIND', 'POST, OPTIONS'],
    ] as const) {
      const { statusCode, headers, json } = await call(path, { method });
      expect({ path, statusCode, allow: headers.Allow }).toEqual({ path, statusCode: 405, allow });
      const message = `There is no ${method} here; this address takes ${allow}.`;
      expect(json()).toMatchObject({ code: 'PGRST117', message, details: null, hint: null, detail: message });
      expect((await call(path, { method: 'OPTIONS' })).headers.Allow).toBe(allow);
    }
    expect((await call('/small/x', { method: 'POST' })).statusCode).toBe(404);
  });

  it('answers at other paths of an endpoint, and where a slash follows', async () => {
    expect((await call('/old/things/7')).json()).toEqual({ id: '7' });
    expect((await call('/things/7/')).json()).toEqual({ id: '7' });
  });

  it('lets only the listed origins read answers and errors, and varies by origin always', async () => {
    for (const path of ['/small', '/missing', '/broken', '/nowhere']) {
      const allowed = await call(path, { headers: { origin: 'https://app.example.org' } });
      expect(allowed.headers['Access-Control-Allow-Origin']).toBe('https://app.example.org');
      const other = await call(path, { headers: { Origin: 'https://evil.example.org' } });
      expect(other.headers['Access-Control-Allow-Origin']).toBeUndefined();
      for (const { headers } of [allowed, other, await call(path)]) {
        expect(headers.Vary.split(', ').filter((name) => name === 'Origin')).toHaveLength(1);
      }
      // Whoever sends no Origin is no page of another site, and reads all headers anyway.
      expect(allowed.headers['Access-Control-Expose-Headers']).toContain('X-Request-Id');
      expect(Object.keys((await call(path)).headers).filter((name) => /^access-control/i.test(name))).toEqual([]);
    }
  });

  it('varies by origin with a list of one too, and lets none read with an empty list', async () => {
    const answer = async (cors_origins: string[], Origin: string) => {
      const only = serveArea({
        settings: () => ({
          service: 'api',
          stage: 'test',
          cors_origins,
          verify_token: () => Promise.reject(),
          write() {},
        }),
        deps: () => ({}),
        routes: [publicGet('/small', () => () => ({}))],
      });
      return (await only(apiGatewayEvent({ path: '/small', headers: { Origin } }), {} as Context)).headers;
    };
    for (const [list, origin, allowed] of [
      [['https://app.example.org'], 'https://app.example.org', 'https://app.example.org'],
      [['https://app.example.org'], 'https://evil.example.org', undefined],
      [[], 'https://app.example.org', undefined],
    ] as const) {
      const headers = await answer([...list], origin);
      expect(headers['Access-Control-Allow-Origin']).toBe(allowed);
      expect(headers.Vary).toBe(list.length > 0 ? 'Accept-Encoding, Origin' : 'Accept-Encoding');
    }
  });

  it('answers preflights on every path by the same list', async () => {
    const headers = { Origin: 'https://other.example.org', 'Access-Control-Request-Method': 'GET' };
    const allowed = await call('/things/7', { method: 'OPTIONS', headers });
    expect(allowed.statusCode).toBe(204);
    expect(allowed.headers).toMatchObject({
      'Access-Control-Allow-Origin': 'https://other.example.org',
      'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, DELETE, OPTIONS',
      'Access-Control-Allow-Headers': expect.stringContaining('Authorization'),
    });
    const refused = await call('/small', {
      method: 'OPTIONS',
      headers: { ...headers, Origin: 'https://evil.example.org' },
    });
    expect(refused.headers['Access-Control-Allow-Origin']).toBeUndefined();
  });

  it('makes problem+json of errors, with the request id as the instance', async () => {
    const { statusCode, headers, json } = await call('/missing');
    expect(statusCode).toBe(404);
    expect(headers).toMatchObject({ 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' });
    expect(json()).toEqual({
      type: 'urn:granary:problem:not-found',
      title: 'Not Found',
      status: 404,
      detail: 'There is no such thing.',
      instance: REQUEST_ID,
      code: 'not-found',
      message: 'There is no such thing.',
      details: null,
      hint: null,
    });
    expect((await call('/invalid')).json().errors).toEqual([{ field: 'limit', message: 'must be a number' }]);
    expect((await call('/nowhere')).statusCode).toBe(404);
  });

  it('hides the message of what failed inside, and logs it', async () => {
    const { statusCode, body } = await call('/broken');
    expect(statusCode).toBe(500);
    expect(body).not.toContain('secret');
    expect(lines.join('')).toContain('a secret of the inside');
    const throttled = await call('/throttled');
    expect(throttled.headers['Retry-After']).toBe('30');
    expect(throttled.json().detail).not.toContain('wait');
  });

  it('refuses a caller outside the groups with 403', async () => {
    const { statusCode, json } = await call('/analysts', { headers: { Authorization: 'Bearer x' } });
    expect({ statusCode, title: json().title }).toEqual({ statusCode: 403, title: new Forbidden('').title });
  });

  it('reads JSON bodies, base64 too, and refuses what is not JSON', async () => {
    const post = (body: string) => call('/things', { method: 'POST', body });
    expect((await post('{"name":"x"}')).json()).toEqual({ made: 'x' });
    expect((await post('{')).statusCode).toBe(400);
    const event = apiGatewayEvent({
      method: 'POST',
      path: '/things',
      body: Buffer.from('{"name":"y"}').toString('base64'),
    });
    const answer = await handler({ ...event, isBase64Encoded: true }, {} as Context);
    expect(JSON.parse(answer.body)).toEqual({ made: 'y' });
  });

  it('refuses a body above 1 MB, in whichever encoding it came, and takes one of that size', async () => {
    const post = async (body: string, isBase64Encoded: boolean) => {
      const sent = isBase64Encoded ? Buffer.from(body).toString('base64') : body;
      const event = apiGatewayEvent({ method: 'POST', path: '/things', body: sent });
      return handler({ ...event, isBase64Encoded }, {} as Context);
    };
    const bodyOf = (bytes: number) => `{"name":"${'x'.repeat(bytes - 11)}"}`;
    for (const encoded of [true, false]) {
      expect((await post(bodyOf(2 ** 20), encoded)).statusCode).toBe(201);
      const { statusCode, body } = await post(bodyOf(2 ** 20 + 1), encoded);
      expect({ statusCode, title: JSON.parse(body).title }).toEqual({ statusCode: 413, title: 'Content Too Large' });
    }
  });

  it('writes the stage before addresses of its own where API Gateway has one, and before no others', async () => {
    const event = apiGatewayEvent({ path: '/linked' });
    const headersAt = async (path: string) =>
      (await handler({ ...event, requestContext: { ...event.requestContext, path } }, {} as Context)).headers;
    expect(await headersAt('/dev/linked')).toMatchObject({
      Location: '/dev/small',
      Link: '</dev/long?a=%3C>; rel="next", <https://example.org/x>; rel="up"',
    });
    expect(await headersAt('/linked')).toMatchObject({
      Location: '/small',
      Link: '</long?a=%3C>; rel="next", <https://example.org/x>; rel="up"',
    });
  });

  it('names every answer by its request id and trace, and forbids sniffing and framing', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const { headers } = await call('/redirect', { headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } });
    expect(headers).toMatchObject({
      'X-Request-Id': REQUEST_ID,
      'X-Content-Type-Options': 'nosniff',
      Location: 'https://example.org/',
    });
    expect(headers.traceparent).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`));
    expect(headers['Strict-Transport-Security']).toBeDefined();
    const amzn = await call('/small', {
      headers: { 'X-Amzn-Trace-Id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0' },
    });
    expect(amzn.headers.traceparent).toContain('5759e988bd862e3fe1be46a994272793');
  });

  it('writes one line a request, which holds the route, no path, no query and no token, and is its metrics', async () => {
    await call('/things/personal?secret=1', { headers: { Authorization: 'Bearer abc.def.ghi' } });
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0]);
    expect(line).toMatchObject({
      level: 'INFO',
      route: 'GET /things/{id}',
      status: 200,
      request_id: REQUEST_ID,
      Requests: 1,
    });
    expect(line._aws.CloudWatchMetrics[0].Dimensions).toEqual([['service', 'stage']]);
    for (const { Name } of line._aws.CloudWatchMetrics[0].Metrics) expect(typeof line[Name]).toBe('number');
    expect(lines[0]).not.toMatch(/personal|secret|abc\.def/);
  });

  it('refuses an event that is not of a REST API', async () => {
    await expect(handler({ Records: [] }, {} as Context)).rejects.toThrow('REST API');
  });
});
