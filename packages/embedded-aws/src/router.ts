import type { IncomingHttpHeaders } from 'node:http';
import type { Protocol } from './not-implemented.ts';

/**
 * Where a request goes: the AWS service in SigV4's words (`s3`, `sqs`, `cognito-idp`, …) and its operation when it is
 * named.
 */
export type Route = { service: string; operation: string | null; protocol: Protocol; signed: boolean };

const SERVICE_OF_TARGET: Readonly<Record<string, string>> = {
  DynamoDB_20120810: 'dynamodb',
  AmazonSQS: 'sqs',
  AWSCognitoIdentityProviderService: 'cognito-idp',
  TrentService: 'kms',
  Logs_20140328: 'logs',
  GraniteServiceVersion20100801: 'monitoring',
  AWSGlue: 'glue',
  AmazonAthena: 'athena',
};

/** The service part of `<key>/<date>/<region>/<service>/aws4_request`. */
const serviceOfCredential = (credential: string | null | undefined): string | undefined => {
  const scope = credential?.split('/');
  return scope && scope.length >= 5 && scope.at(-1) === 'aws4_request' ? scope.at(-2) : undefined;
};

const protocolOf = (service: string, contentType: string): Protocol => {
  if (service === 's3') return 's3-xml';
  return contentType.startsWith('application/x-www-form-urlencoded') ? 'query-xml' : 'json';
};

/**
 * Routes as AWS's own hosts would: by the credential scope of the signature (header, or query of a presigned URL), then
 * by X-Amz-Target (Cognito's InitiateAuth is unsigned), then by path (S3 is all that is left).
 */
export const routeOf = (request: { url: string; headers: IncomingHttpHeaders }): Route => {
  const { headers } = request;
  const query = new URL(request.url, 'http://127.0.0.1').searchParams;
  const inHeader = /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1];
  const scoped = serviceOfCredential(inHeader) ?? serviceOfCredential(query.get('X-Amz-Credential'));
  const [targetService, targetOperation] = String(headers['x-amz-target'] ?? '').split('.');
  const target = targetService ? (SERVICE_OF_TARGET[targetService] ?? targetService) : undefined;
  const service = scoped ?? target ?? 's3';
  return {
    service,
    operation: targetOperation || query.get('x-id') || query.get('Action'),
    protocol: protocolOf(service, String(headers['content-type'] ?? '')),
    signed: scoped !== undefined,
  };
};
