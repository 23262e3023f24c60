import httpCors from '@middy/http-cors';
import type { ApiResult, Request } from './call.ts';

const ALLOWED_METHODS = 'GET, HEAD, POST, PUT, DELETE, OPTIONS';
const ALLOWED_HEADERS =
  'Authorization, apikey, Content-Type, Cache-Control, If-Match, If-None-Match, Accept, Accept-Datetime, Accept-Profile, Range, Range-Unit, Prefer, ' +
  'X-Client-Info, X-Supabase-Api-Version, X-Request-Id, X-Api-Key, X-Write-Key, traceparent';
const EXPOSED_HEADERS =
  'ETag, Link, Location, Content-Location, Content-Range, Content-Disposition, Preference-Applied, Memento-Datetime, Repr-Digest, ' +
  'Content-Digest, Retry-After, X-Request-Id, traceparent';

/**
 * Lets the listed origins, and no others, read answers and errors alike: register it before what makes answers of
 * errors. No credentials: tokens travel in a header that scripts set. A preflight also says what may be asked.
 */
export const cors = (origins: readonly string[], is_preflight: boolean) => {
  const known = httpCors({
    // With one origin in the list, @middy/http-cors names Origin in Vary only on answers to that origin, so a cache
    // could give one origin the answer to another. A list of one is therefore written twice.
    origins: origins.length === 1 ? [origins[0], origins[0]] : [...origins],
    exposeHeaders: EXPOSED_HEADERS,
    ...(is_preflight ? { methods: ALLOWED_METHODS, headers: ALLOWED_HEADERS, maxAge: 7200 } : {}),
  });
  const after = (request: Request): void => {
    if (request.event.headers.origin !== undefined || is_preflight) {
      known.after?.(request as never);
      return;
    }
    // Nobody reads the other headers: browsers send Origin wherever they ask for another site. This one is for caches.
    if (origins.length === 0) return;
    const { headers } = request.response as ApiResult;
    headers.Vary = headers.Vary ? `${headers.Vary}, Origin` : 'Origin';
  };
  return { after, onError: after };
};
