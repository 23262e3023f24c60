import { randomBytes } from 'node:crypto';
import { CloudWatchLogsClient, GetQueryResultsCommand, StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CognitoIdentityProviderClient, InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider';
import { signIn } from '@granary/admin/sign-in';
import { findStage } from '@granary/admin/stage';
import { makeUsers } from '@granary/admin/users';
import { QUERIES } from '../../services/observability/src/saved-queries.ts';
import type { Drill } from './drills.ts';
import type { DrillStack } from './stack.ts';

/** A user of its own: the demo users keep their passwords. */
const NAME = 'drill-analyst';
/** More than twenty in an hour turn the alarm red. */
const PAGES = 30;

const newPassword = () => `${randomBytes(15).toString('base64url')}aA1!`;
const claimsOf = (token: string): { sub: string; exp: number } =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());

/** Copies users page by page, from the start again when there are no more. Gives how many it was shown. */
const copyUsers = async (baseUrl: string, token: string): Promise<number> => {
  const first = '/v1/users?limit=100';
  let shown = 0;
  let path = first;
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await fetch(`${baseUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    const { items, next } = (await answer.json()) as { items: object[]; next: string | null };
    if (items.length === 0) throw new Error('There are no users to copy: `npm start` fetches them, wait for its end.');
    shown += items.length;
    path = next === null ? first : `${first}&cursor=${encodeURIComponent(next)}`;
  }
  return shown;
};

/** Who was shown most, by the saved query: the `sub` of a token. */
const mostShown = async ({ settings, until }: DrillStack, since: number): Promise<string> => {
  const logs = new CloudWatchLogsClient(settings);
  let sub: string | undefined;
  await until(
    'The saved query readers-of-personal-data names somebody',
    async () => {
      const started = new StartQueryCommand({
        logGroupName: '/granary/local/users',
        queryString: QUERIES.unmaskedReaders.steps.join(' | '),
        startTime: Math.floor(since / 1000),
        endTime: Math.ceil(Date.now() / 1000),
      });
      const { queryId } = await logs.send(started);
      const { results = [] } = await logs.send(new GetQueryResultsCommand({ queryId }));
      sub = results[0]?.find(({ field }) => field === 'sub')?.value;
      return sub !== undefined;
    },
    60,
  );
  logs.destroy();
  return sub!;
};

export const leakedCredentials: Drill = {
  alarm: 'unmasked-share',
  breaks: "somebody copies users unmasked, with an analyst's password that leaked",
  async run(stack) {
    const { baseUrl, local, say } = stack;
    const begun = Date.now();
    const users = makeUsers(await findStage());
    const cognito = new CognitoIdentityProviderClient(stack.settings);
    const flow = async (AuthFlow: 'USER_PASSWORD_AUTH' | 'REFRESH_TOKEN_AUTH', parameters: Record<string, string>) => {
      const input = { ClientId: local.clientId, AuthFlow, AuthParameters: parameters };
      return (await cognito.send(new InitiateAuthCommand(input))).AuthenticationResult!;
    };
    const refused = async (what: string, call: Promise<unknown>) => {
      const said = await call.then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (said === undefined) throw new Error(`${what} was to be refused, and was not.`);
      say(`${what}: refused (${said})`);
    };
    try {
      if ((await users.list()).some(({ name }) => name === NAME)) await users.remove(NAME);
      const leaked = newPassword();
      await users.add({ name: NAME, groups: ['analysts'], password: newPassword() });
      await users.setPassword(NAME, leaked, true);
      const thief = await flow('USER_PASSWORD_AUTH', { USERNAME: NAME, PASSWORD: leaked });
      say(`Somebody signed in as ${NAME} was shown ${await copyUsers(baseUrl, thief.IdToken!)} users unmasked`);
      await stack.untilAlarm('unmasked-share', 'ALARM', begun);

      const sub = await mostShown(stack, begun);
      say(`Saved query readers-of-personal-data: most was shown to ${sub}`);
      const analysts = JSON.parse(await stack.byRunbook('unmasked-share', 'look')) as { name: string; sub: string }[];
      const found = analysts.find((one) => one.sub === sub)?.name;
      if (found !== NAME) throw new Error(`The list of users names ${found} for the sub ${sub}, not ${NAME}.`);
      await stack.byRunbook('unmasked-share', 'mend', { NAME: found });
      const mended = Date.now();
      await refused('A new sign-in', flow('USER_PASSWORD_AUTH', { USERNAME: NAME, PASSWORD: leaked }));
      await refused('A refresh', flow('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: thief.RefreshToken! }));
      const headers = { authorization: `Bearer ${thief.IdToken}` };
      const { status } = await fetch(`${baseUrl}/v1/users?limit=1`, { headers });
      const minutes = Math.ceil((claimsOf(thief.IdToken!).exp * 1000 - Date.now()) / 60_000);
      say(`The id token that is out already: answered ${status}, for ${minutes} more minutes`);

      const next = newPassword();
      await stack.byRunbook('unmasked-share', 'restore', { NAME }, `${next}\n`);
      await refused('The password that leaked', flow('USER_PASSWORD_AUTH', { USERNAME: NAME, PASSWORD: leaked }));
      await refused('A refresh token of before', flow('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: thief.RefreshToken! }));
      const place = { userPoolId: local.userPoolId, clientId: local.clientId, endpoint: local.awsEndpoint };
      const own = newPassword();
      const questions = { newPassword: async () => own, code: () => Promise.reject(new Error('It asked for a code.')) };
      await signIn({ place, username: NAME, password: next, questions });
      say(`${NAME} signed in with the new password, and changed it`);
      await stack.untilAlarm('unmasked-share', 'OK', mended);
    } finally {
      await users.remove(NAME).catch(() => undefined);
      users.close();
      cognito.destroy();
    }
  },
};
