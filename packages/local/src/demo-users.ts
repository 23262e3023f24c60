import { randomBytes } from 'node:crypto';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { makeClients } from '@granary/embedded-aws/provision/clients';

export const DEMO_USERS = ['reader', 'analyst', 'operator'] as const;
export type DemoUserName = (typeof DEMO_USERS)[number];
export type DemoUsers = Record<DemoUserName, { username: string; password: string }>;

/** Long enough for anybody, and of all the kinds of characters that the pool's policy asks for. */
const generatePassword = (): string => `${randomBytes(15).toString('base64url')}aA1!`;

/**
 * One user for each group, each with a generated password that is set anew when it is not the `known` one. Returns them
 * all; they exist on this machine only.
 */
export const ensureDemoUsers = async (
  options: { endpoint: string; region: string; userPoolId: string },
  known: Partial<DemoUsers> = {},
): Promise<DemoUsers> => {
  const { endpoint, region, userPoolId: UserPoolId } = options;
  const { cognito } = makeClients(endpoint, region);
  const ensure = async (Username: DemoUserName) => {
    const Password = known[Username]?.password ?? generatePassword();
    const there = await cognito.send(new AdminGetUserCommand({ UserPoolId, Username })).catch((error: Error) => {
      if (error.name === 'UserNotFoundException') return undefined;
      throw error;
    });
    if (!there) {
      const UserAttributes = [{ Name: 'email', Value: `${Username}@granary.example` }];
      await cognito.send(
        new AdminCreateUserCommand({ UserPoolId, Username, UserAttributes, MessageAction: 'SUPPRESS' }),
      );
    }
    await cognito.send(new AdminSetUserPasswordCommand({ UserPoolId, Username, Password, Permanent: true }));
    await cognito.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName: `${Username}s` }));
    return [Username, { username: Username, password: Password }] as const;
  };
  const users: [DemoUserName, DemoUsers[DemoUserName]][] = [];
  // One after the other: a group's members are one record.
  for (const name of DEMO_USERS) users.push([...(await ensure(name))]);
  cognito.destroy();
  return Object.fromEntries(users) as DemoUsers;
};
