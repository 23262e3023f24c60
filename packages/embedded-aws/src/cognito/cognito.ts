import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { makeAtomicJsonStores, writeAtomically } from '../atomic-json-store.ts';
import { answerError, answerNotImplemented } from '../not-implemented.ts';
import { makeSignIn, type SignInRequest } from './cognito-sign-in.ts';
import { type PasswordPolicy, passwordFault } from './password-policy.ts';

// cognito-local has no exports map and no types for its parts; they are put together here as its own default server
// does, which cannot be told where to keep its data and which issuer to name.
const load = createRequire(import.meta.url);
const part = (path: string) => load(`cognito-local/lib/${path}`);

/** LocalStack's convention: a pool that is created with this tag gets its value as id. */
export const POOL_ID_TAG = '_custom_id_';
const KEY_ID = 'CognitoLocal';
const SIGN_OUT = 'AdminUserGlobalSignOut';
const SET_MFA = 'AdminSetUserMFAPreference';
/** Which cognito-local has not. */
const OWN = [SIGN_OUT, SET_MFA];

type PoolRequest = SignInRequest & {
  UserPoolTags?: Record<string, string>;
  PoolName?: string;
  UserPoolId?: string;
  Username?: string;
  Password?: string;
  TemporaryPassword?: string;
  AccessToken?: string;
  SoftwareTokenMfaSettings?: { Enabled?: boolean };
};
type Target = (context: object, request: PoolRequest) => Promise<Record<string, unknown>>;
export type Cognito = {
  handle(request: IncomingMessage, response: ServerResponse, operation: string | null): Promise<void>;
  /** The keys that tokens of any pool are signed with, as `/.well-known/jwks.json` gives them. */
  jwks(): { keys: object[] };
};

const silent = (): object => {
  const logger: Record<string, unknown> = { child: () => logger };
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) logger[level] = () => {};
  return logger;
};

/** cognito-local signs with a key that is printed in its package; every installation of ours has its own. */
const useOwnSigningKey = (dir: string): { jwk: object; pem: string } => {
  const path = join(dir, 'signing-key.json');
  if (!existsSync(path)) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'RS256' };
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' });
    writeAtomically(path, JSON.stringify({ jwk, pem }));
  }
  const { jwk, pem } = JSON.parse(readFileSync(path, 'utf8'));
  Object.assign(part('keys/cognitoLocal.private.json'), { pem });
  return { jwk, pem };
};

const replaceDates = function (this: Record<string, unknown>, key: string, value: unknown) {
  const original = this[key] as Date;
  return Object.prototype.toString.call(original) === '[object Date]' ? Math.floor(original.getTime() / 1000) : value;
};

/**
 * Cognito user pools by cognito-local, kept under `dir`. Tokens name the cloud's own issuer
 * (`https://cognito-idp.<region>.amazonaws.com/<pool>`), so what verifies them is the same code as there.
 */
