import type { IncomingMessage } from 'node:http';
import { AwsError } from '../aws-error.ts';
import { isSignedByLocalKey, LOCAL_CREDENTIALS } from '../signature.ts';

const refused = (code: string, message: string, status = 403) => new AwsError(code, message, status);
const MOST_SECONDS = 7 * 86_400;

/** When a presigned URL begins to be one, in ms since the epoch; NaN where its date is none. */
const beginOf = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

/**
 * Throws what S3 answers to a presigned URL that is over, or that the local key did not sign. A URL without a signature
 * in its query passes.
 */
export const checkPresigned = (request: IncomingMessage, path: string, query: URLSearchParams): void => {
  const value = (name: string) => query.get(`X-Amz-${name}`) ?? '';
  if (!query.has('X-Amz-Credential') && !query.has('X-Amz-Signature')) return;
  if (request.headers.authorization !== undefined)
    throw refused('InvalidArgument', 'Only one auth mechanism allowed; the query or the header.', 400);
  const [key, ...scope] = value('Credential').split('/');
  const begin = beginOf(value('Date'));
  const seconds = Number(value('Expires') || Number.NaN);
  const signedHeaders = value('SignedHeaders').split(';');
  const complete =
    value('Algorithm') === 'AWS4-HMAC-SHA256' && scope.length === 4 && signedHeaders.includes('host') && begin > 0;
  if (!complete || !(seconds >= 0 && seconds <= MOST_SECONDS)) {
    const message =
      'A presigned URL has X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders and X-Amz-Expires.';
    throw refused('AuthorizationQueryParametersError', message, 400);
  }
  if (begin + seconds * 1000 < Date.now()) throw refused('AccessDenied', 'Request has expired');
  if (key !== LOCAL_CREDENTIALS.accessKeyId) {
    throw refused('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
  }
  const covered = [...query].filter(([name]) => name !== 'X-Amz-Signature');
  const signing = { date: value('Date'), scope: scope.slice(0, 3), signedHeaders, payload: 'UNSIGNED-PAYLOAD' };
  const signed = { method: request.method ?? '', path, query: covered, headers: request.headers };
  if (!isSignedByLocalKey(signed, signing, value('Signature'))) {
    const message = 'The request signature we calculated does not match the signature you provided.';
    throw refused('SignatureDoesNotMatch', message);
  }
};
