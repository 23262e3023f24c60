import type { ApiResult, Request } from './call.ts';

const ALLOWED_METHODS = 'GET, HEAD, POST, OPTIONS';
const ALLOWED_HEADERS =
  'Authorization, Content-Type, If-None-Match, Accept, Range, Prefer, X-Request-Id, X-Api-Key, X-Write-Key, traceparent';
const EXPOSED_HEADERS = 'ETag, Link, Location, Content-Range, Retry-After, X-Request-Id, traceparent';

/**
 * Lets the listed origins, and no others, read answers and errors alike. Every answer varies by origin, allowed or not, so
 * that a cache never gives one origin's headers to another. No credentials: tokens travel in a header that scripts set.
 */
export const cors = (origins: readonly string[]) => {
  const allowed = new Set(origins);
  const any = allowed.has('*');
  const after = ({ event, response }: Request): void => {
    const { headers } = response as ApiResult;
    headers.Vary = headers.Vary ? `Origin, ${headers.Vary}` : 'Origin';
    const origin = event.call.headers.origin;
    if (origin === undefined || !(any || allowed.has(origin))) return;
    headers['Access-Control-Allow-Origin'] = any ? '*' : origin;
    headers['Access-Control-Expose-Headers'] = EXPOSED_HEADERS;
    if (event.httpMethod !== 'OPTIONS') return;
    headers['Access-Control-Allow-Methods'] = ALLOWED_METHODS;
    headers['Access-Control-Allow-Headers'] = ALLOWED_HEADERS;
    headers['Access-Control-Max-Age'] = '7200';
  };
  return { after, onError: after };
};
