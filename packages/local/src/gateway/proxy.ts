import { Agent, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { KEY_HEADER } from '../start-key.ts';
import { answerProblem, problemOf, UNREACHABLE } from './problem.ts';
import { BodyRefused, wholeBody } from './whole-body.ts';

/**
 * Headers of one connection (RFC 9110, 7.6.1), the one by which identities could be forged, and cookies, which nothing
 * here reads.
 */
const NOT_FORWARDED = new Set(
  'connection cookie expect keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade proxy-connection sls-offline-authorizer-override'.split(
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

/** `http://localhost:*` stands for every port of that host. */
export const isAllowedOrigin = (origin: string, allowed: readonly string[]): boolean =>
  allowed.some((one) =>
    one.endsWith(':*')
      ? origin.startsWith(one.slice(0, -1)) && /^\d{1,5}$/.test(origin.slice(one.length - 1))
      : one === origin,
  );

/**
 * serverless-offline lets every origin read every answer; the cloud does what the function said, so its echo is taken
 * back.
 */
const withoutEcho = (headers: IncomingHttpHeaders, origin: string | undefined, allowed: readonly string[]) => {
  const allow = headers['access-control-allow-origin'];
  const meant = allow === '*' || (origin !== undefined && allow === origin && isAllowedOrigin(origin, allowed));
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !name.startsWith('access-control-') || (meant && name !== 'access-control-allow-credentials'),
    ),
  );
};

/**
 * The functions answer problem+json; an error in plain JSON is serverless-offline's own: no such route, a path that is
 * no URL.
 */
const isNotOfFunction = ({ statusCode = 0, headers }: IncomingMessage) =>
  statusCode >= 400 && String(headers['content-type']).startsWith('application/json');

/**
 * serverless-offline makes a container, a thread that loads the function anew, for each request that comes while the
 * others are busy: a hundred readers at once were a hundred threads on a few cores, answers after 19 s and some of them
 * errors. Who comes while so many are under way waits for a turn.
 */
export const MOST_AT_ONCE = 8;

/**
 * Queries in SQL are waited for, up to 20 s each: they have turns of their own, or a few of them would hold up
 * everybody else.
 */
export const MOST_QUERIES_AT_ONCE = 4;
const QUERIES = /^\/v1\/query(?:[/?]|$)/;

/** What API Gateway takes and what a function may answer, bytes. */
const LARGEST_BODY = 10 * 2 ** 20;
/** Longer than any function may work. */
const LONGEST_ANSWER_MS = 120_000;

/**
 * Hands requests on to the API under serverless-offline. A request takes a turn when all of it is here, and gives it
 * back when all of the answer is: who sends or reads slowly, or goes away, holds up nobody.
 */
export const makeProxy = (options: { port: number; corsOrigins: readonly string[]; body_ms: number; key?: string }) => {
  // The API closes a connection that idles for 5 s; one that is used again just then breaks, and a POST is not to be
  // sent twice.
  const kept = { keepAlive: true, timeout: 2_000 };
  const others = new Agent({ ...kept, maxSockets: MOST_AT_ONCE });
  const queries = new Agent({ ...kept, maxSockets: MOST_QUERIES_AT_ONCE });

  const answerOf = (request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = {
        ...forwarded(request.headers),
        // Without a length, Node writes the body of a GET bare, and the API would read it as the next request.
        ...((body.length > 0 || 'content-length' in request.headers) && { 'content-length': body.length }),
        'x-forwarded-for': [request.headers['x-forwarded-for'], request.socket.remoteAddress]
          .filter(Boolean)
          .join(', '),
        'x-forwarded-proto': 'http',
        ...(options.key && { [KEY_HEADER]: options.key }),
      };
      const { method, url: path = '/' } = request;
      const agent = QUERIES.test(path) ? queries : others;
      const upstream = send({ agent, host: '127.0.0.1', port: options.port, method, path, headers }, resolve);
      upstream.on('error', (error: NodeJS.ErrnoException) => {
        // The API closed a connection that it had kept, just when it was to be used again.
        const closed = upstream.reusedSocket && error.code === 'ECONNRESET';
        if (closed && (method === 'GET' || method === 'HEAD') && !response.destroyed)
          answerOf(request, response, body).then(resolve, reject);
        else reject(error);
      });
      // Who went away while waiting needs no turn. One whose turn came keeps it: the function works on, and another
      // would make one more.
      response.once('close', () => {
        if (!upstream.socket) upstream.destroy();
      });
      upstream.end(body);
    });

  const hand = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { origin } = request.headers;
    const body = await wholeBody(request, { largest: LARGEST_BODY, within_ms: options.body_ms });
    if (response.destroyed) return;
    const answer = await answerOf(request, response, body);
    const content = await wholeBody(answer, { largest: Number.POSITIVE_INFINITY, within_ms: LONGEST_ANSWER_MS });
    if (response.destroyed) return;
    const { statusCode = 502 } = answer;
    if (isNotOfFunction(answer)) return answerProblem(response, problemOf(statusCode));
    const bare = request.method === 'HEAD' || statusCode === 204 || statusCode === 304;
    const headers = withoutEcho(forwarded(answer.headers), origin, options.corsOrigins);
    // Of an answer that was not made, for HEAD, nobody knows the length.
    if (bare && headers['content-length'] === '0') delete headers['content-length'];
    response.writeHead(statusCode, {
      ...headers,
      ...(!bare && { 'content-length': content.length }),
    });
    response.end(content);
  };

  const forward = (request: IncomingMessage, response: ServerResponse): void => {
    hand(request, response).catch((error: Error) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else if (error instanceof BodyRefused && error.status)
        answerProblem(response, { ...problemOf(error.status), detail: error.message }, { connection: 'close' });
      else answerProblem(response, UNREACHABLE);
    });
  };
  const close = () => {
    others.destroy();
    queries.destroy();
  };
  return { forward, close };
};
