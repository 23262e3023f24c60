/**
 * Prints an id token, for curl and scripts:
 *
 *   curl -H "Authorization: Bearer $(npm run -s token -- reader)" http://localhost:4000/producaoCSV
 */
import { readLocalStack } from '@granary/local/state';
import { parse, refuseSwallowed, runCommand, UsageError } from './arguments.ts';
import { askNewPassword, makeQuestions } from './questions.ts';
import { type SignInPlace, signIn } from './sign-in.ts';
import { findStage } from './stage.ts';

const HELP = `Signs a user in and prints the id token, which is valid for an hour.

  npm run -s token -- [USER] [--stage STAGE] [--region REGION] [--set-up-authenticator]

  USER             in the local stage: reader (the default), analyst or operator, whose passwords \`npm start\` made;
                   required for a deployed stage
  --stage STAGE    a deployed stage, such as prod, or local (the default) for \`npm start\`
  --region REGION  default: GRANARY_REGION, AWS_REGION or AWS_DEFAULT_REGION, else us-east-1
  --set-up-authenticator
                   shows the key of a second factor for the user's authenticator app (TOTP), asks for the code that the app then shows,
                   and from then on every sign-in asks for such a code. Replaces an app that was set up before
  --pool ID --client ID
                   a user pool and its client, as \`npm run deploy\` prints them, instead of a stage. Needs no AWS credentials

It asks for the password on the terminal; without a terminal, the password is the first line of standard input. The next lines answer what
Cognito asks next (a new password at the first sign-in, the code of an authenticator app). The password is never sent (SRP). Neither the
password nor a refresh token is stored. If \`npm start\` ran with --state DIR, set GRANARY_STATE to that folder.`;

type Values = { stage?: string; region?: string; pool?: string; client?: string };

const placeOf = async ({ stage, region, pool, client }: Values): Promise<SignInPlace & { name: string }> => {
  if (pool === undefined && client === undefined) {
    const found = await findStage({ ...(stage !== undefined && { stage }), ...(region !== undefined && { region }) });
    const { name, userPoolId, clientId, endpoint } = found;
    return { name, userPoolId, clientId, ...(endpoint !== undefined && { endpoint }) };
  }
  if (stage !== undefined || pool === undefined || client === undefined) {
    throw new UsageError('--pool and --client are given together, and without --stage.');
  }
  if (!/^[\w-]+_[0-9a-zA-Z]+$/.test(pool))
    throw new UsageError(`'${pool}' is no id of a user pool; they are like eu-west-1_AbCdEfGhI.`);
  const endpoint = process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER || process.env.AWS_ENDPOINT_URL;
  return { name: pool, userPoolId: pool, clientId: client, ...(endpoint && { endpoint }) };
};

/** What `npm start` made, and wrote into local.json. */
const demoPassword = (user: string): string | undefined => {
  const users: Record<string, { password: string }> = readLocalStack()?.users ?? {};
  return Object.hasOwn(users, user) ? users[user]!.password : undefined;
};

/** On standard error, since standard output is for the token. The address is what apps read from a QR code. */
const authenticatorLines = (secret: string, username: string, stage: string): string[] => {
  const [issuer, account] = [`Granary ${stage}`, username].map(encodeURIComponent);
  return [
    `Add Granary to the authenticator app of ${username}. Its key, shown only now: ${secret.replace(/.{4}(?=.)/g, '$& ')}`,
    `For apps that take an address: otpauth://totp/${issuer}:${account}?secret=${secret}&issuer=${issuer}`,
  ];
};

const main = async (args: readonly string[]): Promise<void> => {
  refuseSwallowed(args, '-s token', process.env);
  const { values, positionals } = parse(args, {
    stage: { type: 'string' },
    region: { type: 'string' },
    pool: { type: 'string' },
    client: { type: 'string' },
    'set-up-authenticator': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return;
  }
  if (positionals.length > 1)
    throw new UsageError('One user at a time; a password is never given on the command line.');
  const { help: _, 'set-up-authenticator': setUp = false, ...where } = values;
  const place = await placeOf(where);
  const [username = place.name === 'local' ? 'reader' : undefined] = positionals;
  if (username === undefined) throw new UsageError(`Who signs in? npm run -s token -- NAME --stage ${place.name}`);
  const questions = makeQuestions();
  const authenticator = (secret: string): Promise<string> => {
    for (const line of authenticatorLines(secret, username, place.name)) process.stderr.write(`${line}\n`);
    return questions.line('Code that the app shows now');
  };
  const known = place.name === 'local' ? demoPassword(username) : undefined;
  const { idToken } = await signIn({
    place,
    username,
    password: known ?? (await questions.secret(`Password of ${username}`)),
    questions: {
      newPassword: () => askNewPassword(questions, `The password was temporary. New password of ${username}`),
      code: () => questions.line('Code of the authenticator app'),
    },
    ...(setUp && { authenticator }),
  });
  if (setUp) process.stderr.write('The app is set up: every sign-in asks for its code from now on.\n');
  process.stdout.write(process.stdout.isTTY ? `${idToken}\n` : idToken);
};

await runCommand(() => main(process.argv.slice(2)), 'See --help.');
process.stdin.unref?.();
