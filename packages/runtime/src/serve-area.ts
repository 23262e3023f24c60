import { MethodNotAllowed, NotFound } from '@granary/domain/errors';
import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import type { Context } from 'aws-lambda';
import type { AnyEndpoint } from './endpoint.ts';
import { atFirstInvocation, type Make } from './first-invocation.ts';
import { authenticate } from './http/authenticate.ts';
import { type ApiEvent, type ApiResult, lowerCased } from './http/call.ts';
import { cors } from './http/cors.ts';
import { observe } from './http/observe.ts';
import { problems } from './http/problems.ts';
import { reply } from './http/reply.ts';
import { respond } from './http/respond.ts';
import { runInTurn } from './http/run-in-turn.ts';
import { trace } from './http/trace-request.ts';
import { inputOf, type Validator, validate } from './http/validate.ts';
import { apart } from './invocation.ts';
import type { ApiSettings } from './settings.ts';
import { traceOfRead, traceOfRequest } from './trace.ts';
import type { Tracing } from './tracing.ts';

export type AreaRoute<Deps> = { endpoint: AnyEndpoint<Deps>; validator: Validator };

export type Area<Deps> = Make<ApiSettings, Deps> & { routes: readonly AreaRoute<Deps>[] };

export type ApiHandler = (event: unknown, context: Context) => Promise<ApiResult>;

/**
 * The Lambda handler of one area: all endpoints of one privilege level behind one router. Nothing happens at import.
 */
export const serveArea = <Deps>(area: Area<Deps>): ApiHandler =>
  atFirstInvocation(area, (settings, deps, tracing) => build(area.routes, settings, deps, tracing));

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

const build = <Deps>(
  routes: readonly AreaRoute<Deps>[],
  settings: ApiSettings,
  deps: Deps,
  tracing: Tracing | undefined,
): ApiHandler => {
  const allowed = allowedMethods(routes.map(({ endpoint }) => endpoint));
  const router = httpRouter<ApiEvent>({
    routes: [
      ...routes.flatMap(({ endpoint, validator }) => {
        const handler = endpointHandler(settings, deps, tracing, endpoint, validator);
        return pathsOf(endpoint).flatMap((path) => methodsOf(endpoint).map((method) => ({ method, path, handler })));
      }),
      ...[...allowed].map(([path, methods]) => ({
        method: 'OPTIONS' as const,
        path,
        handler: preflight(settings, path, methods),
      })),
    ],
    notFoundResponse: () => undefined,
  });
  const nowhere = unanswered(settings, allowed);
  const handler = (event: ApiEvent, context: Context) => {
    if (!event?.httpMethod || !event.path) {
      return Promise.reject(new TypeError('This function answers events of a REST API only.'));
    }
    // A slash at the end of an address is ignored.
    if (event.path.length > 1 && event.path.endsWith('/')) event.path = event.path.slice(0, -1);
    // One way to write them for all that follow, @middy/http-cors for one.
    event.headers = lowerCased(event.headers);
    const isFollowed = tracing !== undefined || !READS.has(event.httpMethod);
    event.trace = isFollowed ? traceOfRequest(event.headers) : traceOfRead(event.headers);
    const answer = () => (router as unknown as Handler)(event, context) ?? nowhere(event, context);
    // Reads send no messages, which would carry the trace on. Without a tracer they need not keep it across awaits,
    // which would be an eighth of the work of a warm answer.
    return isFollowed ? apart(tracing, event.trace, answer) : answer();
  };
  return handler as unknown as ApiHandler;
};

const pathsOf = ({ path, aliases = [] }: AnyEndpoint<never>): readonly string[] => [path, ...aliases];
const methodsOf = ({ method }: AnyEndpoint<never>) => (method === 'GET' ? (['GET', 'HEAD'] as const) : [method]);

/** `GET, HEAD, OPTIONS`, by path. */
const allowedMethods = (endpoints: readonly AnyEndpoint<never>[]): ReadonlyMap<string, string> => {
  const allowed = new Map<string, string[]>();
  for (const endpoint of endpoints)
    for (const path of pathsOf(endpoint)) allowed.set(path, [...(allowed.get(path) ?? []), ...methodsOf(endpoint)]);
  return new Map([...allowed].map(([path, methods]) => [path, [...methods, 'OPTIONS'].join(', ')]));
};

type Handler = (event: ApiEvent, context: Context) => Promise<ApiResult> | undefined;

/** From outside to inside: observe, cors, problems, respond, authenticate, validate, run. */
const endpointHandler = <Deps>(
  settings: ApiSettings,
  deps: Deps,
  tracing: Tracing | undefined,
  endpoint: AnyEndpoint<Deps>,
  validator: Validator,
) => {
  const run = endpoint.run(deps);
  const takes_body = endpoint.method !== 'GET' && endpoint.request?.().body !== undefined;
  const stack = outer(settings, endpoint, (event) => run(inputOf(event, takes_body)));
  if (tracing) stack.use(trace(tracing, `${endpoint.method} ${endpoint.path}`));
  stack.use(respond());
  if (endpoint.auth === 'cognito') stack.use(authenticate(settings.verify_token, endpoint.groups));
  return stack.use(validate(validator, takes_body));
};

const preflight = (settings: ApiSettings, path: string, methods: string) =>
  outer(settings, { method: 'OPTIONS', path }, () =>
    reply({ status: 204, headers: { Allow: methods }, cache_control: 'max-age=7200' }),
  ).use(respond());

/** Answers a method that an address does not take, and addresses that API Gateway routes here although none is ours. */
const unanswered = (settings: ApiSettings, allowed: ReadonlyMap<string, string>) => {
  const known = [...allowed].map(([path, methods]) => {
    const pattern = path.replaceAll(/[.+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '[^/]+');
    return { pattern: new RegExp(`^${pattern}$`), methods };
  });
  return outer(settings, { method: 'ANY', path: '*' }, ({ httpMethod, path }) => {
    // HEAD is told what GET is told.
    const method = httpMethod === 'HEAD' ? 'GET' : httpMethod;
    const methods = known.find(({ pattern }) => pattern.test(path))?.methods;
    if (!methods) throw new NotFound(`There is no ${method} ${path}.`);
    const error = new MethodNotAllowed(`There is no ${method} here; this address takes ${methods}.`);
    error.headers = { Allow: methods };
    throw error;
  });
};

const outer = (
  settings: ApiSettings,
  route: { method: string; path: string },
  handle: (event: ApiEvent) => unknown,
) => {
  const stack: Stack = middy(handle as never, { timeoutEarlyInMillis: 0, executionMode: runInTurn as never }) as never;
  return stack
    .use(observe(settings, route))
    .use(cors(settings.cors_origins, route.method === 'OPTIONS'))
    .use(problems());
};

/** Middy's own types follow every middleware's; here all share one request type. */
type Stack = Handler & { use(middleware: object): Stack };
