import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { refusedHost } from '@granary/embedded-aws/refused-callers';
import { HOSTS } from '../hosts.ts';
import { answerProblem, problemOf, THROTTLED, UNREACHABLE } from './problem.ts';
import { makeProxy } from './proxy.ts';
import { type Status, statusPage } from './status-page.ts';
import { makeThrottle } from './throttle.ts';

/** `path` without its query: what was asked may be personal. */
export type GatewayAnswer = { status: number; ms: number; method: string; path: string; bytes: number };

export type Gateway = { address: string; close(): Promise<void> };

const BODY_MS = 20_000;
/** Of headers, and of a reader who takes nothing of an answer; longer than any answer is waited for. */
const HEADERS_MS = 15_000;
const IDLE_MS = 120_000;

const pathOf = (request: IncomingMessage) => (request.url ?? '/').split('?')[0]!;

/** As API Gateway's buckets are per method of a resource; two segments tell ours apart. */
const routeOf = (request: IncomingMessage) => `${request.method} ${pathOf(request).split('/').slice(0, 3).join('/')}`;

/**
 * The one address: the status page at `/`, everything else is the API's. It does what API Gateway does around the
 * functions and serverless-offline does not: throttling, CORS by the allow-list alone, problem+json for unknown routes.
 */
export const startGateway = async (options: {
  port: number;
  apiPort: number;
  /** By which the API's ports know who hands on requests of pages. */
  key?: string;
  corsOrigins: readonly string[];
  throttle: { rate: number; burst: number };
  status: () => Promise<Status>;
  /** Told of each request of the API that was answered, here or by a function. */
  onAnswer?: (answer: GatewayAnswer) => void;
  /** How long a request's body may take to arrive. */
  body_ms?: number;
}): Promise<Gateway> => {
  const throttle = makeThrottle(options.throttle);
  const proxy = makeProxy({
    port: options.apiPort,
    corsOrigins: options.corsOrigins,
    body_ms: options.body_ms ?? BODY_MS,
    key: options.key,
  });

  const showStatus = async (request: IncomingMessage, response: ServerResponse) => {
    const page = statusPage(await options.status());
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    });
    return response.end(request.method === 'HEAD' ? undefined : page);
  };

  const timeouts = { headersTimeout: HEADERS_MS, requestTimeout: IDLE_MS, connectionsCheckingInterval: 5_000 };
  const server = createServer(timeouts, (request, response) => {
    // A socket that breaks is its client's matter.
    response.on('error', () => response.destroy());
    const refused = refusedHost(request, HOSTS);
    if (refused) {
      const { status, message } = refused;
      return answerProblem(response, { ...problemOf(status), detail: message }, { connection: 'close' });
    }
    const isPage = ['GET', 'HEAD'].includes(request.method ?? '') && /^\/(\?|$)/.test(request.url ?? '/');
    if (isPage) {
      showStatus(request, response).catch(() => {
        if (response.headersSent) response.destroy();
        else answerProblem(response, UNREACHABLE);
      });
      return;
    }
    const begun = performance.now();
    response.once('finish', () => {
      const { method = '' } = request;
      const bytes = Number(response.getHeader('content-length') ?? 0);
      const ms = performance.now() - begun;
      options.onAnswer?.({ status: response.statusCode, ms, method, path: pathOf(request), bytes });
    });
    const wait_s = throttle(routeOf(request));
    if (wait_s === 0) return proxy.forward(request, response);
    const { burst } = options.throttle;
    request.resume();
    answerProblem(response, THROTTLED, {
      'retry-after': String(wait_s),
      'ratelimit-policy': `"default";q=${burst};w=1`,
      ratelimit: `"default";r=0;t=${wait_s}`,
    });
  });
  server.setTimeout(IDLE_MS);
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    address: `http://localhost:${port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      proxy.close();
      await closed;
    },
  };
};
