import { isSignedByLocalKey, LOCAL_CREDENTIALS, type SignedRequest, sha256 } from '@granary/embedded-aws/signature';
import { forbidden } from './refusal.ts';

const MAX_SKEW_MS = 5 * 60_000;

/**
 * Checks the AWS Signature Version 4 of a request for `execute-api` by the local key. A request with a body must say
 * its hash in `x-amz-content-sha256`. Throws Refusal 403, as API Gateway answers; returns the access key id.
 */
export const verifySigV4 = (
  request: SignedRequest & { headers: Record<string, string | undefined> },
  now = Date.now(),
): string => {
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

  const payload = request.headers['x-amz-content-sha256'] ?? sha256('');
  const signing = { date, scope: [day, region, service], signedHeaders: signed, payload };
  if (!isSignedByLocalKey(request, signing, signature)) {
    throw forbidden('The request signature we calculated does not match the signature you provided.');
  }
  return key;
};
