import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
  type CognitoUserSession,
} from 'amazon-cognito-identity-js';
import { UserError } from './user-error.ts';

/** Where users of a stage sign in. `endpoint` only where it is not the region's own. */
export type SignInPlace = { userPoolId: string; clientId: string; endpoint?: string };
/** What Cognito may want besides the password. */
export type SignInQuestions = { newPassword(): Promise<string>; code(): Promise<string> };
export type Tokens = { idToken: string; accessToken: string };

/** Tokens are given to the caller and kept nowhere. */
const nowhere = () => {
  const kept = new Map<string, string>();
  return {
    setItem: (key: string, value: string) => void kept.set(key, value),
    getItem: (key: string) => kept.get(key) ?? null,
    removeItem: (key: string) => void kept.delete(key),
    clear: () => kept.clear(),
  };
};

/** As apps show a code. */
const withoutBlanks = (code: string): string => code.replaceAll(' ', '');

/** Cognito's own words say what was wrong; these say what to do about it as well. */
const sentenceOf = (username: string, place: SignInPlace, error: Error & { code?: string }): string => {
  const where = place.endpoint ?? `the user pool ${place.userPoolId}`;
  if (error.code === 'NetworkError' || error.message === 'fetch failed')
    return `Cognito was not reached at ${where}: is the machine online, and is that the address?`;
  const said = error.message.replace(/\.?$/, '.');
  const next = /Temporary password has expired/.test(said)
    ? ` An administrator gives a new one: granary-admin users password ${username}`
    : error.code === 'CodeMismatchException' || error.code === 'EnableSoftwareTokenMFAException'
      ? ' Codes change every 30 seconds: sign in again with a fresh one.'
      : error.code === 'ResourceNotFoundException'
        ? ' Was the stage deployed anew since?'
        : '';
  return `${username} could not sign in: ${said}${next}`;
};

/**
 * Signs a user in by SRP, which never sends the password, and gives the tokens. `questions` are asked when Cognito
 * wants a new password (the first sign-in with a temporary one) or the code of an authenticator app. With
 * `authenticator` such an app is set up then, in place of one that was there: it gets the secret and answers with the
 * code that the app shows. Throws a UserError that says why it was refused.
 */
export const signIn = (options: {
  place: SignInPlace;
  username: string;
  password: string;
  questions: SignInQuestions;
  authenticator?: (secret: string) => Promise<string>;
}): Promise<Tokens> => {
  const { place, username, password, questions, authenticator } = options;
  const Storage = nowhere();
  const Pool = new CognitoUserPool({
    UserPoolId: place.userPoolId,
    ClientId: place.clientId,
    ...(place.endpoint !== undefined && { endpoint: place.endpoint }),
    Storage,
    AdvancedSecurityDataCollectionFlag: false,
  });
  const user = new CognitoUser({ Username: username, Pool, Storage });
  return new Promise((resolve, reject) => {
    const onFailure = (error: Error & { code?: string }) =>
      reject(new UserError(sentenceOf(username, place, error), { cause: error }));
    const ask = (question: () => Promise<string>, go: (answer: string) => void) => void question().then(go, reject);
    const unknown = (challenge: string) => () =>
      reject(new UserError(`${username} is asked for ${challenge} to sign in, which this program does not know.`));
    const give = (session: CognitoUserSession) =>
      resolve({ idToken: session.getIdToken().getJwtToken(), accessToken: session.getAccessToken().getJwtToken() });
    const callbacks = {
      onSuccess: (session: CognitoUserSession) => {
        if (authenticator === undefined) return give(session);
        const prefer = () =>
          user.setUserMfaPreference(null, { Enabled: true, PreferredMfa: true }, (error) =>
            error ? onFailure(error) : give(session),
          );
        const verify = (code: string) =>
          user.verifySoftwareToken(withoutBlanks(code), 'granary', { onFailure, onSuccess: prefer });
        const associateSecretCode = (secret: string) => ask(() => authenticator(secret), verify);
        user.associateSoftwareToken({ onFailure, associateSecretCode });
      },
      onFailure,
      newPasswordRequired: () =>
        ask(questions.newPassword, (answer) => user.completeNewPasswordChallenge(answer, {}, callbacks)),
      totpRequired: () =>
        ask(questions.code, (code) => user.sendMFACode(withoutBlanks(code), callbacks, 'SOFTWARE_TOKEN_MFA')),
      mfaRequired: unknown('a code by SMS'),
      mfaSetup: unknown('the setup of an authenticator app'),
      selectMFAType: unknown('the kind of a second factor'),
      customChallenge: unknown('a custom challenge'),
    };
    user.authenticateUser(new AuthenticationDetails({ Username: username, Password: password }), callbacks);
  });
};
