import { BoundedMap } from '@granary/domain/bounded-map';
import { Unauthenticated } from '@granary/domain/errors';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { FetchError, JwksValidationError, JwtBaseError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { Caller } from '../endpoint.ts';

/**
 * The caller named by an Authorization header. Throws Unauthenticated, with the same words whatever is wrong with the
 * token, and something else when the keys cannot be had.
 */
export type TokenVerifier = (authorization: string | undefined) => Caller | Promise<Caller>;

export type CognitoOptions = {
  user_pool_id: string;
  /** The web client: a token made for any other client of the pool is refused. */
  client_id: string;
  /**
   * Where the pool's public keys are fetched from; absent: from the issuer. Tokens name the issuer by its public
   * address, which is not where Cognito's endpoint is when AWS_ENDPOINT_URL moves it.
   */
  jwks_uri?: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
};

const REFUSED = 'This needs a valid id token of a Granary user in the header `Authorization: Bearer <token>`.';
const KEPT_TOKENS = 1000;
/** The last characters of the signature: 192 of its bits. */
const TAIL = 32;

/**
 * Verifies signature, issuer, audience, expiry and token use, behind API Gateway's authorizer and not instead of it:
 * that one accepts the tokens of any client of the pool, and a function can be reached past it. The keys are fetched at
 * the first token and kept; so are the claims of tokens that passed, so that a client's next call costs a look-up.
 * Their expiry is checked every time.
 */
export const makeCognitoVerifier = ({
  user_pool_id,
  client_id,
  jwks_uri,
  now = Date.now,
}: CognitoOptions): TokenVerifier => {
  const verifier = CognitoJwtVerifier.create(
    { userPoolId: user_pool_id, clientId: client_id, tokenUse: 'id' },
    jwks_uri ? { jwksCache: new SimpleJwksCache({ fetcher: { fetch: () => fetchKeys(jwks_uri) } }) } : undefined,
  );
  // By their tails: to hash a whole token, of a thousand characters that are new with every call, takes longer than to
  // compare it.
  const passed = new BoundedMap<string, { token: string; caller: Caller; expires: number }>(KEPT_TOKENS);

  const verify = async (token: string): Promise<Caller> => {
    const claims = await verifier.verify(token).catch((cause) => {
      throw isOfToken(cause) ? unauthenticated(cause) : cause;
    });
    // The library has it that a token without an expiry never expires.
    if (!Number.isFinite(claims.exp)) throw new Unauthenticated(REFUSED);
    const caller = {
      sub: claims.sub,
      username: String(claims['cognito:username'] ?? claims.sub),
      groups: groupsOf(claims['cognito:groups']),
    };
    passed.set(token.slice(-TAIL), { token, caller, expires: claims.exp * 1000 });
    return caller;
  };

  return (authorization) => {
    const token = bearer(authorization);
    const known = passed.get(token.slice(-TAIL));
    if (known?.token !== token) return verify(token);
    if (known.expires > now()) return known.caller;
    passed.delete(token.slice(-TAIL));
    throw new Unauthenticated(REFUSED);
  };
};

/** A list, as Cognito writes it. In a text any part of a group's name would be a group. */
const groupsOf = (claim: unknown): string[] =>
  Array.isArray(claim) ? claim.filter((group) => typeof group === 'string') : [];

/** Cognito's own authorizer takes the bare token as well as the Bearer form, so both work here. */
const bearer = (authorization: string | undefined): string => {
  if (!authorization) throw new Unauthenticated(REFUSED);
  return authorization.replace(/^Bearer +/i, '');
};

/** A key set that cannot be had says nothing of the token; a 401 would sign out everybody. */
const isOfToken = (cause: unknown): boolean =>
  cause instanceof JwtBaseError && !(cause instanceof FetchError || cause instanceof JwksValidationError);

const unauthenticated = (cause: unknown): Unauthenticated => {
  const error = new Unauthenticated(REFUSED);
  error.cause = cause;
  return error;
};

const fetchKeys = async (uri: string): Promise<ArrayBuffer> => {
  const answer = await fetch(uri, { signal: AbortSignal.timeout(5000), redirect: 'error' });
  if (!answer.ok) throw new Error(`The key set at ${uri} was answered with ${answer.status}.`);
  return answer.arrayBuffer();
};
