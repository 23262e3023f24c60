import { createHash, createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import { setPluginContext } from './context.ts';
import type { Endpoint, HapiRequest, HapiResponse } from './hapi.ts';
import type { InvocationResult } from './invoke.ts';
import { provideAuthentication } from './provide-authentication.ts';

const POOL = 'us-east-1_LocalPool';
const ISSUER = `https://cognito-idp.us-east-1.amazonaws.com/${POOL}`;
const CLIENT = 'theclient';
const OVERRIDE = 'sls-offline-authorizer-override';
const COGNITO: Endpoint = { authorizer: { type: 'COGNITO_USER_POOLS' } };

const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);
const claimsOf = (more: object = {}) => ({
  sub: 'the-sub',
  iss: ISSUER,
  aud: CLIENT,
  token_use: 'id',
  'cognito:username': 'ana',
  'cognito:groups': ['readers', 'operators'],
  email_verified: true,
  iat: now(),
  exp: now() + 600,
  ...more,
});
const sign = (claims: object, key: KeyObject = own.privateKey, header: object = { alg: 'RS256', kid: 'k' }) => {
  const text = `${base64(header)}.${base64(claims)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`;
};

let keys: Server;
let invocations: unknown[];
let authorize: () => InvocationResult;
beforeAll(async () => {
  const jwk = { ...own.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' };
  keys = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  keys.close();
});
beforeEach(() => {
  invocations = [];
  const { port } = keys.address() as AddressInfo;
  const stack = {
    UserPool: { ref: POOL, attributes: { UserPoolId: POOL } },
    UserPoolClient: { ref: CLIENT, attributes: { ClientId: CLIENT } },
  };
  setPluginContext({
    resources: {
      endpoint: `http://127.0.0.1:${port}`,
      account: '',
      region: '',
      stage: '',
      stacks: { storage: stack },
      exports: {},
    },
    functionNames: { authorizer: 'granary-api-local-authorizer' },
    invoke: async (name, event) => {
      invocations.push([name, event]);
      return authorize();
    },
  });
});

type Outcome = {
  status: number;
  body?: Record<string, unknown>;
  headers: Record<string, string>;
  claims?: unknown;
  raw: string[];
  ranges?: boolean;
  compression?: unknown;
  mime?: unknown;
};

/** Sends a request through the provider as hapi would. Status 0: let through. */
const call = async (
  endpoint: Endpoint,
  headers: Record<string, string>,
  { url = 'http://localhost/things/1?a=b' } = {},
  provider = provideAuthentication(endpoint, 'fn', 'GET', '/things/{id}'),
): Promise<Outcome> => {
  const raw = Object.entries(headers).flat();
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const request: HapiRequest = {
    method: 'get',
    path: new URL(url).pathname,
    url: new URL(url),
    headers: lower,
    params: {},
    query: {},
    info: { id: 'the-request' },
    route: { settings: { response: { ranges: true } } },
    server: { settings: {} },
    raw: { req: { rawHeaders: raw } },
    mime: null,
  };
  const outcome: Outcome = { status: 0, raw, headers: {} };
  const response: HapiResponse = {
    code(status) {
      outcome.status = status;
      return response;
    },
    header(name, value) {
      outcome.headers[name] = value;
      return response;
    },
    type: (type) => response.header('content-type', type),
    takeover: () => response,
  };
  await provider.getAuthenticateFunction().authenticate(request, {
    response(body) {
      outcome.body = JSON.parse(String(body));
      return response;
    },
    authenticated: () => response,
  });
  outcome.compression = request.server.settings.compression;
  request.mime = 'application/json';
  outcome.mime = request.mime;
  outcome.ranges = request.route.settings.response?.ranges;
  const at = raw.indexOf(OVERRIDE);
  outcome.claims = at < 0 ? undefined : JSON.parse(raw[at + 1]!);
  return outcome;
};
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

describe('Cognito', () => {
  it('lets a token of the pool and client through and hands its claims on as strings', async () => {
    const { status, claims, ranges } = await call(COGNITO, bearer(sign(claimsOf())));
    expect(status).toBe(0);
    expect(claims).toMatchObject({
      claims: { sub: 'the-sub', 'cognito:groups': 'readers,operators', email_verified: 'true' },
    });
    expect(ranges).toBe(false);
  });

  it('X9: lets no body be read before the function reads it: `null` is then not the same as none', async () => {
    expect((await call(COGNITO, bearer(sign(claimsOf())))).mime).toBe('application/octet-stream');
    expect((await call({}, {})).mime).toBe('application/octet-stream');
  });

  it('takes the token without `Bearer` too, as the cloud does', async () => {
    expect((await call(COGNITO, { authorization: sign(claimsOf()) })).status).toBe(0);
  });

  const [header, payload, signature] = sign(claimsOf()).split('.');
  const bad: Record<string, string> = {
    'another issuer': sign(claimsOf({ iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other' })),
    'another audience': sign(claimsOf({ aud: 'anotherclient' })),
    'no expiry (X6)': sign(claimsOf({ exp: undefined })),
    'a past expiry': sign(claimsOf({ exp: now() - 1 })),
    'the use of an access token': sign({ ...claimsOf(), aud: undefined, client_id: CLIENT, token_use: 'access' }),
    'the signature of another key': sign(claimsOf(), other.privateKey),
    'an unknown key id': sign(claimsOf(), own.privateKey, { alg: 'RS256', kid: 'z' }),
    'alg none': `${base64({ alg: 'none', kid: 'k' })}.${base64(claimsOf())}.`,
    'a changed payload': `${header}.${base64(claimsOf({ sub: 'root' }))}.${signature}`,
    'no signature': `${header}.${payload}.`,
    nonsense: 'nonsense',
  };
  it.each(Object.keys(bad))('answers 401 to a token with %s', async (what) => {
    expect((await call(COGNITO, bearer(bad[what]!))).status).toBe(401);
  });

  it('answers 401 without a token as problem+json that any origin may read', async () => {
    const { status, body, headers } = await call(COGNITO, {});
    expect(status).toBe(401);
    expect(body).toMatchObject({ type: 'urn:granary:problem:unauthenticated', title: 'Unauthorized', status: 401 });
    // R8: what clients of PostgREST read of it.
    expect(body).toMatchObject({ code: 'PGRST301', message: body?.detail, details: null, hint: null });
    expect(headers).toMatchObject({
      'content-type': 'application/problem+json',
      'access-control-allow-origin': '*',
      'www-authenticate': 'Bearer',
    });
  });
});

describe('forged identities', () => {
  const forged = JSON.stringify({ claims: { sub: 'root' } });

  it('do not get in without a token', async () => {
    expect((await call(COGNITO, { [OVERRIDE]: forged })).status).toBe(401);
  });

  it('are replaced by the verified claims, however the header is written', async () => {
    const { raw, claims } = await call(COGNITO, {
      'SLS-Offline-Authorizer-Override': forged,
      ...bearer(sign(claimsOf())),
    });
    expect(claims).toMatchObject({ claims: { sub: 'the-sub' } });
    expect(raw.filter((_, i) => i % 2 === 0).filter((name) => name.toLowerCase() === OVERRIDE)).toHaveLength(1);
  });

  it('are gone on a public route, where an unverified token is no identity either', async () => {
    const { status, claims } = await call(
      {},
      { [OVERRIDE]: forged, 'cognito-identity-id': 'x', ...bearer(sign(claimsOf(), other.privateKey)) },
    );
    expect(status).toBe(0);
    expect(claims).toEqual({});
  });
});

it('leaves ranges and encodings to the function, as API Gateway does, on a public route too', async () => {
  expect(await call({}, {})).toMatchObject({ ranges: false, compression: false });
});

describe('AWS_IAM', () => {
  class Sha256 {
    #hash;
    constructor(key?: Parameters<typeof createHmac>[1]) {
      this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key as string);
    }
    update(data: string) {
      this.#hash.update(data);
    }
    async digest() {
      return new Uint8Array(this.#hash.digest());
    }
  }
  const request = {
    method: 'GET',
    protocol: 'http:',
    hostname: 'localhost',
    path: '/things/a%20b',
    query: { z: 'ä/1', a: 'b c' },
    headers: { host: 'localhost' } as Record<string, string>,
  };
  const url = 'http://localhost/things/a%20b?z=%C3%A4%2F1&a=b%20c';
  const signed = async (settings: object = {}, more: object = {}) => {
    const signer = new SignatureV4({
      service: 'execute-api',
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      sha256: Sha256 as never,
      ...settings,
    });
    return (await signer.sign(request, more)).headers;
  };

  it('lets the signature of an SDK through', async () => {
    expect((await call({ authorizer: 'aws_iam' }, await signed(), { url })).status).toBe(0);
  });

  it('answers 403 to no signature, another secret, another service, an old one and a changed query', async () => {
    const iam = { authorizer: { type: 'AWS_IAM' } };
    const credentials = { accessKeyId: 'local', secretAccessKey: 'wrong' };
    const statuses = [
      await call(iam, {}, { url }),
      await call(iam, await signed({ credentials }), { url }),
      await call(iam, await signed({ service: 's3' }), { url }),
      await call(iam, await signed({}, { signingDate: new Date(Date.now() - 10 * 60_000) }), { url }),
      await call(iam, await signed(), { url: `${url}&more=1` }),
    ].map((outcome) => outcome.status);
    expect(statuses).toEqual([403, 403, 403, 403, 403]);
  });
});

describe('Lambda REQUEST authorizers', () => {
  const endpoint = {
    authorizer: {
      name: 'authorizer',
      type: 'request',
      identitySource: 'method.request.header.X-Write-Key',
      resultTtlInSeconds: 60,
    },
  };
  const policy =
    (Effect: string, Resource = '*') =>
    () => ({
      failed: false,
      payload: {
        principalId: 'p',
        context: { plan: 'gold' },
        policyDocument: { Statement: [{ Effect, Action: 'execute-api:Invoke', Resource }] },
      },
    });

  it('are asked once within their time to live, and hand their context on', async () => {
    authorize = policy('Allow');
    const provider = provideAuthentication(endpoint, 'fn', 'GET', '/things/{id}');
    const first = await call(endpoint, { 'x-write-key': 'k' }, undefined, provider);
    await call(endpoint, { 'x-write-key': 'k' }, undefined, provider);
    expect(first).toMatchObject({ status: 0, claims: { plan: 'gold', principalId: 'p' } });
    expect(invocations).toHaveLength(1);
    expect(invocations[0]).toEqual([
      'granary-api-local-authorizer',
      expect.objectContaining({ type: 'REQUEST', httpMethod: 'GET', resource: '/things/{id}' }),
    ]);
  });

  it('answer 401 without their identity source or by throwing Unauthorized, 403 by policy, 500 by failing', async () => {
    authorize = policy('Allow');
    expect((await call(endpoint, {})).status).toBe(401);
    authorize = () => ({ failed: true, payload: { errorMessage: 'Unauthorized' } });
    expect((await call(endpoint, { 'x-write-key': 'k' })).status).toBe(401);
    authorize = policy('Deny');
    expect((await call(endpoint, { 'x-write-key': 'k' })).status).toBe(403);
    authorize = policy('Allow', 'arn:aws:execute-api:us-east-1:000000000000:local/local/GET/other/*');
    expect((await call(endpoint, { 'x-write-key': 'k' })).status).toBe(403);
    authorize = () => ({ failed: true, payload: { errorMessage: 'boom' } });
    expect((await call(endpoint, { 'x-write-key': 'k' })).status).toBe(500);
  });
});
