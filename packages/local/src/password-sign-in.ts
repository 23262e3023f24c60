type Session = { token: string; until: number };

/**
 * Signs a user in with a password at Cognito (or the embedded AWS) and keeps the id token until shortly before it
 * expires. Throws an Error that says why Cognito refused.
 */
export const makePasswordSignIn = (options: {
  awsEndpoint: string;
  clientId: string;
  username: string;
  password: string;
}) => {
  let session: Session | undefined;
  return async (): Promise<string> => {
    if (session && session.until > Date.now()) return session.token;
    const answer = await fetch(options.awsEndpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
      },
      body: JSON.stringify({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: options.clientId,
        AuthParameters: { USERNAME: options.username, PASSWORD: options.password },
      }),
    });
    const body = (await answer.json()) as { AuthenticationResult?: { IdToken: string }; message?: string };
    const token = body.AuthenticationResult?.IdToken;
    if (!token) throw new Error(`${options.username} could not sign in: ${body.message ?? answer.status}`);
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { exp: number };
    session = { token, until: exp * 1000 - 60_000 };
    return token;
  };
};
