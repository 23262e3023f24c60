import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { forbidden } from './refusal.ts';

export type SignedRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
};
/** The one pair of keys that this machine knows. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const MAX_SKEW_MS = 5 * 60_000;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const canonicalRequest = (request: SignedRequest, signed: readonly string[]): string => {
  const query = [...request.query]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const headers = signed
    .map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`)
    .join('');
  const path = request.path.split('/').map(encode).join('/');
  const payload = request.headers['x-amz-content-sha256'] ?? sha256('');
  return [request.method.toUpperCase(), path, query, headers, signed.join(';'), payload].join('\n');
};

/**
 * Checks the AWS Signature Version 4 of a request for `execute-api` by the local key. A request with a body must say its
 * hash in `x-amz-content-sha256`. Throws Refusal 403, as API Gateway answers; returns the access key id.
 */
export const verifySigV4 = (request: SignedRequest, now = Date.now()): string => {
  const { authorization, 'x-amz-date': date } = request.headers;
  const parts = /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
    authorization ?? '',
  );
  if (!parts || !date) throw forbidden('Missing Authentication Token: this route needs an AWS signature (SigV4).');
  const [, credential = '', headers = '', signature = ''] = parts;
  const [key, day = '', region = '', service = ''] = credential.split('/');
  const signed = headers.split(';');
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(now - at) <= MAX_SKEW_MS) || !date.startsWith(day)) throw forbidden('Signature expired.');
  if (key !== LOCAL_CREDENTIALS.accessKeyId) throw forbidden('The security token included in the request is invalid.');
  if (service !== 'execute-api' || !signed.includes('host'))
    throw forbidden('The credential scope is not execute-api.');

  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonicalRequest(request, signed))].join('\n');
  const signingKey = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${LOCAL_CREDENTIALS.secretAccessKey}`,
  );
  const expected = hmac(signingKey, text);
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
    throw forbidden('The request signature we calculated does not match the signature you provided.');
  }
  return key;
};
