import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerRefused, hostsOfVariable, refusedHost, refusedPage } from '@granary/embedded-aws/refused-callers';
import { createEmbrapaSite, EMBRAPA_BASE } from './embrapa/embrapa-site.ts';
import { type Fault, isWireFault, matches } from './faults.ts';
import { createPortalSite } from './portal/portal-site.ts';
import { changedPortal, PORTAL_ROOT, type PortalState } from './portal/portal-state.ts';
import {
  changeState,
  checkedFault,
  checkedRevision,
  checkedVintage,
  createState,
  describeState,
  type ReplicaOptions,
} from './replica-state.ts';
import { sendDocument } from './send-document.ts';
import { createTownSite, TOWN_BASE } from './town/town-site.ts';
import { createUsersSite, USERS_BASE } from './users/users-site.ts';
import { answerWithFault } from './wire-faults.ts';

/** Further names under which it may be asked for: where the sites are served to a stage through a tunnel. */
const HOSTS = hostsOfVariable('GRANARY_HOSTS');
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
  /** Answers requests; of any number of servers. */
  listener: RequestListener;
  setVintage(vintage: number): void;
  setRevision(revision: number): void;
  setFaults(faults: readonly Fault[]): void;
  /** Changes what is named, and leaves the rest. */
  setPortal(change: Partial<PortalState>): void;
  /** Answered requests of a path, or of a path with this query; whatever the answer. */
  requestsOf(address: string): number;
  /** All of them by the status of the answer. */
  requestsByStatus(): Readonly<Record<number, number>>;
};

/**
 * A local stand-in for the public sites: deterministic files, validators, rate limits, and faults on demand. Not
 * listening yet, see {@link startReplica}. `GET` and `PUT /__replica` show and change what it does.
 * @throws RangeError for options that make no sense.
 */
export const createReplica = (options: ReplicaOptions = {}): Replica => {
  const state = createState(options);
  const sites = [createEmbrapaSite(), createUsersSite(), createTownSite(), createPortalSite()];
  const paths = sites.flatMap((site) => site.paths());
  const recent: number[] = [];

  const record = (request: IncomingMessage, path: string, status: number): void => {
    const conditional = 'if-none-match' in request.headers || 'if-modified-since' in request.headers;
    const query = queryOf(request);
    const method = request.method ?? 'GET';
    state.log.push({ at: new Date().toISOString(), method, path, ...(query && { query }), status, conditional });
    if (state.log.length > KEPT_LOG) state.log.shift();
    countUp(state.counts, path);
    countUp(state.statuses, status);
    if (query) countUp(state.addresses, path + query);
  };

  /** Seconds to wait when the limit is used up, else undefined; counts the request if it is let through. */
  const limited = (path: string): number | undefined => {
    const limit = state.rate_limit;
    if (!limit || !matches(limit.path ?? '*', path)) return undefined;
    const now = performance.now();
    while (recent.length > 0 && recent[0] <= now - 60_000) recent.shift();
    if (recent.length >= limit.requests_per_minute)
      return limit.retry_after_s ?? Math.ceil(((recent[0] ?? now) + 60_000 - now) / 1000);
    recent.push(now);
    return undefined;
  };

  const control = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'GET' || request.method === 'HEAD')
      return sendJson(response, 200, describeState(state, paths));
    if (request.method !== 'PUT') return sendJson(response, 405, { error: 'Use GET or PUT.' });
    try {
      changeState(state, JSON.parse(await readBody(request)));
      return sendJson(response, 200, describeState(state, paths));
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
    const nth = (state.asked.get(path) ?? 0) + 1;
    state.asked.set(path, nth);
    const wait = limited(path);
    if (wait !== undefined) {
      response.writeHead(429, { 'retry-after': String(wait) }).end('Too many requests.\n');
      return;
    }
    const faults = state.faults.strike(path, nth);
    if (state.latency_ms > 0) await sleep(state.latency_ms, undefined, { ref: false });
    const { seed, series, vintage, revision, portal } = state;
    const asked = {
      path,
      host: request.headers.host ?? '127.0.0.1',
      query: new URLSearchParams(queryOf(request)),
      nth,
      edition: { seed, vintage, revision },
      series,
      portal,
      faults,
    };
    const document = sites.map((site) => site.document(asked)).find((found) => found !== undefined);
    if (!document) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(`Nothing at ${path}. There are:\n${paths.join('\n')}\n`);
      return;
    }
    for (const fault of faults)
      if (isWireFault(fault.kind)) return answerWithFault(fault.kind, { request, response, document, fault });
    sendDocument(request, response, document);
  };

  const listener: RequestListener = (request, response) => {
    response.on('error', () => response.destroy());
    const refused = refusedHost(request, HOSTS) ?? refusedPage(request);
    if (refused) return answerRefused(response, refused);
    const path = decodedPath(request.url ?? '/');
    const answered = path === '/__replica' ? control(request, response) : serve(request, response, path);
    answered.catch(() => response.destroy());
  };

  return {
    listener,
    setVintage(vintage) {
      state.vintage = checkedVintage(vintage);
    },
    setRevision(revision) {
      state.revision = checkedRevision(revision);
    },
    setFaults(faults) {
      state.faults.replace(faults.map(checkedFault));
    },
    setPortal(change) {
      state.portal = changedPortal(change, state.portal);
    },
    requestsOf: (address) => (address.includes('?') ? state.addresses : state.counts).get(address) ?? 0,
    requestsByStatus: () => Object.fromEntries(state.statuses),
  };
};

