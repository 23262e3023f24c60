import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  AssociateSoftwareTokenCommand,
  CognitoIdentityProviderClient,
  ConfirmForgotPasswordCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  ForgotPasswordCommand,
  GetUserCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { POOL_ID_TAG } from '@granary/embedded-aws/cognito/cognito';
import { type EmbeddedAws, startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signIn } from './sign-in.ts';
import { generate } from './testing/totp.ts';

// The client is AWS's own library; the server is the embedded AWS, whose side of SRP is ours.
const UserPoolId = 'us-east-1_LocalPool';
const PASSWORD = 'Long-enough-1ü';
const dir = mkdtempSync(join(tmpdir(), 'granary-sign-in-'));
let aws: EmbeddedAws;
let cognito: CognitoIdentityProviderClient;
let clientId: string;
let passwordsToo: string;

const never = (question: string) => async (): Promise<string> => {
  throw new Error(`It asked for ${question}.`);
};
const quiet = { newPassword: never('a new password'), code: never('a code') };
const enter = (username: string, password = PASSWORD, questions: Partial<typeof quiet> = {}) =>
  signIn({
    place: { userPoolId: UserPoolId, clientId, endpoint: aws.url },
    username,
    password,
    questions: { ...quiet, ...questions },
  });
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
const add = async (Username: string, Permanent = true, email?: string) => {
  const UserAttributes = email && [
    { Name: 'email', Value: email },
    { Name: 'email_verified', Value: 'true' },
  ];
  await cognito.send(
    new AdminCreateUserCommand({
      UserPoolId,
      Username,
      MessageAction: 'SUPPRESS',
      ...(UserAttributes && { UserAttributes }),
    }),
  );
  await cognito.send(new AdminSetUserPasswordCommand({ UserPoolId, Username, Password: PASSWORD, Permanent }));
};

