import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminSetUserMFAPreferenceCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolCommand,
  paginateListGroups,
  paginateListUsers,
  paginateListUsersInGroup,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { askAws } from './aws-words.ts';
import { policySentence } from './passwords.ts';
import { clientSettings, type Stage } from './stage.ts';
import { UserError } from './user-error.ts';

export type ListedUser = {
  name: string;
  /** As logs name who asked; null where the pool does not say. */
  sub: string | null;
  email: string | null;
  groups: string[];
  /** Cognito's word: CONFIRMED, FORCE_CHANGE_PASSWORD (a temporary password that was not used yet) … */
  status: string;
  enabled: boolean;
  created_at: string | null;
};

/** A name that the pool takes, which has e-mail addresses as aliases and so no names that look like one. */
const checkName = (name: string): void => {
  if (/@/.test(name)) {
    throw new UserError(`'${name}' looks like an e-mail address: give a name, and the address as --email ${name}.`);
  }
  if (!/^[\p{L}\p{N}._-]{1,128}$/u.test(name)) {
    throw new UserError(`'${name}' is no name of a user: letters, digits, '.', '_' and '-', at most 128.`);
  }
};

const checkEmail = (email: string): void => {
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw new UserError(`'${email}' is no e-mail address.`);
};

/**
 * The users of a stage's pool, as an administrator sees them. What an administrator can put right is thrown as a
 * UserError.
 */
