import { type parse, UsageError } from './arguments.ts';
import { maskEmail } from './mask-email.ts';
import { generatePassword } from './passwords.ts';
import { askNewPassword, type Questions } from './questions.ts';
import { UserError } from './user-error.ts';
import type { ListedUser, Users } from './users.ts';

export const USERS_HELP = `users of a stage

  users add NAME [--email ADDRESS] [--groups G,G] [--ask | --invite]
        Creates a user with a temporary password, which is shown once. --ask asks you for the password instead; --invite
        lets Cognito generate it and mail it. The user must change it at the first sign-in, within three days.
  users groups NAME [--add G,G] [--remove G,G]
        Changes the groups of a user and shows them. Groups: readers, analysts, operators.
  users password NAME [--ask] [--permanent]
        Sets a new password, temporary unless --permanent. It is generated and shown once; --ask asks you for it.
  users authenticator NAME --off
        Takes the authenticator app off a user who has lost it: the password alone signs in, until the user sets up
        another (npm run -s token -- NAME --set-up-authenticator).
  users list [--group G] [--show-emails]
        Lists users. E-mail addresses are personal data and are masked unless --show-emails. --json also has each user's
        sub, which logs use to name the caller.
  users disable NAME | users enable NAME
        A disabled user can neither sign in nor renew a token. After being enabled, the user signs in again.
  users remove NAME [--yes]
        Deletes a user for good.`;

export const USERS_OPTIONS = {
  email: { type: 'string' },
  groups: { type: 'string' },
  add: { type: 'string' },
  remove: { type: 'string' },
  group: { type: 'string' },
  ask: { type: 'boolean' },
  off: { type: 'boolean' },
  invite: { type: 'boolean' },
  permanent: { type: 'boolean' },
  'show-emails': { type: 'boolean' },
  yes: { type: 'boolean' },
} as const;
type Values = Partial<ReturnType<typeof parse<typeof USERS_OPTIONS>>['values']>;

/** What a command has to say: as lines for people, and as one value for programs (--json). */
export type CommandAnswer = { lines: string[]; value: object };
type Command = {
  options: readonly (keyof Values)[];
  named: boolean;
  run(users: Users, name: string, values: Values, questions: Questions): Promise<CommandAnswer>;
};

/** Known to the API only with the next token. */
const LATER = 'Tokens that were given out before say otherwise until they expire, at most an hour from now.';

const split = (list: string | undefined): string[] =>
  (list ?? '')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
const listed = (groups: readonly string[]) => (groups.length > 0 ? groups.join(', ') : 'no group');

const add: Command = {
  options: ['email', 'groups', 'ask', 'invite'],
  named: true,
  async run(users, name, values, questions) {
    const { email, ask, invite } = values;
    if (ask && invite) throw new UsageError('--ask and --invite are two ways to a password: give one of them.');
    if (invite && email === undefined) throw new UsageError('--invite mails the password: it needs --email ADDRESS.');
    const groups = split(values.groups);
    const password = invite
      ? undefined
      : ask
        ? await askNewPassword(questions, `Temporary password of ${name}`)
        : generatePassword();
    await users.add({
      name,
      groups,
      ...(email !== undefined && { email }),
      ...(password !== undefined && { password }),
    });
    const shown = ask || invite ? {} : { temporary_password: password };
    const lines = [
      `${name} was added, in ${listed(groups)}.`,
      ...(invite ? ['Cognito mails a temporary password.'] : []),
      ...(ask || invite ? [] : [`Temporary password, shown only now: ${password}`]),
    ];
    return { lines, value: { name, groups, ...shown } };
  },
};

const groups: Command = {
  options: ['add', 'remove'],
  named: true,
  async run(users, name, values) {
    const change = { add: split(values.add), remove: split(values.remove) };
    const now = await users.groups(name, change);
    const changed = change.add.length + change.remove.length > 0;
    return {
      lines: [`${name} is in ${listed(now)}.`, ...(changed ? [LATER] : [])],
      value: { name, groups: now },
    };
  },
};

