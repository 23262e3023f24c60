import { Agent, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { pipeline } from 'node:stream';
import { answerProblem, problemOf, UNREACHABLE } from './problem.ts';

/** Headers of one connection (RFC 9110, 7.6.1), and the one by which identities could be forged. */
const NOT_FORWARDED = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade proxy-connection sls-offline-authorizer-override'.split(
    ' ',
  ),
);

const forwarded = (headers: IncomingHttpHeaders): IncomingHttpHeaders => {
  const named = String(headers.connection ?? '')
    .toLowerCase()
    .split(/\s*,\s*/);
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !NOT_FORWARDED.has(name) && !named.includes(name)),
  );
};

/** serverless-offline lets every origin read every answer; the cloud does what the function said, so its echo is taken back. */
const withoutEcho = (headers: IncomingHttpHeaders, origin: string | undefined, allowed: readonly string[]) => {
  const allow = headers['access-control-allow-origin'];
  const meant = allow === '*' || (origin !== undefined && allow === origin && allowed.includes(origin));
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !name.startsWith('access-control-') || (meant && name !== 'access-control-allow-credentials'),
    ),
  );
};

/** The functions answer problem+json; an error in plain JSON is serverless-offline's own: no such route, a path that is no URL. */
const isNotOfFunction = ({ statusCode = 0, headers }: IncomingMessage) =>
  statusCode >= 400 && String(headers['content-type']).startsWith('application/json');

/**
 * serverless-offline makes a container, a thread that loads the function anew, for each request that comes while the others are busy: a
 * hundred readers at once were a hundred threads on a few cores, answers after 19 s and some of them errors. Who comes while so many are under
 * way waits for a turn.
 */
export const MOST_AT_ONCE = 8;

/** Queries in SQL are waited for, up to 20 s each: they have turns of their own, or a few of them would hold up everybody else. */
export const MOST_QUERIES_AT_ONCE = 4;
const QUERIES = /^\/v1\/query(?:[/?]|$)/;

/** Hands requests on to the API under serverless-offline, streaming both ways. */
export const makeProxy = (options: { port: number; corsOrigins: readonly string[] }) => {
  const others = new Agent({ keepAlive: true, maxSockets: MOST_AT_ONCE });
  const queries = new Agent({ keepAlive: true, maxSockets: MOST_QUERIES_AT_ONCE });
  const forward = (request: IncomingMessage, response: ServerResponse): void => {
    const { origin } = request.headers;
    const headers = {
      ...forwarded(request.headers),
      // Without a length or this, Node writes the body of a GET bare, and the API would read it as the next request.
      ...('transfer-encoding' in request.headers && { 'transfer-encoding': 'chunked' }),
      'x-forwarded-for': [request.headers['x-forwarded-for'], request.socket.remoteAddress].filter(Boolean).join(', '),
      'x-forwarded-proto': 'http',
    };
    const { method, url: path = '/' } = request;
    const agent = QUERIES.test(path) ? queries : others;
    const upstream = send({ agent, host: '127.0.0.1', port: options.port, method, path, headers }, (answer) => {
      if (isNotOfFunction(answer)) {
        answer.resume();
        answerProblem(response, problemOf(answer.statusCode as number));
        return;
      }
      response.writeHead(answer.statusCode ?? 502, withoutEcho(forwarded(answer.headers), origin, options.corsOrigins));
      pipeline(answer, response, () => undefined);
    });
    upstream.on('error', () => {
      if (response.headersSent) response.destroy();
      else answerProblem(response, UNREACHABLE);
    });
    pipeline(request, upstream, () => undefined);
  };
  const close = () => {
    others.destroy();
    queries.destroy();
  };
  return { forward, close };
};
