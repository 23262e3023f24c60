import type { HapiRequest } from './hapi.ts';
import type { Invoke } from './invoke.ts';
import { forbidden, Refusal, unauthorized } from './refusal.ts';

type Statement = { Effect?: string; Action?: string | string[]; Resource?: string | string[] };
type Policy = {
  principalId?: string;
  context?: Record<string, unknown>;
  usageIdentifierKey?: string;
  policyDocument?: { Statement?: Statement[] };
};
export type LambdaIdentity = { principalId: string; context: Record<string, unknown>; usageIdentifierKey?: string };

const list = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
const matches = (pattern: string, text: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(text);

/** An explicit deny wins; what nothing allows is denied. */
export const allows = (policy: Policy, methodArn: string): boolean => {
  const applying = (policy.policyDocument?.Statement ?? []).filter(({ Resource }) =>
    list(Resource).some((pattern) => matches(pattern, methodArn)),
  );
  return applying.some(({ Effect }) => Effect === 'Allow') && !applying.some(({ Effect }) => Effect === 'Deny');
};

/**
 * Asks a Lambda authorizer of the REQUEST kind, as API Gateway does: 401 without its identity sources or when it throws
 * `Unauthorized`, its policy kept for its TTL by the values of the sources, 403 when that does not allow the route.
 */
export const makeLambdaAuthenticator = (options: {
  functionName: string;
  identitySource: string;
  ttl_s: number;
  invoke: Invoke;
  now?: () => number;
}) => {
  const { functionName, identitySource, ttl_s, invoke, now = Date.now } = options;
  const sources = identitySource.split(',').map((source) => source.trim().split('.').slice(2));
  const kept = new Map<string, { policy: Policy; until: number }>();

  const ask = async (request: HapiRequest, resource: string, methodArn: string): Promise<Policy> => {
    const event = {
      type: 'REQUEST',
      methodArn,
      resource,
      path: request.path,
      httpMethod: request.method.toUpperCase(),
      headers: request.headers,
      queryStringParameters: Object.fromEntries(request.url.searchParams),
      pathParameters: request.params,
      requestContext: { requestId: request.info.id },
    };
    const { payload, failed } = await invoke(functionName, event);
    const thrown = (payload as { errorMessage?: string } | null)?.errorMessage;
    if (failed || thrown !== undefined || payload === null) {
      if (thrown === 'Unauthorized') throw unauthorized('The credentials of this request are not valid.');
      throw new Refusal(500, 'Internal Server Error', 'The authorizer failed.');
    }
    return payload as Policy;
  };

  return async (request: HapiRequest, resource: string): Promise<LambdaIdentity> => {
    const identity = sources.map(([kind, name = '']) =>
      kind === 'querystring' ? request.url.searchParams.get(name) : request.headers[name.toLowerCase()],
    );
    if (identity.some((value) => !value)) throw unauthorized('The credentials of this request are missing.');
    const methodArn = `arn:aws:execute-api:us-east-1:000000000000:local/local/${request.method.toUpperCase()}${request.path}`;
    const key = JSON.stringify(identity);
    const known = kept.get(key);
    const policy = known && known.until > now() ? known.policy : await ask(request, resource, methodArn);
    if (ttl_s > 0) kept.set(key, { policy, until: now() + ttl_s * 1000 });
    if (!allows(policy, methodArn))
      throw forbidden('User is not authorized to access this resource with an explicit deny.');
    const { principalId = '', context = {}, usageIdentifierKey } = policy;
    return { principalId, context, usageIdentifierKey };
  };
};