const password: Command = {
  options: ['ask', 'permanent'],
  named: true,
  async run(users, name, { ask, permanent = false }, questions) {
    const kind = permanent ? 'password' : 'temporary password';
    const next = ask ? await askNewPassword(questions, `New ${kind} of ${name}`) : generatePassword();
    await users.setPassword(name, next, permanent);
    return {
      lines: [
        `${name} has a new ${kind}.`,
        ...(ask ? [] : [`${permanent ? 'Password' : 'Temporary password'}, shown only now: ${next}`]),
      ],
      value: { name, permanent, ...(ask ? {} : { password: next }) },
    };
  },
};

const authenticator: Command = {
  options: ['off'],
  named: true,
  async run(users, name, { off }) {
    if (!off) {
      throw new UsageError(
        `Only its user can set up an app: npm run -s token -- ${name} --set-up-authenticator. --off takes it off.`,
      );
    }
    await users.takeAuthenticatorOff(name);
    return {
      lines: [`${name} signs in by the password alone, until an app is set up again.`],
      value: { name, authenticator: false },
    };
  },
};

const STATUS: Record<string, string> = { CONFIRMED: 'active', FORCE_CHANGE_PASSWORD: 'temporary password' };
const statusOf = ({ enabled, status }: ListedUser) => (enabled ? (STATUS[status] ?? status.toLowerCase()) : 'disabled');

const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
};

const list: Command = {
  options: ['group', 'show-emails'],
  named: false,
  async run(users, _name, values) {
    const found = (await users.list(values.group)).map((user) => ({
      ...user,
      email: user.email !== null && !values['show-emails'] ? maskEmail(user.email) : user.email,
    }));
    const rows = found.map((user) => [
      user.name,
      user.groups.join(', ') || '-',
      statusOf(user),
      user.email ?? '-',
      user.created_at?.slice(0, 10) ?? '-',
    ]);
    const none =
      values.group === undefined ? 'There is no user yet; `users add` makes one.' : 'Nobody is in that group.';
    const lines = rows.length > 0 ? table([['NAME', 'GROUPS', 'STATE', 'EMAIL', 'SINCE'], ...rows]) : [none];
    return { lines, value: found };
  },
};

const remove: Command = {
  options: ['yes'],
  named: true,
  async run(users, name, { yes }, questions) {
    if (!yes) {
      if (!questions.interactive) throw new UsageError('Without a terminal to ask on, `users remove` needs --yes.');
      const answer = await questions.line(`Remove ${name} for good? Type the name`);
      if (answer !== name) throw new UserError('Nothing was removed.');
    }
    await users.remove(name);
    return { lines: [`${name} was removed.`, LATER], value: { name, removed: true } };
  },
};

const switchedTo = (enabled: boolean): Command => ({
  options: [],
  named: true,
  async run(users, name) {
    await (enabled ? users.enable(name) : users.disable(name));
    return {
      lines: [
        enabled ? `${name} may sign in again.` : `${name} was signed out, and cannot sign in any more.`,
        ...(enabled ? [] : [LATER]),
      ],
      value: { name, enabled },
    };
  },
});

const COMMANDS: Record<string, Command> = {
  add,
  groups,
  password,
  authenticator,
  list,
  disable: switchedTo(false),
  enable: switchedTo(true),
  remove,
};

/** Understands `users …` without asking anybody. Throws a UsageError. */
export const understandUsers = (positionals: readonly string[], values: Values) => {
  const [name = '', user, ...rest] = positionals;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name]! : undefined;
  const known = Object.keys(COMMANDS).join(', ');
  if (!command) throw new UsageError(`${name ? `There is no \`users ${name}\`` : 'users what?'}: ${known}.`);
  const strange = Object.keys(values).filter((option) => !command.options.includes(option as keyof Values));
  if (strange.length > 0) throw new UsageError(`\`users ${name}\` takes no --${strange[0]}.`);
  if (command.named && user === undefined) throw new UsageError(`\`users ${name}\` needs the name of a user.`);
  if (rest.length > 0 || (!command.named && user !== undefined)) {
    throw new UsageError(
      `\`users ${name}\` takes ${command.named ? 'one name' : 'no name'}; passwords are never given on the command line.`,
    );
  }
  return (users: Users, questions: Questions): Promise<CommandAnswer> =>
    command.run(users, user ?? '', values, questions);
};
