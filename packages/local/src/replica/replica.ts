import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEmbrapaSite, EMBRAPA_BASE } from './embrapa/site.ts';
import { type Fault, isContentFault, type WireFault } from './faults.ts';
import { sendDocument } from './send-document.ts';
import { changeState, checkedFault, checkedVintage, createState, describeState, type ReplicaOptions } from './state.ts';
import { answerWithFault } from './wire-faults.ts';

const KEPT_LOG = 1000;
const LARGEST_CHANGE = 1 << 20;

const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > LARGEST_CHANGE) throw new RangeError('The body is too long.');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
};

export type Replica = {
  server: Server;
  setVintage(vintage: number): void;
  setFaults(faults: readonly Fault[]): void;
  /** Answered requests of a path, whatever the answer. */
  requestsOf(path: string): number;
};

/**
 * A local stand-in for the public sites: deterministic files, validators, rate limits, and faults on demand. Not listening
 * yet, see {@link startReplica}. `GET` and `PUT /__replica` show and change what it does.
 * @throws RangeError for options that make no sense.
 */
export const createReplica = (options: ReplicaOptions = {}): Replica => {
  const state = createState(options);
  const sites = [createEmbrapaSite()];
  const recent: number[] = [];

  const record = (request: IncomingMessage, path: string, status: number): void => {
    const conditional = 'if-none-match' in request.headers || 'if-modified-since' in request.headers;
    state.log.push({ at: new Date().toISOString(), method: request.method ?? 'GET', path, status, conditional });
    if (state.log.length > KEPT_LOG) state.log.shift();
    state.counts.set(path, (state.counts.get(path) ?? 0) + 1);
  };

  /** Seconds to wait when the limit is used up, else undefined; counts the request if it is let through. */
  const limited = (): number | undefined => {
    if (!state.rate_limit) return undefined;
    const now = performance.now();
    while (recent.length > 0 && recent[0] <= now - 60_000) recent.shift();
    if (recent.length >= state.rate_limit.requests_per_minute) return state.rate_limit.retry_after_s;
    recent.push(now);
    return undefined;
  };

  const control = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'GET' || request.method === 'HEAD') return sendJson(response, 200, describeState(state));
    if (request.method !== 'PUT') return sendJson(response, 405, { error: 'Use GET or PUT.' });
    try {
      changeState(state, JSON.parse(await readBody(request)));
      return sendJson(response, 200, describeState(state));
    } catch (error) {
      return sendJson(response, 400, { error: (error as Error).message });
    }
  };

  const serve = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    response.on('close', () => record(request, path, response.headersSent ? response.statusCode : 0));
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    const wait = limited();
    if (wait !== undefined) {
      response.writeHead(429, { 'retry-after': String(wait) }).end('Too many requests.\n');
      return;
    }
    const faults = state.faults.strike(path);
    if (state.latency_ms > 0) await sleep(state.latency_ms, undefined, { ref: false });
    const edition = { seed: state.seed, vintage: state.vintage };
    const document = sites.map((site) => site.document(path, edition, faults)).find((found) => found !== undefined);
    if (!document) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(`Nothing at ${path}. There are:\n${sites.flatMap((site) => site.paths()).join('\n')}\n`);
      return;
    }
    const fault = faults.find(({ kind }) => !isContentFault(kind));
    if (fault) await answerWithFault(fault.kind as WireFault, { request, response, body: document.body, fault });
    else sendDocument(request, response, document);
  };

  const server = createServer((request, response) => {
    const path = decodedPath(request.url ?? '/');
    const answered = path === '/__replica' ? control(request, response) : serve(request, response, path);
    answered.catch(() => response.destroy());
  });

  return {
    server,
    setVintage(vintage) {
      state.vintage = checkedVintage(vintage);
    },
    setFaults(faults) {
      state.faults.replace(faults.map(checkedFault));
    },
    requestsOf: (path) => state.counts.get(path) ?? 0,
  };
};

const decodedPath = (url: string): string => {
  const path = url.split('?', 1)[0];
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

export type RunningReplica = Omit<Replica, 'server'> & {
  /** `http://127.0.0.1:<port>`. */
  url: string;
  /** Base address of each site, ready for `GRANARY_EMBRAPA_URL` and its like. */
  bases: { embrapa: string };
  /** Closes every connection, hanging ones too. */
  close(): Promise<void>;
};

/**
 * Starts a replica on 127.0.0.1. `port` 0 takes any free one.
 * @throws the listening error (`EADDRINUSE` …) when the port cannot be had.
 */
export const startReplica = async (options: ReplicaOptions & { port?: number } = {}): Promise<RunningReplica> => {
  const { server, ...replica } = createReplica(options);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve());
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...replica,
    url,
    bases: { embrapa: `${url}${EMBRAPA_BASE}` },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
