import { makeCognitoVerifier } from '@granary/runtime/http/verify-token';
import { type ApiHandler, serveArea } from '@granary/runtime/serve-area';
import { apiGatewayEvent } from '@granary/runtime/testing/api-gateway-event';
import { CLIENT, makeTokens, POOL, serveKeys } from '@granary/runtime/testing/token-maker';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { routes } from './catalog.ts';
import { routes as dataRoutes } from './data.ts';
import { routes as operationsRoutes } from './operations.ts';
import { routes as sourcesRoutes } from './sources.ts';
import { routes as usersRoutes } from './users.ts';

const ORIGIN = 'https://app.example.org';
const tokens = makeTokens();
const [head, payload, signature] = tokens.sign().split('.');
const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
let keys: Awaited<ReturnType<typeof serveKeys>>;
let handler: ApiHandler;
/** Areas whose deps no call of this file reaches. */
let guarded: ApiHandler[];

beforeAll(async () => {
  keys = await serveKeys(tokens.jwks);
  const settings = () => ({
    service: 'api',
    stage: 'test',
    cors_origins: [ORIGIN],
    verify_token: makeCognitoVerifier({ user_pool_id: POOL, client_id: CLIENT, jwks_uri: keys.uri }),
    write: () => {},
  });
  handler = serveArea({
    settings,
    deps: () => ({ catalog: makeMemoryCatalog(), runs: makeMemoryRunStore() }),
    routes,
  });
  guarded = [
    serveArea<never>({ settings, deps: () => ({}) as never, routes: usersRoutes }),
    serveArea<never>({ settings, deps: () => ({}) as never, routes: operationsRoutes }),
    serveArea<never>({ settings, deps: () => ({ plan: {} }) as never, routes: sourcesRoutes }),
  ];
});
afterAll(() => keys.close());

/** `authorizer` is what API Gateway's own authorizer would have found; the function must not go by it. */
const call = (path: string, headers: Record<string, string>, method = 'GET', area = handler) => {
  const event = apiGatewayEvent({ path, method, headers: { Origin: ORIGIN, ...headers } });
  return area({ ...event, requestContext: { ...event.requestContext, authorizer: { claims } } }, {} as Context);
};

describe('an endpoint for users', () => {
  it('answers the demo user', async () => {
    expect((await call('/v1/datasets', { Authorization: `Bearer ${tokens.sign()}` })).statusCode).toBe(200);
    expect((await call('/v1/datasets', { authorization: tokens.sign() })).statusCode).toBe(200);
  });

  const past = Math.floor(Date.now() / 1000) - 60;
  it.each<[string, Record<string, string>]>([
    ['no token', {}],
    ['forged claims', { 'sls-offline-authorizer-override': JSON.stringify({ claims }) }],
    ['another issuer', { Authorization: `Bearer ${tokens.sign({ iss: 'https://example.org' })}` }],
    ['another audience', { Authorization: `Bearer ${tokens.sign({ aud: 'other' })}` }],
    ['an expired token', { Authorization: `Bearer ${tokens.sign({ exp: past })}` }],
    ['alg none', { Authorization: `Bearer ${tokens.unsigned()}` }],
    ['a changed payload', { Authorization: `Bearer ${head}.${tokens.encode({ ...claims, sub: 'x' })}.${signature}` }],
    ['an access token', { Authorization: `Bearer ${tokens.sign({ token_use: 'access', client_id: CLIENT })}` }],
  ])('answers 401 to %s, as a problem that the web app can read', async (_what, headers) => {
    for (const path of ['/v1/datasets', '/v1/datasets/embrapa_producao', '/v1/runs']) {
      const answer = await call(path, headers);
      expect(answer.statusCode).toBe(401);
      expect(answer.headers).toMatchObject({
        'Content-Type': 'application/problem+json',
        'WWW-Authenticate': 'Bearer',
        'Access-Control-Allow-Origin': ORIGIN,
      });
      expect(JSON.parse(answer.body)).toMatchObject({ status: 401, title: 'Unauthorized' });
    }
    expect((await call('/v1/datasets', headers, 'HEAD')).statusCode).toBe(401);
  });

  it('is none of the users and operations without a token, whatever the method, and readable as a problem', async () => {
    const [users, operations, sources] = guarded as [ApiHandler, ApiHandler, ApiHandler];
    for (const [area, method, path] of [
      [users, 'GET', '/view-data'],
      [users, 'GET', '/v1/users?limit=0'],
      [users, 'HEAD', '/v1/users/1'],
      [operations, 'POST', '/fetch-data'],
      [operations, 'GET', '/v1/admin/dead-letters'],
      [operations, 'POST', '/v1/admin/dead-letters/redrive'],
      [sources, 'GET', '/v1/admin/sources'],
      [sources, 'PUT', '/v1/admin/sources/port'],
      [sources, 'DELETE', '/v1/admin/sources/port'],
      [sources, 'POST', '/v1/admin/sources/port/collect'],
    ] as const) {
      const { statusCode, headers } = await call(path, {}, method, area);
      expect({ path, statusCode, origin: headers['Access-Control-Allow-Origin'] }).toEqual({
        path,
        statusCode: 401,
        origin: ORIGIN,
      });
      expect(headers).toMatchObject({ 'Content-Type': 'application/problem+json', 'WWW-Authenticate': 'Bearer' });
    }
    const analyst = { Authorization: `Bearer ${tokens.sign({ 'cognito:groups': ['analysts'] })}` };
    const refused = await call('/fetch-data', analyst, 'POST', operations);
    expect(refused.statusCode).toBe(403);
    expect(refused.headers).toMatchObject({
      'Content-Type': 'application/problem+json',
      'Access-Control-Allow-Origin': ORIGIN,
    });
    const preflight = await call('/fetch-data', { 'Access-Control-Request-Method': 'POST' }, 'OPTIONS', operations);
    expect(preflight.statusCode).toBe(204);
    expect(preflight.headers['Access-Control-Allow-Methods']).toContain('POST');
  });

  it('is every endpoint but /health', () => {
    expect(
      [...routes, ...dataRoutes, ...usersRoutes, ...operationsRoutes, ...sourcesRoutes].filter(
        ({ endpoint }) => endpoint.auth !== 'cognito',
      ),
    ).toEqual([]);
  });
});