beforeAll(async () => {
  aws = await startEmbeddedAws({ port: 0, dir });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  cognito = new CognitoIdentityProviderClient({ endpoint: aws.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  await cognito.send(
    new CreateUserPoolCommand({
      PoolName: 'p',
      UserPoolTags: { [POOL_ID_TAG]: UserPoolId },
      AliasAttributes: ['email'],
      Policies: { PasswordPolicy: { MinimumLength: 12, RequireSymbols: true, TemporaryPasswordValidityDays: 3 } },
    }),
  );
  const client = async (
    ClientName: string,
    flows: ('ALLOW_USER_SRP_AUTH' | 'ALLOW_USER_PASSWORD_AUTH' | 'ALLOW_REFRESH_TOKEN_AUTH')[],
  ) => {
    const made = await cognito.send(
      new CreateUserPoolClientCommand({ UserPoolId, ClientName, ExplicitAuthFlows: flows }),
    );
    return made.UserPoolClient!.ClientId!;
  };
  // As the stage prod has it.
  clientId = await client('web', ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH']);
  passwordsToo = await client('curl', ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH']);
});

afterAll(async () => {
  cognito.destroy();
  await aws.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('signing in by SRP', () => {
  it('gives tokens for the right password, many times over (numbers of all lengths), and for no other', async () => {
    await add('ana');
    for (let n = 0; n < 2; n++) {
      const { idToken } = await enter('ana');
      expect(claimsOf(idToken)).toMatchObject({ 'cognito:username': 'ana', aud: clientId, token_use: 'id' });
    }
    await expect(enter('ana', 'Long-enough-1u')).rejects.toThrow(
      'ana could not sign in: Incorrect username or password.',
    );
  });

  it('tells nobody whether a user is there', async () => {
    await expect(enter('nobody')).rejects.toThrow('nobody could not sign in: Incorrect username or password.');
    const challenge = () =>
      cognito.send(
        new InitiateAuthCommand({
          ClientId: clientId,
          AuthFlow: 'USER_SRP_AUTH',
          AuthParameters: { USERNAME: 'nobody', SRP_A: 'abc123' },
        }),
      );
    const [one, two] = [await challenge(), await challenge()];
    expect(one).toMatchObject({ ChallengeName: 'PASSWORD_VERIFIER' });
    expect(one.ChallengeParameters!.SALT).toBe(two.ChallengeParameters!.SALT);
  });

  it('refuses a client whose A is a multiple of the prime, by which anybody would know the key', async () => {
    const begin = (SRP_A: string) =>
      cognito.send(
        new InitiateAuthCommand({
          ClientId: clientId,
          AuthFlow: 'USER_SRP_AUTH',
          AuthParameters: { USERNAME: 'ana', SRP_A },
        }),
      );
    await expect(begin('0')).rejects.toMatchObject({ name: 'NotAuthorizedException' });
    await expect(begin('not a number')).rejects.toMatchObject({ name: 'NotAuthorizedException' });
  });

  it('knows a user by a verified e-mail address', async () => {
    await add('mail', true, 'Mail@example.org');
    expect(claimsOf((await enter('mail@example.org')).idToken)).toMatchObject({ 'cognito:username': 'mail' });
  });

  it('asks for a new password once, takes none that the policy refuses, and then signs in by it', async () => {
    await add('fresh', false);
    await expect(enter('fresh', 'Wrong-password-1')).rejects.toThrow('Incorrect username or password');
    await expect(enter('fresh', PASSWORD, { newPassword: async () => 'short!' })).rejects.toThrow(
      'Password did not conform with policy: Password not long enough',
    );
    const next = 'Another-long-one-2';
    await enter('fresh', PASSWORD, { newPassword: async () => next });
    await expect(enter('fresh')).rejects.toThrow('Incorrect username or password');
    await enter('fresh', next);
  });

  it("asks for the code of an authenticator app that the user has, and refuses another's", async () => {
    await add('careful');
    const { accessToken: AccessToken } = await enter('careful');
    const { SecretCode } = await cognito.send(new AssociateSoftwareTokenCommand({ AccessToken }));
    await cognito.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode: generate(SecretCode!) }));
    await expect(enter('careful')).rejects.toThrow('It asked for a code.');
    const wrong = (code: string) => (code === '000000' ? '111111' : '000000');
    await expect(enter('careful', PASSWORD, { code: async () => wrong(generate(SecretCode!)) })).rejects.toThrow(
      'Codes change every 30 seconds',
    );
    const { idToken } = await enter('careful', PASSWORD, { code: async () => generate(SecretCode!) });
    expect(claimsOf(idToken)).toMatchObject({ 'cognito:username': 'careful' });
  });

  it('says so when Cognito is not reached', async () => {
    const place = { userPoolId: UserPoolId, clientId, endpoint: 'http://127.0.0.1:1' };
    await expect(signIn({ place, username: 'ana', password: PASSWORD, questions: quiet })).rejects.toThrow(
      'Cognito was not reached at http://127.0.0.1:1',
    );
  });
});

describe('the embedded Cognito', () => {
  const byPassword = (USERNAME: string, password = PASSWORD) =>
    cognito.send(
      new InitiateAuthCommand({
        ClientId: passwordsToo,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME, PASSWORD: password },
      }),
    );

  it('takes passwords only where the client allows them', async () => {
    const begin = new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'ana', PASSWORD },
    });
    await expect(cognito.send(begin)).rejects.toThrow('USER_PASSWORD_AUTH flow not enabled for this client');
  });

  it('lets nobody set the password of a user who was invited, without the temporary one or the session', async () => {
    await add('invited', false);
    await expect(byPassword('invited', 'Whatever-it-is-1')).rejects.toThrow('Incorrect username or password.');
    const respond = (Session: string) =>
      cognito.send(
        new RespondToAuthChallengeCommand({
          ClientId: passwordsToo,
          ChallengeName: 'NEW_PASSWORD_REQUIRED',
          Session,
          ChallengeResponses: { USERNAME: 'invited', NEW_PASSWORD: 'Mine-from-now-on-1' },
        }),
      );
    await expect(respond('00000000-0000-4000-8000-000000000000')).rejects.toThrow('Invalid session for the user');
    const { Session } = await byPassword('invited');
    expect((await respond(Session!)).AuthenticationResult?.IdToken).toBeDefined();
    await expect(respond(Session!)).rejects.toThrow('Invalid session for the user');
  });

  it('gives a disabled user no token, by password, SRP or refresh token', async () => {
    await add('gone');
    const { AuthenticationResult } = await byPassword('gone');
    const refresh = () =>
      cognito.send(
        new InitiateAuthCommand({
          ClientId: passwordsToo,
          AuthFlow: 'REFRESH_TOKEN_AUTH',
          AuthParameters: { REFRESH_TOKEN: AuthenticationResult!.RefreshToken! },
        }),
      );
    expect((await refresh()).AuthenticationResult?.IdToken).toBeDefined();
    await cognito.send(new AdminDisableUserCommand({ UserPoolId, Username: 'gone' }));
    await expect(refresh()).rejects.toThrow('User is disabled.');
    await expect(byPassword('gone')).rejects.toThrow('User is disabled.');
    await expect(enter('gone')).rejects.toThrow('User is disabled.');
  });

  it('signs a user out everywhere: no refresh token of before renews, no access token of before is taken', async () => {
    await add('left');
    const { AuthenticationResult } = await byPassword('left');
    const renew = (REFRESH_TOKEN: string) =>
      cognito.send(
        new InitiateAuthCommand({
          ClientId: passwordsToo,
          AuthFlow: 'REFRESH_TOKEN_AUTH',
          AuthParameters: { REFRESH_TOKEN },
        }),
      );
    await cognito.send(new AdminUserGlobalSignOutCommand({ UserPoolId, Username: 'left' }));
    await expect(renew(AuthenticationResult!.RefreshToken!)).rejects.toThrow('Invalid Refresh Token');
    await expect(cognito.send(new GetUserCommand({ AccessToken: AuthenticationResult!.AccessToken! }))).rejects.toThrow(
      'Access Token has been revoked',
    );
    const again = (await byPassword('left')).AuthenticationResult!;
    expect((await renew(again.RefreshToken!)).AuthenticationResult?.IdToken).toBeDefined();
    const nobody = new AdminUserGlobalSignOutCommand({ UserPoolId, Username: 'nobody' });
    await expect(cognito.send(nobody)).rejects.toMatchObject({ name: 'UserNotFoundException' });
  });

  it("holds administrators to the pool's policy", async () => {
    const set = (Password: string) =>
      cognito.send(new AdminSetUserPasswordCommand({ UserPoolId, Username: 'ana', Password, Permanent: true }));
    await expect(set('Short-1')).rejects.toMatchObject({ name: 'InvalidPasswordException' });
    await expect(set('LongEnoughWithout1')).rejects.toThrow('Password must have symbol characters');
  });

  it('takes an access token only as it signed it', async () => {
    const { accessToken } = await enter('ana');
    const who = (AccessToken: string) => cognito.send(new GetUserCommand({ AccessToken }));
    expect((await who(accessToken)).Username).toBe('ana');
    const [head, , signature] = accessToken.split('.');
    const forged = Buffer.from(JSON.stringify({ ...claimsOf(accessToken), username: 'mail' })).toString('base64url');
    await expect(who(`${head}.${forged}.${signature}`)).rejects.toThrow('Invalid Access Token');
  });

  it('gives a forgotten password away to nobody who guesses the code', async () => {
    await add('forgetful', true, 'forgetful@example.org');
    await cognito.send(new ForgotPasswordCommand({ ClientId: clientId, Username: 'forgetful' }));
    const confirm = new ConfirmForgotPasswordCommand({
      ClientId: clientId,
      Username: 'forgetful',
      ConfirmationCode: '000000',
      Password: 'Mine-from-now-on-1',
    });
    await expect(cognito.send(confirm)).rejects.toMatchObject({ name: 'CodeMismatchException' });
  });
});
