import type { Resources } from '@granary/embedded-aws/provision/provision';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
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
 * expiry and token use (an id token, or an access token where scopes are asked for). `fetchKeys` gives the pool's JWKS
 * as bytes; the library keeps them, and asks again (not too often) for a key that it does not know. Throws Refusal 401.
 */
export const makeCognitoAuthenticator = (
  resources: Resources,
  fetchKeys: (userPoolId: string) => Promise<ArrayBuffer>,
) => {
  const { userPoolId, clientIds } = poolsAndClients(resources);
  const jwksCache = new SimpleJwksCache({ fetcher: { fetch: () => fetchKeys(userPoolId) } });
  const pool = { userPoolId, clientId: clientIds };
  const id = CognitoJwtVerifier.create({ ...pool, tokenUse: 'id' }, { jwksCache });
  const access = CognitoJwtVerifier.create({ ...pool, tokenUse: 'access' }, { jwksCache });
  return async (authorization: string | undefined, scopes: readonly string[] = []): Promise<Claims> => {
    const token = (authorization ?? '').replace(/^Bearer\s+/i, '').trim();
    if (!token) {
      throw unauthorized(
        'This needs a valid id token of a Granary user in the header `Authorization: Bearer <token>`.',
      );
    }
    try {
      const claims = await (scopes.length > 0 ? access.verify(token, { scope: [...scopes] }) : id.verify(token));
      // The library has it that a token without an expiry never expires.
      if (!Number.isFinite(claims.exp)) throw new Error('A token without an expiry.');
      return asStrings(claims);
    } catch {
      throw unauthorized('The token is not one of this user pool and client, was changed, or has expired.');
    }
  };
};
