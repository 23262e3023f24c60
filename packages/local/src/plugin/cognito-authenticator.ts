import { CognitoJwtVerifier } from 'aws-jwt-verify';
import type { CognitoIdOrAccessTokenPayload } from 'aws-jwt-verify/jwt-model';
import type { Resources } from '../provision/provision.ts';
import { unauthorized } from './refusal.ts';

export type Claims = Record<string, string>;

/** REST API authorizers hand claims on as strings; lists are joined by commas. */
export const asStrings = (claims: object): Claims =>
  Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)]),
  );

const poolsAndClients = (resources: Resources): { userPoolId: string; clientIds: string[] } => {
  const all = Object.values(resources.stacks).flatMap((stack) => Object.values(stack));
  const userPoolId = all.find(({ attributes }) => attributes.UserPoolId)?.ref;
  if (!userPoolId) throw new Error('No user pool was provisioned.');
  return { userPoolId, clientIds: all.flatMap(({ attributes }) => attributes.ClientId ?? []) };
};

/**
 * Verifies tokens as the cloud's authorizer does, by the same library as the application: signature, issuer, audience,
 * expiry and token use (an id token, or an access token where scopes are asked for). The keys come from the embedded AWS
 * once. Throws Refusal 401.
 */
export const makeCognitoAuthenticator = (resources: Resources, keysOf: (userPoolId: string) => Promise<unknown>) => {
  const { userPoolId, clientIds } = poolsAndClients(resources);
  const id = CognitoJwtVerifier.create({ userPoolId, clientId: clientIds, tokenUse: 'id' });
  const access = CognitoJwtVerifier.create({ userPoolId, clientId: clientIds, tokenUse: 'access' });
  let primed: Promise<void> | undefined;
  const prime = async () => {
    const keys = (await keysOf(userPoolId)) as Parameters<typeof id.cacheJwks>[0];
    id.cacheJwks(keys);
    access.cacheJwks(keys);
  };
  return async (authorization: string | undefined, scopes: readonly string[] = []): Promise<Claims> => {
    const token = (authorization ?? '').replace(/^Bearer\s+/i, '').trim();
    if (!token)
      throw unauthorized(
        'This needs a valid id token of a Granary user in the header `Authorization: Bearer <token>`.',
      );
    primed ??= prime().catch((error) => {
      primed = undefined;
      throw error;
    });
    await primed;
    let claims: CognitoIdOrAccessTokenPayload<never, never>;
    try {
      claims = (await (scopes.length > 0 ? access.verify(token, { scope: [...scopes] }) : id.verify(token))) as never;
    } catch {
      throw unauthorized('The token is not one of this user pool and client, was changed, or has expired.');
    }
    return asStrings(claims);
  };
};
