import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Unauthenticated } from '@granary/domain/errors';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CLIENT, makeTokens, POOL, serveKeys } from '../testing/token-maker.ts';
import { makeCognitoVerifier, type TokenVerifier } from './verify-token.ts';

const tokens = makeTokens();
const strangers = makeTokens();
let keys: Awaited<ReturnType<typeof serveKeys>>;
let now = Date.now();
let verify: TokenVerifier;

beforeAll(async () => {
  keys = await serveKeys(tokens.jwks);
  verify = makeCognitoVerifier({ user_pool_id: POOL, client_id: CLIENT, jwks_uri: keys.uri, now: () => now });
});
afterAll(() => keys.close());

const refusal = async (token: string | undefined): Promise<unknown> => {
  try {
    return await verify(token === undefined ? undefined : `Bearer ${token}`);
  } catch (error) {
    return error;
  }
};

describe('the verification of Cognito tokens', () => {
  it('accepts an id token of the pool and the client, and says who it is', async () => {
    const caller = await verify(`Bearer ${tokens.sign()}`);
    expect(caller).toEqual({ sub: expect.any(String), username: 'reader', groups: ['readers'] });
    expect(await verify(tokens.sign({ 'cognito:groups': undefined }))).toMatchObject({ groups: [] });
  });

  it.each(['no-analysts', 'readers,analysts', { analysts: true }, [['analysts']]])(
    'takes no group out of a claim that is no list of them: %j',
    async (groups) => {
      expect(await verify(tokens.sign({ 'cognito:groups': groups }))).toMatchObject({ groups: [] });
    },
  );

  it('asks for the keys once, and answers a known token at once', async () => {
    const token = `Bearer ${tokens.sign({ jti: 'known' })}`;
    await verify(token);
    expect(verify(token)).toMatchObject({ username: 'reader' });
    expect(keys.asked()).toBe(1);
  });

  it('does not take the claims of one token for those of another that ends in its signature', async () => {
    const token = tokens.sign({ jti: 'copied' });
    await verify(`Bearer ${token}`);
    expect(await refusal(changed(token))).toBeInstanceOf(Unauthenticated);
    expect(await refusal(token.slice(-32))).toBeInstanceOf(Unauthenticated);
    expect(verify(`Bearer ${token}`)).toMatchObject({ groups: ['readers'] });
  });

  it('X6: refuses a token without an expiry each time, also one that it has just seen', async () => {
    for (const exp of [undefined, null, 'never', '9999999999', {}, true]) {
      const token = tokens.sign({ exp, jti: `endless-${exp}` });
      for (let time = 1; time <= 4; time++)
        expect({ exp, time, outcome: await refusal(token) }).toEqual({
          exp,
          time,
          outcome: expect.any(Unauthenticated),
        });
    }
    // Whoever is known stays so.
    const token = tokens.sign({ jti: 'beside' });
    expect(await refusal(token)).toMatchObject({ username: 'reader' });
    expect(await refusal(token)).toMatchObject({ username: 'reader' });
  });

  const [head, , signature] = tokens.sign().split('.');
  const past = Math.floor(Date.now() / 1000) - 10;
  it.each<[string, string | undefined]>([
    ['no token at all', undefined],
    ['an empty one', ''],
    ['a word', 'nonsense'],
    ['another issuer', tokens.sign({ iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other' })],
    ['another audience', tokens.sign({ aud: 'another-client' })],
    ['an expired one', tokens.sign({ exp: past })],
    ['alg none', tokens.unsigned()],
    ['a changed payload', `${head}.${tokens.encode({ sub: 'x', 'cognito:groups': ['operators'] })}.${signature}`],
    ['a payload changed in nothing but the group', changed()],
    ['an access token', tokens.sign({ token_use: 'access', client_id: CLIENT, aud: undefined })],
    ['no token use', tokens.sign({ token_use: undefined })],
    ['a key of somebody else under the same id', strangers.sign()],
    ['an unknown key', tokens.sign({}, { kid: 'unknown' })],
    ['HMAC with the public key', tokens.sign({}, { alg: 'HS256' })],
  ])('refuses %s, in words that do not tell why', async (_what, token) => {
    const error = await refusal(token);
    expect(error).toBeInstanceOf(Unauthenticated);
    expect((error as Error).message).toBe(
      'This needs a valid id token of a Granary user in the header `Authorization: Bearer <token>`.',
    );
  });

  it('does not call a token bad because the keys cannot be had: whoever is signed in would be thrown out', async () => {
    let answer = { status: 503, body: 'away' };
    const server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const jwks_uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const verifier = makeCognitoVerifier({ user_pool_id: POOL, client_id: CLIENT, jwks_uri });
    const outcome = () => Promise.resolve(verifier(tokens.sign())).catch((error) => error);
    const outcomes: unknown[] = [await outcome()];
    answer = { status: 200, body: '<html>' };
    outcomes.push(await outcome());
    answer = { status: 200, body: JSON.stringify(tokens.jwks) };
    outcomes.push(await outcome());
    server.close();
    server.closeAllConnections();
    for (const failure of outcomes.slice(0, 2)) expect(failure).not.toBeInstanceOf(Unauthenticated);
    expect(outcomes[2]).toMatchObject({ username: 'reader' });
  });

  it('takes a new key as soon as the pool publishes it, and the old one meanwhile', async () => {
    const old = makeTokens('old');
    const next = makeTokens('next');
    const set = { keys: [...old.jwks.keys] };
    const published = await serveKeys(set);
    const verifier = makeCognitoVerifier({ user_pool_id: POOL, client_id: CLIENT, jwks_uri: published.uri });
    await verifier(old.sign());
    set.keys.push(...next.jwks.keys);
    expect(await verifier(next.sign())).toMatchObject({ username: 'reader' });
    expect(await verifier(old.sign({ jti: '2' }))).toMatchObject({ username: 'reader' });
    expect(published.asked()).toBe(2);
    await published.close();
  });

  it('refuses a token that it knows once it has expired', async () => {
    const token = tokens.sign({ jti: 'expiring' });
    await verify(`Bearer ${token}`);
    now += 2 * 3600_000;
    expect(await refusal(token)).toBeInstanceOf(Unauthenticated);
    now = Date.now();
  });
});

function changed(token = tokens.sign()): string {
  const [header, payload, sign] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return `${header}.${tokens.encode({ ...claims, 'cognito:groups': ['operators'] })}.${sign}`;
}