export const makeUsers = (stage: Stage) => {
  const cognito = new CognitoIdentityProviderClient(clientSettings(stage));
  const UserPoolId = stage.userPoolId;

  const inWords = async (error: Error, name: string): Promise<string | undefined> => {
    switch (error.name) {
      case 'UserNotFoundException':
        return `There is no user '${name}' in the stage '${stage.name}'; \`users list\` says who there is.`;
      case 'UsernameExistsException':
        return `There is a user '${name}' in the stage '${stage.name}' already; \`users groups\` and \`users password\` change it.`;
      case 'AliasExistsException':
        return 'Another user of this stage has that e-mail address, by which users may sign in.';
      case 'InvalidPasswordException': {
        const { UserPool } = await cognito.send(new DescribeUserPoolCommand({ UserPoolId }));
        return `${error.message.replace(/\.?$/, '.')} ${policySentence(UserPool?.Policies?.PasswordPolicy ?? {})}`;
      }
      default:
        return undefined;
    }
  };
  const ask = <T>(name: string, call: () => Promise<T>): Promise<T> =>
    askAws(stage.region, async () => {
      try {
        return await call();
      } catch (error) {
        const words = await inWords(error as Error, name);
        throw words === undefined ? error : new UserError(words, { cause: error });
      }
    });

  const groupNames = async (): Promise<string[]> => {
    const names: string[] = [];
    for await (const page of paginateListGroups({ client: cognito }, { UserPoolId })) {
      names.push(...(page.Groups ?? []).map(({ GroupName }) => GroupName ?? ''));
    }
    return names.sort();
  };
  const checkGroups = async (wanted: readonly string[]): Promise<void> => {
    if (wanted.length === 0) return;
    const known = await ask('', groupNames);
    const unknown = wanted.filter((group) => !known.includes(group));
    if (unknown.length > 0) {
      throw new UserError(
        `There is no group ${unknown.map((group) => `'${group}'`).join(', ')} in the stage '${stage.name}'; there are ${known.join(', ')}.`,
      );
    }
  };
  const groupsOf = async (Username: string): Promise<string[]> => {
    const { Groups } = await cognito.send(new AdminListGroupsForUserCommand({ UserPoolId, Username, Limit: 60 }));
    return (Groups ?? []).map(({ GroupName }) => GroupName ?? '').sort();
  };
  const join = (Username: string, GroupName: string) =>
    cognito.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName }));

  return {
    /**
     * Creates a user who has to change the password at the first sign-in. Without `password` Cognito makes one and
     * mails it.
     */
    async add(user: { name: string; email?: string; groups: readonly string[]; password?: string }): Promise<void> {
      const { name: Username, email, groups, password: TemporaryPassword } = user;
      checkName(Username);
      if (email !== undefined) checkEmail(email);
      await checkGroups(groups);
      const UserAttributes = email !== undefined && [
        { Name: 'email', Value: email },
        { Name: 'email_verified', Value: 'true' },
      ];
      const delivery =
        TemporaryPassword === undefined
          ? { DesiredDeliveryMediums: ['EMAIL' as const] }
          : { TemporaryPassword, MessageAction: 'SUPPRESS' as const };
      await ask(Username, async () => {
        await cognito.send(
          new AdminCreateUserCommand({
            UserPoolId,
            Username,
            ...delivery,
            ...(UserAttributes && { UserAttributes }),
          }),
        );
        // One after the other: locally a group's members are one record.
        for (const group of groups) await join(Username, group);
      });
    },
    /** Gives the groups that the user is in afterwards. */
    async groups(Username: string, change: { add: readonly string[]; remove: readonly string[] }): Promise<string[]> {
      await checkGroups([...change.add, ...change.remove]);
      return ask(Username, async () => {
        // Cognito has groups for a name that nobody has: none.
        await cognito.send(new AdminGetUserCommand({ UserPoolId, Username }));
        for (const group of change.add) await join(Username, group);
        for (const GroupName of change.remove) {
          await cognito.send(new AdminRemoveUserFromGroupCommand({ UserPoolId, Username, GroupName }));
        }
        return groupsOf(Username);
      });
    },
    /** Unless `permanent` it has to be changed at the next sign-in. */
    async setPassword(Username: string, Password: string, permanent: boolean): Promise<void> {
      const set = new AdminSetUserPasswordCommand({ UserPoolId, Username, Password, Permanent: permanent });
      await ask(Username, () => cognito.send(set));
    },
    async takeAuthenticatorOff(Username: string): Promise<void> {
      const SoftwareTokenMfaSettings = { Enabled: false, PreferredMfa: false };
      const set = new AdminSetUserMFAPreferenceCommand({ UserPoolId, Username, SoftwareTokenMfaSettings });
      await ask(Username, () => cognito.send(set));
    },
    async enable(Username: string): Promise<void> {
      await ask(Username, () => cognito.send(new AdminEnableUserCommand({ UserPoolId, Username })));
    },
    /** Signed out everywhere first: refresh tokens of before would renew themselves once the user is enabled again. */
    async disable(Username: string): Promise<void> {
      const name = { UserPoolId, Username };
      await ask(Username, async () => {
        await cognito.send(new AdminUserGlobalSignOutCommand(name));
        await cognito.send(new AdminDisableUserCommand(name));
      });
    },
    async remove(Username: string): Promise<void> {
      await ask(Username, () => cognito.send(new AdminDeleteUserCommand({ UserPoolId, Username })));
    },
    /** By name; `group`: its members alone. */
    async list(group?: string): Promise<ListedUser[]> {
      if (group !== undefined) await checkGroups([group]);
      return ask('', async () => {
        const groups = new Map<string, string[]>();
        for (const GroupName of await groupNames()) {
          for await (const page of paginateListUsersInGroup({ client: cognito }, { UserPoolId, GroupName })) {
            for (const { Username = '' } of page.Users ?? []) {
              groups.set(Username, [...(groups.get(Username) ?? []), GroupName]);
            }
          }
        }
        const users: UserType[] = [];
        for await (const page of paginateListUsers({ client: cognito }, { UserPoolId }))
          users.push(...(page.Users ?? []));
        const listed = users.map(
          ({ Username = '', Attributes, UserStatus = 'UNKNOWN', Enabled, UserCreateDate }): ListedUser => ({
            name: Username,
            sub: Attributes?.find(({ Name }) => Name === 'sub')?.Value ?? null,
            email: Attributes?.find(({ Name }) => Name === 'email')?.Value ?? null,
            groups: groups.get(Username) ?? [],
            status: UserStatus,
            enabled: Enabled !== false,
            created_at: UserCreateDate?.toISOString() ?? null,
          }),
        );
        return listed
          .filter((user) => group === undefined || user.groups.includes(group))
          .sort((a, b) => (a.name < b.name ? -1 : 1));
      });
    },
    close: () => cognito.destroy(),
  };
};
export type Users = ReturnType<typeof makeUsers>;