export const startCognito = async (options: { dir: string; region: string; accountId: string }): Promise<Cognito> => {
  mkdirSync(options.dir, { recursive: true });
  const pools = join(options.dir, 'pools');
  mkdirSync(pools, { recursive: true });
  const { jwk, pem } = useOwnSigningKey(options.dir);

  const { DateClock, MessagesService, TriggersService } = part('services');
  const { CognitoServiceFactoryImpl } = part('services/cognitoService');
  const { UserPoolServiceFactoryImpl } = part('services/userPoolService');
  const { JwtTokenGenerator } = part('services/tokenGenerator');
  const { Targets } = part('targets/targets');
  const { CognitoError, UnsupportedError } = part('errors');
  const { verify: isCode } = part('services/totp');
  const { verify: verifyToken } = createRequire(load.resolve('cognito-local/lib/services/tokenGenerator'))(
    'jsonwebtoken',
  );
  const refusal = (code: string, message: string): Error => new CognitoError(code, message);
  const context = { logger: silent() };
  const clock = new DateClock();
  const stores = makeAtomicJsonStores(pools);
  const cognito = await new CognitoServiceFactoryImpl(
    pools,
    stores,
    new UserPoolServiceFactoryImpl(clock, stores),
  ).create(context, {});
  // No Lambda is ever a trigger, and no message leaves the machine.
  const triggers = new TriggersService(clock, cognito, { enabled: () => false }, {});
  const services = {
    clock,
    cognito,
    triggers,
    config: {},
    // Nobody is sent a code, and so nobody may know it.
    otp: () => randomBytes(16).toString('hex'),
    messages: new MessagesService(triggers, { deliver: async () => {} }),
    tokenGenerator: new JwtTokenGenerator(clock, triggers, {
      IssuerDomain: `https://cognito-idp.${options.region}.amazonaws.com`,
    }),
  };

  const createTaggedPool = async (request: PoolRequest) => {
    const id = request.UserPoolTags?.[POOL_ID_TAG];
    const now = clock.get();
    const { PoolName, ...rest } = request;
    const UserPool = await cognito.createUserPool(context, {
      ...rest,
      Id: id,
      Name: PoolName,
      Arn: `arn:aws:cognito-idp:${options.region}:${options.accountId}:userpool/${id}`,
      CreationDate: now,
      LastModifiedDate: now,
    });
    return { UserPool };
  };
  const signIn = makeSignIn({ clock, pools: cognito, tokens: services.tokenGenerator, isCode, refusal });

  /** The pool's policy, which cognito-local keeps and does not ask. */
  const refusePassword = async (request: PoolRequest) => {
    const password = request.Password ?? request.TemporaryPassword;
    if (password === undefined) return;
    const pool = await cognito.getUserPool(context, request.UserPoolId);
    const fault = passwordFault((pool.options.Policies?.PasswordPolicy ?? {}) as PasswordPolicy, password);
    if (fault) throw refusal('InvalidPasswordException', fault);
  };
  /** cognito-local reads access tokens without asking who signed them. */
  const readAccessToken = (token: string): { client_id: string; username: string; iat: number } => {
    try {
      const claims = verifyToken(token, pem, { algorithms: ['RS256'] });
      if (claims.token_use === 'access') return claims;
    } catch {
      // Not ours, changed or expired: all the same to the caller.
    }
    throw refusal('NotAuthorizedException', 'Invalid Access Token');
  };
  /** Tokens that were given before the user was signed out everywhere; they tell their time in whole seconds. */
  const refuseRevoked = async (token: string) => {
    const { client_id, username, iat } = readAccessToken(token);
    const pool = await cognito.getUserPoolForClientId(context, client_id);
    const user = await pool.getUserByUsername(context, username);
    if (iat <= Math.floor((user?.SignedOutAt ?? 0) / 1000))
      throw refusal('NotAuthorizedException', 'Access Token has been revoked');
  };
  const userOf = async ({ UserPoolId, Username }: PoolRequest) => {
    const pool = await cognito.getUserPool(context, UserPoolId);
    const user = await pool.getUserByUsername(context, Username);
    if (!user) throw refusal('UserNotFoundException', 'User does not exist.');
    return { pool, user };
  };
  /** Disabled users may be signed out as well. */
  const signOutEverywhere = async (request: PoolRequest) => {
    const { pool, user } = await userOf(request);
    await pool.saveUser(context, { ...user, RefreshTokens: [], SignedOutAt: clock.get().getTime() });
    return {};
  };
  /** Of an authenticator app alone: no message leaves the machine. */
  const setMfa = async (request: PoolRequest) => {
    const { pool, user } = await userOf(request);
    const enabled = request.SoftwareTokenMfaSettings?.Enabled === true;
    if (enabled && !user.SoftwareTokenMfaConfiguration?.Verified)
      throw refusal('InvalidParameterException', 'User has not verified software token mfa');
    const others = (user.UserMFASettingList ?? []).filter((one: string) => one !== 'SOFTWARE_TOKEN_MFA');
    const UserMFASettingList = enabled ? [...others, 'SOFTWARE_TOKEN_MFA'] : others;
    await pool.saveUser(context, { ...user, UserMFASettingList });
    return {};
  };

  const run = async (operation: string, request: PoolRequest) => {
    if (operation === 'CreateUserPool' && request.UserPoolTags?.[POOL_ID_TAG]) return createTaggedPool(request);
    if (operation === 'InitiateAuth') return signIn.initiate(request);
    if (operation === 'RespondToAuthChallenge') return signIn.respond(request);
    if (operation === 'AdminCreateUser' || operation === 'AdminSetUserPassword') await refusePassword(request);
    if (operation === SIGN_OUT) return signOutEverywhere(request);
    if (operation === SET_MFA) return setMfa(request);
    if (request.AccessToken !== undefined) await refuseRevoked(request.AccessToken);
    return (Targets[operation](services) as Target)(context, request);
  };

  return {
    jwks: () => ({ keys: [jwk] }),
    async handle(request, response, operation) {
      const name = `Cognito ${operation ?? 'without X-Amz-Target'}`;
      if (!operation || (!OWN.includes(operation) && !Object.hasOwn(Targets, operation)))
        return answerNotImplemented(response, 'json', name);
      response.setHeader('access-control-allow-origin', '*');
      try {
        const answer = await run(operation, (await json(request)) as PoolRequest);
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
        response.end(JSON.stringify(answer ?? {}, replaceDates));
      } catch (error) {
        if (error instanceof UnsupportedError) {
          return answerNotImplemented(response, 'json', `${name}: ${(error as Error).message}`);
        }
        const known = error instanceof CognitoError;
        const { code, message } = error as { code?: string; message: string };
        answerError(response, 'json', {
          status: known ? 400 : 500,
          code: known && code ? code : 'InternalErrorException',
          message,
        });
      }
    },
  };
};
