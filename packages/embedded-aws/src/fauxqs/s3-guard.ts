import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../aws-error.ts';
import { answerError, answerNotImplemented } from '../not-implemented.ts';
import { checkPresigned } from './presigned.ts';

export type ObjectFacts = { etag: string; bytes: number };
export type LookUp = (bucket: string, key: string) => ObjectFacts | undefined;

/** Query parameters that the emulator understands. Any other one names a subresource that it would silently ignore. */
const KNOWN =
  /^(list-type|prefix|delimiter|marker|continuation-token|max-keys|start-after|fetch-owner|encoding-type|uploads|uploadId|partNumber|delete|attributes|lifecycle|versioning|versions|versionId|key-marker|version-id-marker|x-id|x-amz-.*|response-.*)$/i;
const UNSUPPORTED_HEADERS =
  /^x-amz-(tagging|acl|grant-.*|object-lock-.*|website-redirect-location|copy-source-if-.*|server-side-encryption-customer-.*|write-offset-bytes)$/;

const EXPOSED = 'ETag, Content-Range, Content-Length, Accept-Ranges, Last-Modified, x-amz-meta-rows, x-amz-meta-sha256';

/** What of S3's own rules the bucket's CORS configuration of services/storage comes down to: anyone may read. */
const allowReading = (request: IncomingMessage, response: ServerResponse): void => {
  if (!request.headers.origin || !['GET', 'HEAD'].includes(request.method ?? '')) return;
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', EXPOSED);
};

const answerPreflight = (request: IncomingMessage, response: ServerResponse): void => {
  const wanted = String(request.headers['access-control-request-method'] ?? '');
  if (!request.headers.origin || !['GET', 'HEAD'].includes(wanted)) {
    answerError(response, 's3-xml', {
      status: 403,
      code: 'AccessForbidden',
      message: 'CORSResponse: This CORS request is not allowed.',
    });
    return;
  }
  response.writeHead(200, {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, HEAD',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
    'access-control-max-age': '3600',
  });
  response.end();
};

/** Answers of a presigned URL say what the URL asks them to say (`response-content-disposition=…`). */
const overrideHeaders = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void => {
  const wanted = [...query].filter(([name]) => name.startsWith('response-'));
  if (request.method !== 'GET' || wanted.length === 0) return;
  const original = response.writeHead.bind(response) as (...all: unknown[]) => ServerResponse;
  response.writeHead = ((status: number, ...rest: unknown[]) => {
    if (status < 300) {
      const headers = (typeof rest.at(-1) === 'object' ? rest.at(-1) : {}) as Record<string, unknown>;
      for (const [name, value] of wanted) {
        const header = name.slice('response-'.length);
        delete headers[header];
        response.setHeader(header, value);
      }
    }
    return original(status, ...rest);
  }) as ServerResponse['writeHead'];
};

/** A suffix longer than the object is all of it, and several ranges are answered whole; fauxqs says 416 to both. */
const mendRange = (request: IncomingMessage, object: ObjectFacts | undefined): void => {
  const { range } = request.headers;
  if (!range) return;
  const suffix = /^bytes=-(\d+)$/.exec(range);
  if (suffix && object && object.bytes > 0 && Number(suffix[1]) > object.bytes) request.headers.range = 'bytes=0-';
  if (!/^bytes=\d*-\d*$/.test(range)) delete request.headers.range;
};

export const bucketAndKey = (path: string): [bucket: string, key: string] => {
  const [, bucket = '', ...key] = path.split('/');
  return [decodeURIComponent(bucket), decodeURIComponent(key.join('/'))];
};

/** As it was sent: `new URL` resolves dots and takes `//bucket/key` for a host. */
const pathOf = ({ url }: IncomingMessage): string => (url ?? '/').split('?')[0]!;

/**
 * Whether a page in a browser may read the object: what it may by a presigned URL in the cloud, where no role that
 * signs them may list the bucket, or read users' raw pages and the lines of runs. By path, with the bucket in it or in
 * the host's name.
 */
export const isObjectForPages = (request: IncomingMessage): boolean => {
  const path = decodeURIComponent(pathOf(request)).replace(/^\/+/, '');
  const hidden = /^([^/]*\/+)?(raw\/+users|logs)(\/|$)/;
  return path.includes('/') && !path.endsWith('/') && !hidden.test(path);
};

/**
 * Stands before fauxqs: refuses by name what it would do wrong in silence, and adds what S3 does and it does not
 * (permissions of unsigned requests, signatures of presigned URLs, CORS, ranges). `true`: the request has been
 * answered.
 */
export const guardS3 = (
  request: IncomingMessage,
  response: ServerResponse,
  signed: boolean,
  lookUp: LookUp,
): boolean => {
  if (request.method === 'OPTIONS') {
    answerPreflight(request, response);
    return true;
  }
  allowReading(request, response);
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  try {
    if (!signed) throw new AwsError('AccessDenied', 'Access Denied', 403);
    checkPresigned(request, decodeURIComponent(pathOf(request)), url.searchParams);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    answerError(response, 's3-xml', error);
    return true;
  }

  const what =
    [...url.searchParams.keys()].find((name) => !KNOWN.test(name)) ??
    Object.keys(request.headers).find((name) => UNSUPPORTED_HEADERS.test(name)) ??
    (request.method === 'GET' && (url.searchParams.has('uploads') || url.searchParams.has('uploadId'))
      ? 'uploads'
      : undefined) ??
    (request.method === 'DELETE' && request.headers['if-match'] ? 'if-match' : undefined);
  if (what) {
    answerNotImplemented(response, 's3-xml', `S3 ${request.method} with ${what}`);
    return true;
  }
  mendRange(request, lookUp(...bucketAndKey(url.pathname)));
  overrideHeaders(request, response, url.searchParams);
  return false;
};

/**
 * Whether a write may go on under If-None-Match and If-Match, which fauxqs ignores. Called in the same turn of the
 * event loop as the write, so that of two conditional writers exactly one wins.
 */
export const mayWrite = (
  headers: IncomingMessage['headers'],
  object: ObjectFacts | undefined,
): { status: 412 | 404 | 501; code: string; message: string } | undefined => {
  const none = headers['if-none-match'];
  const match = headers['if-match'];
  if (none !== undefined && none !== '*') {
    return { status: 501, code: 'NotImplemented', message: 'S3 writes take If-None-Match: * only.' };
  }
  if (match !== undefined && !object)
    return { status: 404, code: 'NoSuchKey', message: 'The specified key does not exist.' };
  const unquoted = (etag: string) => etag.replaceAll('"', '');
  if ((none === '*' && object) || (match !== undefined && object && unquoted(match) !== unquoted(object.etag))) {
    return {
      status: 412,
      code: 'PreconditionFailed',
      message: 'At least one of the pre-conditions you specified did not hold',
    };
  }
  return undefined;
};
