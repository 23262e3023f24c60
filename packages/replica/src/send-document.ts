import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { SiteDocument } from './site.ts';

const acceptsGzip = (request: IncomingMessage): boolean => {
  const accepted = String(request.headers['accept-encoding'] ?? '');
  return accepted.split(',').some((part) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(part));
};

/** If-None-Match decides when it is there, If-Modified-Since otherwise (RFC 9110, 13.2.2). */
const isFresh = (request: IncomingMessage, etag: string, modified: Date): boolean => {
  const tags = request.headers['if-none-match'];
  if (tags !== undefined) {
    // A tag of the compressed form is the document's own: `"abc-gzip"`, as Apache has it.
    const known = tags.split(',').map((tag) =>
      tag
        .trim()
        .replace(/^W\//, '')
        .replace(/-gzip"$/, '"'),
    );
    return known.includes('*') || known.includes(etag);
  }
  const since = Date.parse(String(request.headers['if-modified-since'] ?? ''));
  return !Number.isNaN(since) && Math.floor(modified.getTime() / 1000) * 1000 <= since;
};

/** Answers GET and HEAD with the document: validators and 304 if it has a date, gzip where it is accepted. */
export const sendDocument = (request: IncomingMessage, response: ServerResponse, document: SiteDocument): void => {
  const { status = 200, location } = document;
  const modified = status === 200 ? document.modified : undefined;
  const etag = modified && `"${createHash('sha256').update(document.body).digest('hex').slice(0, 24)}"`;
  const zipped = acceptsGzip(request);
  const headers = {
    ...(etag && { etag: zipped ? etag.replace(/"$/, '-gzip"') : etag, 'last-modified': modified.toUTCString() }),
    vary: 'Accept-Encoding',
  };
  if (etag && isFresh(request, etag, modified)) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  const body = zipped ? gzipSync(document.body, { level: 1 }) : document.body;
  response.writeHead(status, {
    ...headers,
    ...(location && { location }),
    'content-type': document.content_type,
    'content-length': body.length,
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
};
