import { NotFound } from '@granary/domain/errors';
import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import type { Context } from 'aws-lambda';
import type { AnyEndpoint } from './endpoint.ts';
import { authenticate } from './http/authenticate.ts';
import type { ApiEvent, ApiResult } from './http/call.ts';
import { cors } from './http/cors.ts';
import { observe } from './http/observe.ts';
import { problems } from './http/problems.ts';
import { reply } from './http/reply.ts';
import { respond } from './http/respond.ts';
import { trace } from './http/trace.ts';
import { type Validator, validate } from './http/validate.ts';
import type { ApiSettings } from './settings.ts';

export type AreaRoute<Deps> = { endpoint: AnyEndpoint<Deps>; validator: Validator };

export type Area<Deps> = {
  /** Both are called at the first invocation, once. */
  settings: () => ApiSettings;
  deps: () => Deps;
  routes: readonly AreaRoute<Deps>[];
};

export type ApiHandler = (event: unknown, context: Context) => Promise<ApiResult>;

/** The Lambda handler of one area: all endpoints of one privilege level behind one router. Nothing happens at import. */
export const serveArea = <Deps>(area: Area<Deps>): ApiHandler => {
  let handler: ApiHandler | undefined;
  return (event, context) => {
    handler ??= build(area);
    return handler(event, context);
  };
};

const build = <Deps>({ settings: makeSettings, deps: makeDeps, routes }: Area<Deps>): ApiHandler => {
  const settings = makeSettings();
  const deps = makeDeps();
  const preflights = new Set(routes.map(({ endpoint }) => endpoint.path));
  const router = httpRouter<ApiEvent>({
    routes: [
      ...routes.flatMap(({ endpoint, validator }) => {
        const handler = endpointHandler(settings, deps, endpoint, validator);
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
  endpoint: AnyEndpoint<Deps>,
  validator: Validator,
) => {
  const run = endpoint.run(deps);
  const stack = outer(settings, endpoint, (event) => run(event.call.input));
  if (settings.xray) stack.use(trace(settings.xray, `${endpoint.method} ${endpoint.path}`));
  stack.use(respond());
  if (endpoint.auth === 'cognito') stack.use(authenticate(settings.verify_token, endpoint.groups));
  return stack.use(validate(validator, endpoint.request?.body !== undefined));
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
  return stack.use(observe(settings, route)).use(cors(settings.cors_origins)).use(problems());
};

/** Middy's own types follow every middleware's; here all share one request type. */
type Stack = Handler & { use(middleware: object): Stack };
