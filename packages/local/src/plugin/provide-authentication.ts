import { randomUUID } from 'node:crypto';
import { makeCognitoAuthenticator } from './cognito-authenticator.ts';
import { pluginContext } from './context.ts';
import type { AuthorizerSetting, Endpoint, HapiRequest, HapiToolkit } from './hapi.ts';
import { makeLambdaAuthenticator } from './lambda-authenticator.ts';
import { Refusal } from './refusal.ts';
import { verifySigV4 } from './sigv4.ts';

/**
 * By this header anyone could tell serverless-offline who they are; it is taken off every request, and set by us alone.
 */
const OVERRIDE = 'sls-offline-authorizer-override';
/** Headers that serverless-offline turns into an identity without asking. */
const FORGEABLE = new Set([OVERRIDE, 'cognito-identity-id', 'cognito-authentication-provider']);

type Identity = { context: Record<string, unknown>; principalId?: string; usageIdentifierKey?: string };
type Authenticate = (request: HapiRequest) => Promise<Identity>;

const dropForgedHeaders = (request: HapiRequest): void => {
  const raw = request.raw.req.rawHeaders;
  for (let i = raw.length - 2; i >= 0; i -= 2) if (FORGEABLE.has(raw[i]!.toLowerCase())) raw.splice(i, 2);
  for (const name of FORGEABLE) delete request.headers[name];
};

/**
 * serverless-offline reads a body whose type is JSON, and hands on whatever is falsy then (`null`, `0`, `false`, `""`)
 * as no body. API Gateway hands on the text; so does serverless-offline for any other type.
 */
const keepBodyAsText = (request: HapiRequest): void => {
  Object.defineProperty(request, 'mime', { get: () => 'application/octet-stream', set: () => {} });
};

const cognito = (scopes: readonly string[] | undefined): Authenticate => {
  let verify: ReturnType<typeof makeCognitoAuthenticator> | undefined;
  return async (request) => {
    const { resources } = pluginContext();
    verify ??= makeCognitoAuthenticator(resources, async (userPoolId) => {
      const answer = await fetch(`${resources.endpoint}/${userPoolId}/.well-known/jwks.json`);
      return answer.arrayBuffer();
    });
    const claims = await verify(request.headers.authorization, scopes);
    return { context: { claims }, principalId: claims.sub };
  };
};

const lambda = (authorizer: Exclude<AuthorizerSetting, string>, resource: string): Authenticate => {
  const { invoke, functionNames } = pluginContext();
  const name = authorizer.name ?? '';
  const authenticate = makeLambdaAuthenticator({
    functionName: functionNames[name] ?? name,
    identitySource: authorizer.identitySource ?? 'method.request.header.Authorization',
    ttl_s: authorizer.resultTtlInSeconds ?? 300,
    invoke,
  });
  return async (request) => {
    const { context, principalId, usageIdentifierKey } = await authenticate(request, resource);
    return { context: { ...context, principalId }, principalId, usageIdentifierKey };
  };
};

const iam: Authenticate = async (request) => {
  const { method, path, headers, url } = request;
  const principalId = verifySigV4({ method, path, query: url.searchParams, headers });
  return { context: {}, principalId };
};

const authenticatorOf = ({ authorizer }: Endpoint, resource: string): Authenticate => {
  if (!authorizer) return async () => ({ context: {} });
  const type = (typeof authorizer === 'string' ? authorizer : authorizer.type)?.toUpperCase();
  if (type === 'AWS_IAM') return iam;
  if (typeof authorizer === 'string') return lambda({ name: authorizer }, resource);
  if (type === 'COGNITO_USER_POOLS' || JSON.stringify(authorizer.arn ?? '').includes('cognito-idp')) {
    return cognito(authorizer.scopes);
  }
  return lambda(authorizer, resource);
};

const PROBLEM_CODES = { 401: 'unauthenticated', 403: 'forbidden', 500: 'internal' } as const;

/** The same answer as services/api/resources/gateway-responses.yml gives in the cloud. */
const answer = ({ status, title, message }: Refusal, h: HapiToolkit) => {
  const instance = randomUUID();
  const code = PROBLEM_CODES[status];
  const members = { code: status === 401 ? 'PGRST301' : code, message, details: null, hint: null };
  const body = { type: `urn:granary:problem:${code}`, title, status, detail: message, instance, ...members };
  const response = h.response(JSON.stringify(body)).code(status).type('application/problem+json');
  if (status === 401) response.header('www-authenticate', 'Bearer');
  return response
    .header('cache-control', 'no-store')
    .header('access-control-allow-origin', '*')
    .header('x-request-id', instance)
    .takeover();
};

/**
 * serverless-offline's custom authentication provider, for every route and every kind of authorizer: Cognito, IAM,
 * Lambda REQUEST, and none. Without one, routes with Cognito or IAM are open to anyone; with one, it decides for all.
 */
export const provideAuthentication = (endpoint: Endpoint, functionKey: string, method: string, path: string) => {
  const authenticate = authenticatorOf(endpoint, path);
  const name = `granary-${functionKey}-${method}-${path}`;
  return {
    name,
    scheme: `scheme-${name}`,
    getAuthenticateFunction: () => ({
      async authenticate(request: HapiRequest, h: HapiToolkit) {
        dropForgedHeaders(request);
        keepBodyAsText(request);
        // hapi would answer Range itself, and `Range: 0-9` by 416; API Gateway leaves it to the function.
        request.route.settings.response = { ...request.route.settings.response, ranges: false };
        // It would also compress what the function left as it is, under the function's own ETag, and write a second
        // Vary.
        request.server.settings.compression = false;
        try {
          const { context, principalId, usageIdentifierKey } = await authenticate(request);
          request.raw.req.rawHeaders.push(OVERRIDE, JSON.stringify(context));
          request.headers[OVERRIDE] = '1';
          return h.authenticated({ credentials: { context, principalId, usageIdentifierKey } });
        } catch (error) {
          if (error instanceof Refusal) return answer(error, h);
          console.error(`[granary] ${(error as Error).message}`);
          return answer(new Refusal(500, 'Internal Server Error', 'The request could not be authenticated.'), h);
        }
      },
    }),
  };
};
