import { CognitoIdentityProviderClient, GetUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from './arguments.ts';
import type { Questions } from './questions.ts';
import { signIn } from './sign-in.ts';
import { clientSettings } from './stage.ts';
import { startPool } from './testing/granary-like-pool.ts';
import { makeUsers, type Users } from './users.ts';
import { USERS_OPTIONS, understandUsers } from './users-command.ts';

let pool: Awaited<ReturnType<typeof startPool>>;
let users: Users;

beforeAll(async () => {
  pool = await startPool();
  users = makeUsers(pool.stage);
});
afterAll(async () => {
  users.close();
  await pool.close();
});

const typed = (...answers: string[]): Questions => {
  const next = async () => answers.shift() ?? '';
  return { secret: next, line: next, interactive: true };
};
const nobodyThere: Questions = { ...typed(), interactive: false };
const run = async (line: string, questions = nobodyThere) => {
  const { values, positionals } = parse(line.split(' '), USERS_OPTIONS);
  return understandUsers(positionals, values)(users, questions);
};
const enter = (username: string, password: string, next?: string) =>
  signIn({
    place: pool.stage,
    username,
    password,
    questions: {
      newPassword: async () => next ?? Promise.reject(new Error('It asked for a new password.')),
      code: () => Promise.reject(new Error('It asked for a code.')),
    },
  });
const accountOf = async (AccessToken: string) => {
  const cognito = new CognitoIdentityProviderClient(clientSettings(pool.stage));
  return cognito.send(new GetUserCommand({ AccessToken })).finally(() => cognito.destroy());
};
const groupsIn = ({ idToken }: { idToken: string }) =>
  JSON.parse(Buffer.from(idToken.split('.')[1]!, 'base64url').toString())['cognito:groups'];

describe('granary-admin users', () => {
  it('adds a user whose temporary password, shown once, is changed at the first sign-in', async () => {
    const { lines, value } = await run('add maria --email maria.souza@example.org --groups operators,readers');
    const password = (value as { temporary_password: string }).temporary_password;
    expect(lines).toEqual([
      'maria was added, in operators, readers.',
      `Temporary password, shown only now: ${password}`,
    ]);
    const tokens = await enter('maria.souza@example.org', password, 'A-password-of-hers-1');
    expect(groupsIn(tokens)).toEqual(['operators', 'readers']);
    expect(groupsIn(await enter('maria', 'A-password-of-hers-1'))).toEqual(['operators', 'readers']);
  });

  it('takes a password that was typed twice alike, and tells the policy when it breaks it', async () => {
    await expect(run('add typo --ask', typed('Long-enough-1', 'Long-enough-2'))).rejects.toThrow('The two differ');
    await expect(run('add typo --ask', typed('short', 'short'))).rejects.toThrow(
      'Password not long enough. A password has at least 12 characters, among them a lower-case letter, an upper-case letter, a digit and a symbol.',
    );
    const { lines, value } = await run('add typo --ask', typed('Long-enough-1', 'Long-enough-1'));
    expect([...lines, JSON.stringify(value)].join()).not.toContain('Long-enough-1');
    await enter('typo', 'Long-enough-1', 'Long-enough-2');
  });

  it('names what is wrong: a user who is there, one who is not, a group, an address for a name', async () => {
    await run('add twice');
    await expect(run('add twice')).rejects.toThrow("There is a user 'twice' in the stage 'local' already");
    for (const command of ['groups absent', 'password absent', 'disable absent', 'remove absent --yes']) {
      await expect(run(command)).rejects.toThrow("There is no user 'absent' in the stage 'local'");
    }
    await expect(run('add other --groups operator')).rejects.toThrow(
      "There is no group 'operator' in the stage 'local'; there are analysts, operators, readers.",
    );
    await expect(run('groups other')).rejects.toThrow("There is no user 'other'");
    await expect(run('add a@example.org')).rejects.toThrow('--email a@example.org');
    await expect(run('add ana --email example.org')).rejects.toThrow("'example.org' is no e-mail address.");
  });

  it('changes groups, and says that tokens of before know nothing of it', async () => {
    await run('add joana --groups readers');
    expect((await run('groups joana')).lines).toEqual(['joana is in readers.']);
    const { lines, value } = await run('groups joana --add analysts,operators --remove readers');
    expect(lines[0]).toBe('joana is in analysts, operators.');
    expect(lines[1]).toContain('at most an hour');
    expect(value).toEqual({ name: 'joana', groups: ['analysts', 'operators'] });
  });

  it('gives a new password, to be changed or to stay', async () => {
    await run('add pedro');
    const once = (await run('password pedro')).value as { password: string };
    await expect(enter('pedro', once.password)).rejects.toThrow('It asked for a new password.');
    const stays = (await run('password pedro --permanent')).value as { password: string };
    await enter('pedro', stays.password);
  });

  it('lists users with their e-mail addresses masked unless asked for', async () => {
    await run('add lia --email lia@example.org --groups analysts');
    const { lines, value } = await run('list --group analysts');
    const text = `${lines.join('\n')}${JSON.stringify(value)}`;
    expect(text).not.toContain('lia@example.org');
    expect(lines.find((line) => line.startsWith('lia'))).toMatch(
      /^lia {2,}analysts {2,}temporary password {2,}l\*\*\*@e\*\*\*\.org {2,}\d{4}-\d\d-\d\d$/,
    );
    const shown = await run('list --show-emails');
    expect(shown.lines.join('\n')).toContain('lia@example.org');
    expect(shown.value).toContainEqual({
      name: 'lia',
      sub: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: 'lia@example.org',
      groups: ['analysts'],
      status: 'FORCE_CHANGE_PASSWORD',
      enabled: true,
      created_at: expect.stringMatching(/^\d{4}-/),
    });
    expect((await run('list --group operators')).lines.join()).not.toContain('lia');
  });

  it('disables, enables and removes; removes only who was meant', async () => {
    await run('add rita');
    const { password } = (await run('password rita --permanent')).value as { password: string };
    const { accessToken } = await enter('rita', password);
    await run('disable rita');
    await expect(enter('rita', password)).rejects.toThrow('rita could not sign in: User is disabled.');
    expect((await run('list')).lines.find((line) => line.startsWith('rita'))).toContain('disabled');
    await run('enable rita');
    await expect(accountOf(accessToken)).rejects.toThrow('Access Token has been revoked');
    await enter('rita', password);
    await expect(run('remove rita')).rejects.toThrow('needs --yes');
    await expect(run('remove rita', typed('rito'))).rejects.toThrow('Nothing was removed.');
    await run('remove rita', typed('rita'));
    await expect(enter('rita', password)).rejects.toThrow('Incorrect username or password');
  });

  it('refuses what it does not understand before it asks AWS', () => {
    const refused = (line: string) => {
      const { values, positionals } = parse(line.split(' '), USERS_OPTIONS);
      return () => understandUsers(positionals, values);
    };
    expect(refused('toString')).toThrow('There is no `users toString`: add, groups, password, authenticator, list');
    expect(refused('add')).toThrow('`users add` needs the name of a user.');
    expect(refused('add ana Secret-123456')).toThrow('passwords are never given on the command line');
    expect(refused('list --permanent')).toThrow('`users list` takes no --permanent.');
  });
});