const countUp = <Key>(counts: Map<Key, number>, key: Key) => counts.set(key, (counts.get(key) ?? 0) + 1);

const queryOf = ({ url = '' }: IncomingMessage): string => (url.includes('?') ? url.slice(url.indexOf('?')) : '');

const decodedPath = (url: string): string => {
  const path = url.split('?', 1)[0];
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

export type RunningReplica = Omit<Replica, 'listener'> & {
  /** `http://127.0.0.1:<port>`. */
  url: string;
  /** Base address of each site, ready for the variable `GRANARY_<ID>_URL` of its source. */
  bases: { embrapa: string; users: string; town: string; portal: string };
  /** The same by the ids of the sources that are to be read there. */
  sources: Readonly<Record<string, string>>;
  /** Closes every connection, hanging ones too. */
  close(): Promise<void>;
};

const listening = async (listener: RequestListener, port: number) => {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
};

/**
 * Starts a replica on 127.0.0.1. `port` 0 takes any free one. With a `users_port` or a `portal_port` the same replica
 * listens there too, and `bases.users` or `bases.portal` names that: a host of its own, as in the world, since whoever
 * asks may keep a budget for each host.
 * @throws the listening error (`EADDRINUSE` …) when a port cannot be had.
 */
export const startReplica = async (
  options: ReplicaOptions & { port?: number; users_port?: number; portal_port?: number } = {},
): Promise<RunningReplica> => {
  const { listener, ...replica } = createReplica(options);
  const first = await listening(listener, options.port ?? 0);
  const servers = [first];
  const close = async () => void (await Promise.all(servers.map((server) => server.close())));
  const own = async (port: number | undefined): Promise<string> => {
    if (port === undefined) return first.url;
    try {
      const server = await listening(listener, port);
      servers.push(server);
      return server.url;
    } catch (error) {
      await close();
      throw error;
    }
  };
  const bases = {
    embrapa: `${first.url}${EMBRAPA_BASE}`,
    users: `${await own(options.users_port)}${USERS_BASE}`,
    town: `${first.url}${TOWN_BASE}`,
    portal: `${await own(options.portal_port)}${PORTAL_ROOT}`,
  };
  return {
    ...{ ...replica, url: first.url, close, bases },
    sources: { embrapa: bases.embrapa, random_users: bases.users, data_gov_ma: bases.portal },
  };
};
