import { NotFound } from '@granary/domain/errors';
import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import type { Context } from 'aws-lambda';
import type { AnyEndpoint } from './endpoint.ts';
import { atFirstInvocation, type Make } from './first-invocation.ts';
import { authenticate } from './http/authenticate.ts';
import type { ApiEvent, ApiResult } from './http/call.ts';
import { cors } from './http/cors.ts';
import { observe } from './http/observe.ts';
import { problems } from './http/problems.ts';
import { reply } from './http/reply.ts';
import { respond } from './http/respond.ts';
import { trace } from './http/trace.ts';
import { inputOf, type Validator, validate } from './http/validate.ts';
import type { ApiSettings } from './settings.ts';
import type { Tracing } from './tracing.ts';

export type AreaRoute<Deps> = { endpoint: AnyEndpoint<Deps>; validator: Validator };

export type Area<Deps> = Make<ApiSettings, Deps> & { routes: readonly AreaRoute<Deps>[] };

export type ApiHandler = (event: unknown, context: Context) => Promise<ApiResult>;

/** The Lambda handler of one area: all endpoints of one privilege level behind one router. Nothing happens at import. */
export const serveArea = <Deps>(area: Area<Deps>): ApiHandler =>
  atFirstInvocation(area, (settings, deps, tracing) => build(area.routes, settings, deps, tracing));

const build = <Deps>(
  routes: readonly AreaRoute<Deps>[],
  settings: ApiSettings,
  deps: Deps,
  tracing: Tracing | undefined,
): ApiHandler => {
  const preflights = new Set(routes.map(({ endpoint }) => endpoint.path));
  const router = httpRouter<ApiEvent>({
    routes: [
      ...routes.flatMap(({ endpoint, validator }) => {
        const handler = endpointHandler(settings, deps, tracing, endpoint, validator);
        const methods = endpoint.method === 'GET' ? (['GET', 'HEAD'] as const) : [endpoint.method];
        return methods.map((method) => ({ method, path: endpoint.path, handler }));
      }),
      ...[...preflights].map((path) => ({ method: 'OPTIONS' as const, path, handler: preflight(settings, path) })),
    ],
    notFoundResponse: () => undefined,
  });
  const nowhere = unknownRoute(settings);
  const handler = (event: ApiEvent, context: Context) => {
    if (!event?.httpMethod || !event.path) {
      return Promise.reject(new TypeError('This function answers events of a REST API only.'));
    }
    return (router as unknown as Handler)(event, context) ?? nowhere(event, context);
  };
  return handler as unknown as ApiHandler;
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

const preflight = (settings: ApiSettings, path: string) =>
  outer(settings, { method: 'OPTIONS', path }, () => reply({ status: 204, cache_control: 'max-age=7200' })).use(
    respond(),
  );

/** API Gateway answers these itself; they come here only when its routes and ours differ. */
const unknownRoute = (settings: ApiSettings) =>
  outer(settings, { method: 'ANY', path: '*' }, ({ httpMethod, path }) => {
    throw new NotFound(`There is no ${httpMethod} ${path}.`);
  });

const outer = (
  settings: ApiSettings,
  route: { method: string; path: string },
  handle: (event: ApiEvent) => unknown,
) => {
  const stack: Stack = middy(handle as never, { timeoutEarlyInMillis: 0 }) as never;
  return stack
    .use(observe(settings, route))
    .use(cors(settings.cors_origins, route.method === 'OPTIONS'))
    .use(problems());
};

/** Middy's own types follow every middleware's; here all share one request type. */
type Stack = Handler & { use(middleware: object): Stack };
