import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The one pair of keys that this machine knows. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** What of a request an AWS Signature Version 4 covers. `path` is decoded, `headers` are by lower-case names. */
export type SignedRequest = {
  method: string;
  path: string;
  query: Iterable<readonly [name: string, value: string]>;
  headers: Readonly<Record<string, string | string[] | undefined>>;
};
/**
 * `day`/`region`/`service` are the credential's scope; `payload` is the SHA-256 of the body, or what stands in its
 * place.
 */
export type Signing = { date: string; scope: readonly string[]; signedHeaders: readonly string[]; payload: string };

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const canonicalRequest = (request: SignedRequest, { signedHeaders, payload }: Signing): string => {
  const query = Array.from(request.query, ([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&');
  const headers = signedHeaders
    .map(
      (name) =>
        `${name}:${String(request.headers[name] ?? '')
          .trim()
          .replace(/\s+/g, ' ')}\n`,
    )
    .join('');
  const path = request.path.split('/').map(encode).join('/');
  return [request.method.toUpperCase(), path, query, headers, signedHeaders.join(';'), payload].join('\n');
};

/** Whether `signature` (hex) is that of the request by the local key. */
export const isSignedByLocalKey = (request: SignedRequest, signing: Signing, signature: string): boolean => {
  const scope = [...signing.scope, 'aws4_request'];
  const text = ['AWS4-HMAC-SHA256', signing.date, scope.join('/'), sha256(canonicalRequest(request, signing))];
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${LOCAL_CREDENTIALS.secretAccessKey}`);
  const expected = hmac(key, text.join('\n'));
  const given = Buffer.from(signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
};
