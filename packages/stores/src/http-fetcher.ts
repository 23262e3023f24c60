import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GranaryError, SourceRefused, SourceThrottled, SourceUnavailable } from '@granary/domain/errors';
import type { Fetched, Fetcher, FetchRequest } from '@granary/domain/ports/collecting';
import { retryAfter } from '@granary/domain/rules/retry-after';
import { type Dispatcher, request } from 'undici';
import { type Lookup, makeAgents } from './public-agent.ts';
import { ACCEPT_ENCODING, receiveBody, tooLarge } from './receive-body.ts';

export type HttpFetcherOptions = {
  /** Base addresses that the operator configured: only their exact origins may be private. */
  origins: readonly string[];
  /** A folder for the files. */
  tmpdir: string;
  now?: () => number;
  /** Milliseconds for all hops together, waiting for slots not counted. */
  total_ms?: number;
  lookup?: Lookup;
};

export const USER_AGENT = 'Granary/0.1 (collects public data; one request at a time)';
const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** The Fetcher of the real internet. `close` ends its connections. */
export const makeHttpFetcher = (options: HttpFetcherOptions): Fetcher & { close(): Promise<unknown> } => {
  const { origins, tmpdir, now = Date.now, total_ms = 50_000, lookup } = options;
  const agents = makeAgents(origins, lookup);

  const fetchOnce = async (wanted: FetchRequest): Promise<Fetched> => {
    const seen = new Set<string>();
    let url = new URL(wanted.url);
    let left_ms = total_ms;
    for (;;) {
      url.hash = '';
      if (seen.has(url.href)) throw new SourceRefused(`${shown(new URL(wanted.url))} redirects in a circle`);
      if (seen.size > MOST_REDIRECTS)
        throw new SourceRefused(`${shown(new URL(wanted.url))} redirects more than ${MOST_REDIRECTS} times`);
      seen.add(url.href);
      const dispatcher = agents.agentFor(url);
      await wanted.before(url.host);
      const begun = now();
      const within_ms = Math.min(left_ms, (wanted.deadline ?? Number.POSITIVE_INFINITY) - begun);
      if (within_ms <= 0) throw new SourceUnavailable(`${shown(url)} could not be asked in time`);
      const signal = AbortSignal.timeout(within_ms);
      try {
        const answer = await request(url, { dispatcher, signal, headers: headersOf(wanted) });
        const next = await nextHop(answer, url);
        if (!next) return await take(answer, wanted, url);
        url = next;
      } catch (error) {
        throw inOurWords(error, url, within_ms);
      }
      left_ms -= now() - begun;
    }
  };

  const take = async (answer: Dispatcher.ResponseData, wanted: FetchRequest, url: URL): Promise<Fetched> => {
    const { statusCode, headers, body } = answer;
    if (statusCode !== 200) {
      await discard(body);
      if (statusCode === 304 && (wanted.etag || wanted.last_modified)) return { status: 'not-modified' };
      throw refusal(statusCode, field(headers, 'retry-after'), url, now());
    }
    const path = join(tmpdir, `granary-fetch-${randomUUID()}`);
    try {
      if (Number(field(headers, 'content-length')) > wanted.max_bytes) throw tooLarge(wanted.max_bytes);
      const received = await receiveBody(body, field(headers, 'content-encoding'), path, wanted.max_bytes);
      return {
        status: 'fetched',
        path,
        ...received,
        etag: field(headers, 'etag') ?? null,
        last_modified: field(headers, 'last-modified') ?? null,
        content_type: field(headers, 'content-type') ?? null,
      };
    } catch (error) {
      // Ends the connection; what the rest of the body says about that concerns nobody.
      body.on('error', () => {}).destroy();
      await rm(path, { force: true });
      throw error;
    }
  };

  return Object.assign(fetchOnce, { close: agents.close });
};

const headersOf = ({ etag, last_modified }: FetchRequest): Record<string, string> => ({
  'user-agent': USER_AGENT,
  accept: 'text/csv, text/*;q=0.9, */*;q=0.5',
  'accept-encoding': ACCEPT_ENCODING,
  ...(etag && { 'if-none-match': etag }),
  ...(last_modified && { 'if-modified-since': last_modified }),
});

const field = (headers: Dispatcher.ResponseData['headers'], name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};

/** Reads a short rest so that the connection can be used again, and ends it when there is more. */
const discard = (body: Dispatcher.ResponseData['body']): Promise<void> =>
  body.dump({ limit: 64 * 1024 }).catch(() => {});

/** An address for messages: what a redirect puts into the query may be a signature, and messages are published with their runs. */
const shown = ({ origin, pathname, search }: URL): string => `${origin}${pathname}${search && '?…'}`;

const nextHop = async ({ statusCode, headers, body }: Dispatcher.ResponseData, url: URL): Promise<URL | undefined> => {
  if (!REDIRECTS.has(statusCode)) return undefined;
  await discard(body);
  const location = field(headers, 'location');
  if (!location || !URL.canParse(location, url.href)) {
    throw new SourceRefused(`${shown(url)} redirects without saying where to`);
  }
  return new URL(location, url);
};

const refusal = (status: number, retry_after: string | undefined, url: URL, now: number): GranaryError => {
  const answered = `${shown(url)} answered ${status}`;
  // A 503 that does not say for how long is a failure like any other: deferred, it would be asked for hours.
  if (status === 429 || (status === 503 && retry_after)) {
    return new SourceThrottled(`${answered} and asks to wait`, retryAfter(retry_after, now), url.host);
  }
  if (status >= 500 || status === 408 || status === 425) return new SourceUnavailable(answered);
  return new SourceRefused(answered);
};

/** What the network, the HTTP parser and the decoders throw, by name of its kind. All of it may be better next time. */
const inOurWords = (error: unknown, url: URL, within_ms: number): unknown => {
  if (error instanceof GranaryError) return error;
  const { name = '', code = '', cause } = error as { name?: string; code?: string; cause?: unknown };
  if (cause instanceof GranaryError) return cause;
  if (name === 'HTTPParserError') return new SourceUnavailable(`${shown(url)} did not answer in HTTP`);
  if (name === 'TimeoutError')
    return new SourceUnavailable(`${shown(url)} took longer than ${Math.round(within_ms / 1000)} s`);
  if (/^Z_|^ERR__?ZLIB|^ERR_BROTLI|^ERR_PADDING/.test(code)) {
    return new SourceUnavailable(`${shown(url)} was cut short, or is not encoded as it says (${code})`);
  }
  if (/^UND_ERR_|^HPE_|^E[A-Z]|^CERT_|^DEPTH_|^UNABLE_|^SELF_/.test(code) && code !== 'ENOSPC') {
    return new SourceUnavailable(`${shown(url)} could not be read: ${MEANINGS[code] ?? code}`);
  }
  return error;
};

const MEANINGS: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'the host does not answer',
  UND_ERR_HEADERS_TIMEOUT: 'no answer came in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped in the middle',
  UND_ERR_SOCKET: 'the connection ended in the middle of the answer',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'it is shorter than it says',
  ECONNREFUSED: 'the host refuses connections',
  ECONNRESET: 'the connection ended in the middle of the answer',
  ENOTFOUND: 'the host has no address',
  EAI_AGAIN: 'the host could not be looked up',
};
