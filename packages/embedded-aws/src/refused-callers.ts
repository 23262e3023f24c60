import type { IncomingMessage, ServerResponse } from 'node:http';

export type CallerRefused = { status: 403 | 421; code: string; message: string };

/** Names besides localhost under which a server may be asked for: of a tunnel, or of a container. */
export type Hosts = {
  names(): readonly string[];
  /** Where a name can be added, as the end of the sentence that refuses one. */
  hint: string;
};

/** The names in an environment variable, separated by commas; it is read at every request. */
export const hostsOfVariable = (variable: string): Hosts => ({
  names: () =>
    (process.env[variable] ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter(Boolean),
  hint: `, or name the host in ${variable}`,
});

const LOCALHOST_ONLY: Hosts = { names: () => [], hint: '' };

/** Loopback by every resolver; `*.localhost` too, as S3 names a bucket in its host. */
const LOCAL = /^(?:(?:[a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\])$/i;

/**
 * A page elsewhere may point its own name at 127.0.0.1 and be same-origin with whatever answers there; what it asks for
 * names that host. The port does not matter: it may be forwarded.
 */
export const refusedHost = (
  { headers }: Pick<IncomingMessage, 'headers'>,
  { names, hint }: Hosts = LOCALHOST_ONLY,
): CallerRefused | undefined => {
  const host = headers.host ?? '';
  const name = host.replace(/:\d*$/, '').toLowerCase();
  if (LOCAL.test(name) || names().includes(name)) return undefined;
  const message = `This server is for localhost, not for ${JSON.stringify(host.slice(0, 100))}. Ask for localhost or 127.0.0.1${hint}.`;
  return { status: 421, code: 'MisdirectedRequest', message };
};

/**
 * Browsers say where a page is from. No page is meant to ask here, the ports of the API and of Cognito are for them.
 */
export const refusedPage = ({ headers }: Pick<IncomingMessage, 'headers'>): CallerRefused | undefined =>
  headers.origin === undefined
    ? undefined
    : { status: 403, code: 'AccessDeniedException', message: 'A page in a browser may not ask for this.' };

export const answerRefused = (response: ServerResponse, { status, code, message }: CallerRefused): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': code, connection: 'close' });
  response.end(JSON.stringify({ message }));
};
