import { randomBytes } from 'node:crypto';
import type { PasswordPolicy } from './password-policy.ts';
import { passwordFault } from './password-policy.ts';
import { makeSignInSessions } from './sign-in-sessions.ts';
import { challengeBySrp, type SrpChallenge } from './srp.ts';

// cognito-local knows no SRP, asks whoever was invited for no password, lets disabled users in and takes any session.
// So signing in is done here, on its stores and with its tokens.

type User = {
  Username: string;
  Password: string;
  Enabled: boolean;
  UserStatus: string;
  UserLastModifiedDate: Date;
  Attributes: { Name: string; Value: string }[];
  UserMFASettingList?: string[];
  SoftwareTokenMfaConfiguration?: { Secret: string; Verified: boolean };
};
type Client = { ClientId: string; ExplicitAuthFlows?: string[] };
type Pool = {
  options: { Id: string; AliasAttributes?: string[]; Policies?: { PasswordPolicy?: PasswordPolicy } };
  getUserByUsername(context: object, name: string): Promise<User | null>;
  getUserByRefreshToken(context: object, token: string): Promise<User | null>;
  listUsers(context: object): Promise<User[]>;
  listUserGroupMembership(context: object, user: User): Promise<string[]>;
  saveUser(context: object, user: User): Promise<void>;
  storeRefreshToken(context: object, token: string, user: User): Promise<void>;
};
type Tokens = { AccessToken: string; IdToken: string; RefreshToken?: string };

/** The parts of cognito-local that this stands on. */
export type SignInParts = {
  clock: { get(): Date };
  pools: {
    getAppClient(context: object, id: string): Promise<Client | null>;
    getUserPoolForClientId(context: object, id: string): Promise<Pool>;
  };
  tokens: {
    generate(
      context: object,
      user: User,
      groups: string[],
      client: Client,
      metadata: undefined,
      reason: string,
    ): Promise<Tokens>;
  };
  /** Whether a code is the secret's of now. */
  isCode(secret: string, code: string): boolean;
  /** An error that Cognito answers with status 400. */
  refusal(code: string, message: string): Error;
};

export type SignInRequest = {
  ClientId?: string;
  AuthFlow?: string;
  AuthParameters?: Record<string, string>;
  ChallengeName?: string;
  ChallengeResponses?: Record<string, string>;
  Session?: string;
};

type Waiting = { clientId: string; userId: string } & (
  | { for: 'NEW_PASSWORD_REQUIRED' }
  | { for: 'SOFTWARE_TOKEN_MFA' }
  | { for: 'PASSWORD_VERIFIER'; srp: SrpChallenge }
);

