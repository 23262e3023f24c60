import type { Stack } from './stack.ts';

/** Every example is called with one token: what only analysts may see is asked by an operator who is one. */
export const everyGroup = async ({ local }: Stack, name: 'operator'): Promise<void> => {
  const answer = await fetch(local.awsEndpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.AdminAddUserToGroup',
    },
    body: JSON.stringify({
      UserPoolId: local.userPoolId,
      Username: local.users[name].username,
      GroupName: 'analysts',
    }),
  });
  if (!answer.ok) throw new Error(`AdminAddUserToGroup → ${answer.status}: ${await answer.text()}`);
};
