import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Further names under which this machine's ports may be asked for, separated by commas: of a tunnel, or of a container. */
export const HOSTS_VARIABLE = 'GRANARY_HOSTS';
/** By this header the parts of one `npm start` know each other; its value is made anew at each start. */
export const KEY_HEADER = 'x-granary-local-key';
export const KEY_VARIABLE = 'GRANARY_LOCAL_KEY';

export type CallerRefused = { status: 403 | 421; code: string; message: string };

/** Loopback by every resolver; `*.localhost` too, as S3 names a bucket in its host. */
const LOCAL = /^(?:(?:[a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\])$/i;

const configuredHosts = (): readonly string[] =>
  (process.env[HOSTS_VARIABLE] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);

/**
 * A page elsewhere may point its own name at 127.0.0.1 and be same-origin with whatever answers there; what it asks for names that host. The
 * port does not matter: it may be forwarded.
 */
export const refusedHost = ({ headers }: Pick<IncomingMessage, 'headers'>): CallerRefused | undefined => {
  const host = headers.host ?? '';
  const name = host.replace(/:\d*$/, '').toLowerCase();
  if (LOCAL.test(name) || configuredHosts().includes(name)) return undefined;
  const message = `This server is for localhost, not for ${JSON.stringify(host.slice(0, 100))}. Ask for localhost or 127.0.0.1, or name the host in ${HOSTS_VARIABLE}.`;
  return { status: 421, code: 'MisdirectedRequest', message };
};

/** Browsers say where a page is from. No page is meant to ask here, the ports of the API and of Cognito are for them. */
export const refusedPage = ({ headers }: Pick<IncomingMessage, 'headers'>): CallerRefused | undefined =>
  headers.origin === undefined
    ? undefined
    : { status: 403, code: 'AccessDeniedException', message: 'A page in a browser may not ask for this.' };

export const knowsKey = ({ headers }: Pick<IncomingMessage, 'headers'>, key: string): boolean => {
  const given = Buffer.from(String(headers[KEY_HEADER] ?? ''));
  const wanted = Buffer.from(key);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

/** What is behind the port is not told the key. */
export const takeKeyOff = ({ headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): void => {
  delete headers[KEY_HEADER];
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2)
    if (rawHeaders[i]!.toLowerCase() === KEY_HEADER) rawHeaders.splice(i, 2);
};

/** Who has no key may not invoke a function: a message that it believes can be written by anybody. */
export const STRANGER: CallerRefused = {
  status: 403,
  code: 'AccessDeniedException',
  message: `Functions are invoked with the header ${KEY_HEADER}; its value is lambdaKey in local.json of the folder of the state.`,
};

export const answerRefused = (response: ServerResponse, { status, code, message }: CallerRefused): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': code, connection: 'close' });
  response.end(JSON.stringify({ message }));
};