/** `EEE MMM d HH:mm:ss z yyyy` in English. */
const TIMESTAMP = /^[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d{2}:\d{2}:\d{2} (UTC|GMT) \d{4}$/;
const DAY_MS = 86_400_000;

const attribute = (user: User, name: string) => user.Attributes.find(({ Name }) => Name === name)?.Value;

/** InitiateAuth and RespondToAuthChallenge of a client without a secret: by SRP, password or refresh token. */
export const makeSignIn = ({ clock, pools, tokens, isCode, refusal }: SignInParts) => {
  const context = { logger: new Proxy({}, { get: () => () => undefined }) };
  const waiting = makeSignInSessions<Waiting>(() => clock.get().getTime());
  const wrongPassword = () => refusal('NotAuthorizedException', 'Incorrect username or password.');
  const missing = (name: string) => refusal('InvalidParameterException', `Missing required parameter ${name}`);

  const placeOf = async (clientId = '') => {
    const client = await pools.getAppClient(context, clientId);
    if (!client) throw refusal('ResourceNotFoundException', `User pool client ${clientId} does not exist.`);
    return { client, pool: await pools.getUserPoolForClientId(context, clientId) };
  };

  /** By name, or by a verified e-mail address where that is an alias; neither by case. */
  const findUser = async (pool: Pool, name: string): Promise<User | undefined> => {
    const known = await pool.getUserByUsername(context, name);
    if (known) return known;
    const same = (text: string | undefined) => text?.toLowerCase() === name.toLowerCase();
    const byMail = pool.options.AliasAttributes?.includes('email');
    return (await pool.listUsers(context)).find(
      (user) =>
        same(user.Username) ||
        (byMail && attribute(user, 'email_verified') === 'true' && same(attribute(user, 'email'))),
    );
  };

  const give = async (pool: Pool, client: Client, user: User) => {
    const groups = await pool.listUserGroupMembership(context, user);
    const given = await tokens.generate(context, user, groups, client, undefined, 'Authentication');
    await pool.storeRefreshToken(context, given.RefreshToken!, user);
    return { ChallengeParameters: {}, AuthenticationResult: { ...given, TokenType: 'Bearer', ExpiresIn: 3600 } };
  };

  const challenge = (
    name: 'NEW_PASSWORD_REQUIRED' | 'SOFTWARE_TOKEN_MFA',
    client: Client,
    user: User,
    more: object,
  ) => ({
    ChallengeName: name,
    Session: waiting.begin({ for: name, clientId: client.ClientId, userId: user.Username }),
    ChallengeParameters: { USER_ID_FOR_SRP: user.Username, ...more },
  });

  const afterPassword = async (pool: Pool, client: Client, user: User) => {
    if (!user.Enabled) throw refusal('NotAuthorizedException', 'User is disabled.');
    if (user.UserStatus === 'RESET_REQUIRED') {
      throw refusal('PasswordResetRequiredException', 'Password reset required for the user');
    }
    if (user.UserStatus === 'FORCE_CHANGE_PASSWORD') {
      const days = pool.options.Policies?.PasswordPolicy?.TemporaryPasswordValidityDays ?? 7;
      if (clock.get().getTime() > new Date(user.UserLastModifiedDate).getTime() + days * DAY_MS) {
        throw refusal(
          'NotAuthorizedException',
          'Temporary password has expired and must be reset by an administrator.',
        );
      }
      const userAttributes = JSON.stringify(
        Object.fromEntries(user.Attributes.map(({ Name, Value }) => [Name, Value])),
      );
      return challenge('NEW_PASSWORD_REQUIRED', client, user, { userAttributes, requiredAttributes: '[]' });
    }
    return afterChange(pool, client, user);
  };
  const afterChange = (pool: Pool, client: Client, user: User) =>
    user.SoftwareTokenMfaConfiguration?.Verified && user.UserMFASettingList?.includes('SOFTWARE_TOKEN_MFA')
      ? challenge('SOFTWARE_TOKEN_MFA', client, user, {})
      : give(pool, client, user);

  const byPassword = async (pool: Pool, client: Client, parameters: Record<string, string>) => {
    if (!parameters.USERNAME) throw missing('USERNAME');
    if (!parameters.PASSWORD) throw missing('PASSWORD');
    const user = await findUser(pool, parameters.USERNAME);
    if (user?.Password !== parameters.PASSWORD) throw wrongPassword();
    return afterPassword(pool, client, user);
  };

  const bySrp = async (pool: Pool, client: Client, parameters: Record<string, string>) => {
    if (!parameters.USERNAME) throw missing('USERNAME');
    if (!parameters.SRP_A) throw missing('SRP_A');
    const user = await findUser(pool, parameters.USERNAME);
    // A name that nobody has is challenged like any other, by a password that nobody knows.
    const userId = user?.Username ?? parameters.USERNAME;
    const password = user?.Password ?? randomBytes(32).toString('hex');
    const srp = challengeBySrp({ poolId: pool.options.Id, userId, password, srpA: parameters.SRP_A });
    if (!srp) throw wrongPassword();
    // The cloud gives no session here: the secret block, which comes back, is what names the sign-in.
    waiting.begin({ for: 'PASSWORD_VERIFIER', clientId: client.ClientId, userId, srp }, srp.parameters.SECRET_BLOCK);
    return { ChallengeName: 'PASSWORD_VERIFIER', ChallengeParameters: srp.parameters };
  };

  const byRefreshToken = async (pool: Pool, client: Client, { REFRESH_TOKEN }: Record<string, string>) => {
    if (!REFRESH_TOKEN) throw missing('REFRESH_TOKEN');
    const user = await pool.getUserByRefreshToken(context, REFRESH_TOKEN);
    if (!user) throw refusal('NotAuthorizedException', 'Invalid Refresh Token');
    if (!user.Enabled) throw refusal('NotAuthorizedException', 'User is disabled.');
    const groups = await pool.listUserGroupMembership(context, user);
    const given = await tokens.generate(context, user, groups, client, undefined, 'RefreshTokens');
    const result = { ...given, RefreshToken: undefined, TokenType: 'Bearer', ExpiresIn: 3600 };
    return { ChallengeParameters: {}, AuthenticationResult: result };
  };

  const FLOWS: Record<string, (...of: Parameters<typeof byPassword>) => Promise<object>> = {
    USER_PASSWORD_AUTH: byPassword,
    USER_SRP_AUTH: bySrp,
    REFRESH_TOKEN_AUTH: byRefreshToken,
  };

  const initiate = async ({ ClientId, AuthFlow, AuthParameters = {} }: SignInRequest) => {
    const { client, pool } = await placeOf(ClientId);
    const flow = String(AuthFlow).replace(/^REFRESH_TOKEN$/, 'REFRESH_TOKEN_AUTH');
    if (!client.ExplicitAuthFlows?.includes(`ALLOW_${flow}`) || !Object.hasOwn(FLOWS, flow)) {
      throw refusal('InvalidParameterException', `${flow} flow not enabled for this client`);
    }
    return FLOWS[flow]!(pool, client, AuthParameters);
  };

  const respond = async ({ ClientId, ChallengeName, ChallengeResponses = {}, Session }: SignInRequest) => {
    const { client, pool } = await placeOf(ClientId);
    const answers = ChallengeResponses;
    if (!answers.USERNAME) throw missing('USERNAME');
    const begun = waiting.take(ChallengeName === 'PASSWORD_VERIFIER' ? answers.PASSWORD_CLAIM_SECRET_BLOCK : Session);
    if (begun?.for !== ChallengeName || begun?.clientId !== ClientId || begun?.userId !== answers.USERNAME) {
      throw ChallengeName === 'PASSWORD_VERIFIER'
        ? wrongPassword()
        : refusal('NotAuthorizedException', 'Invalid session for the user, session is expired.');
    }
    const user = await pool.getUserByUsername(context, begun.userId);
    if (begun.for === 'PASSWORD_VERIFIER') {
      const { TIMESTAMP: timestamp = '', PASSWORD_CLAIM_SIGNATURE: signature = '' } = answers;
      if (!TIMESTAMP.test(timestamp)) {
        throw refusal('InvalidParameterException', 'TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.');
      }
      if (!user || !begun.srp.isProved({ signature, timestamp })) throw wrongPassword();
      return afterPassword(pool, client, user);
    }
    if (!user) throw wrongPassword();
    if (begun.for === 'SOFTWARE_TOKEN_MFA') {
      if (!isCode(user.SoftwareTokenMfaConfiguration?.Secret ?? '', answers.SOFTWARE_TOKEN_MFA_CODE ?? '')) {
        throw refusal('CodeMismatchException', 'Invalid code received for user');
      }
      return give(pool, client, user);
    }
    const { NEW_PASSWORD } = answers;
    if (!NEW_PASSWORD) throw missing('NEW_PASSWORD');
    const fault = passwordFault(pool.options.Policies?.PasswordPolicy ?? {}, NEW_PASSWORD);
    if (fault) throw refusal('InvalidPasswordException', fault);
    const changed = {
      ...user,
      Password: NEW_PASSWORD,
      UserStatus: 'CONFIRMED',
      UserLastModifiedDate: clock.get(),
    };
    await pool.saveUser(context, changed);
    return afterChange(pool, client, changed);
  };
  return { initiate, respond };
};
