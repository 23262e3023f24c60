import { SourceRefused, SourceUnavailable } from '@granary/domain/errors';
import type { FetchRequest } from '@granary/domain/ports/collecting';
import { type Dispatcher, request } from 'undici';
import { inOurWords, shown } from './http-errors.ts';
import { type Lookup, type MayBePrivate, makeAgents } from './public-agent.ts';
import { ACCEPT_ENCODING } from './receive-body.ts';

export type HopOptions = {
  /** Base addresses that the operator configured: only their exact origins may be private. */
  origins: readonly string[];
  /** Of the other sources' own addresses, those that may be private too: none by default. */
  mayBePrivate?: MayBePrivate;
  now?: () => number;
  /** Whom to ask about these requests: the address of a page or of mail. Said to every host. */
  contact?: string | undefined;
  /** Milliseconds for all hops together, waiting for slots not counted. */
  total_ms?: number;
  lookup?: Lookup;
};

/** What came of the body: `content` as far as an error may tell it, and how many bytes, before they were decoded. */
export type Seen = { content: string | null; received: number };

/**
 * Takes the answer of the last hop. What it came to know of the body it writes to `seen`, for the error if it throws.
 */
export type Take<T> = (answer: Dispatcher.ResponseData, url: URL, seen: Seen) => Promise<T>;

/** @throws RangeError for a contact that no header field may hold. */
const userAgentOf = (contact: string): string => {
  if (!/^[!-'*-~]{0,200}$/.test(contact))
    throw new RangeError(`GRANARY_CONTACT must be the address of a page or of mail, not '${contact}'.`);
  return `Granary/0.1 (${contact && `+${contact}; `}collects public data)`;
};

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** GETs of public addresses: each hop guarded, announced by `before`, within the time of all of them. */
export const makeHops = ({
  origins,
  mayBePrivate,
  now = Date.now,
  total_ms = 50_000,
  lookup,
  contact = '',
}: HopOptions) => {
  const user_agent = userAgentOf(contact);
  const agents = makeAgents(origins, lookup, mayBePrivate);

  const get = async <T>(
    wanted: Pick<FetchRequest, 'url' | 'base_url' | 'deadline' | 'before' | 'answered'>,
    headers: Record<string, string>,
    take: Take<T>,
  ): Promise<T> => {
    const gone = new Set<string>();
    let url = new URL(wanted.url);
    let left_ms = total_ms;
    for (;;) {
      url.hash = '';
      if (gone.has(url.href)) throw new SourceRefused(`${shown(new URL(wanted.url))} redirects in a circle`);
      if (gone.size > MOST_REDIRECTS)
        throw new SourceRefused(`${shown(new URL(wanted.url))} redirects more than ${MOST_REDIRECTS} times`);
      gone.add(url.href);
      const dispatcher = agents.agentFor(url, wanted.base_url);
      await wanted.before(url);
      const begun = now();
      const within_ms = Math.min(left_ms, (wanted.deadline ?? Number.POSITIVE_INFINITY) - begun);
      const seen = { host: url.host, status: null as number | null, content: null, received: 0 };
      if (within_ms <= 0)
        throw new SourceUnavailable(`${shown(url)} could not be reached in time`, {
          answer: { host: url.host, status: null, content: null },
        });
      const signal = AbortSignal.timeout(within_ms);
      try {
        const asked = { 'user-agent': user_agent, 'accept-encoding': ACCEPT_ENCODING, ...headers };
        const answer = await request(url, { dispatcher, signal, headers: asked });
        seen.status = answer.statusCode;
        await wanted.answered?.(url, { ms: now() - begun, status: answer.statusCode });
        const next = await nextHop(answer, url);
        if (!next) return await take(answer, url, seen);
        url = next;
      } catch (error) {
        const { received, ...answer } = seen;
        throw inOurWords(error, url, { within_ms, received, answer });
      }
      left_ms -= now() - begun;
    }
  };

  return { get, close: agents.close };
};

export const field = (headers: Dispatcher.ResponseData['headers'], name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};

/** Reads a short rest so that the connection can be used again, and ends it when there is more. */
export const discard = (body: Dispatcher.ResponseData['body']): Promise<void> =>
  body.dump({ limit: 64 * 1024 }).catch(() => {});

/** Ends the connection; what the rest of the body says about that concerns nobody. */
export const endNow = (body: Dispatcher.ResponseData['body']): void => {
  body.on('error', () => {}).destroy();
};

const nextHop = async ({ statusCode, headers, body }: Dispatcher.ResponseData, url: URL): Promise<URL | undefined> => {
  if (!REDIRECTS.has(statusCode)) return undefined;
  await discard(body);
  const location = field(headers, 'location');
  if (!location || !URL.canParse(location, url.href)) {
    throw new SourceRefused(`${shown(url)} redirects without saying where to`);
  }
  return new URL(location, url);
};
