import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const POOL = 'us-east-1_TestPool';
export const CLIENT = 'test-web-client';
export const ISSUER = `https://cognito-idp.us-east-1.amazonaws.com/${POOL}`;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A key pair and tokens signed with it, in the form of Cognito's id tokens. */
export const makeTokens = (kid = 'test-key') => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' };
  const claimsOf = (claims: object = {}, now = Math.floor(Date.now() / 1000)) => ({
    sub: '11111111-2222-3333-4444-555555555555',
    aud: CLIENT,
    iss: ISSUER,
    token_use: 'id',
    'cognito:username': 'reader',
    'cognito:groups': ['readers'],
    iat: now,
    exp: now + 3600,
    ...claims,
  });
  const sign = (claims: object = {}, header: object = {}): string => {
    const input = `${encode({ kid, alg: 'RS256', ...header })}.${encode(claimsOf(claims))}`;
    return `${input}.${createSign('RSA-SHA256').update(input).sign(privateKey, 'base64url')}`;
  };
  const unsigned = (claims: object = {}): string => `${encode({ alg: 'none', kid })}.${encode(claimsOf(claims))}.`;
  return { jwks: { keys: [jwk] }, sign, unsigned, encode };
};

/** Serves a key set on a free port of 127.0.0.1, and counts how often it is asked. */
export const serveKeys = async (jwks: object) => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    uri: `http://127.0.0.1:${port}/${POOL}/.well-known/jwks.json`,
    asked: () => asked,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
