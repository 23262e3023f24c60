#!/usr/bin/env node
/** `npm run admin -- users …`: what an administrator of a stage does (docs/deploy.md: First operator). */
import { parse, refuseSwallowed, runCommand, UsageError } from './arguments.ts';
import { makeQuestions } from './questions.ts';
import { findStage } from './stage.ts';
import { makeUsers } from './users.ts';
import { USERS_HELP, USERS_OPTIONS, understandUsers } from './users-command.ts';

export const HELP = `granary-admin: ${USERS_HELP}

  --stage STAGE    a deployed stage, such as prod, found by its CloudFormation stack, or local (the default) for \`npm start\`
  --region REGION  default: GRANARY_REGION, AWS_REGION or AWS_DEFAULT_REGION, else us-east-1
  --json           print the result as JSON
  --help           show this text

In the clone: npm run admin -- users list --stage prod
A deployed stage needs AWS credentials, found as the AWS CLI finds them (AWS_PROFILE, aws sso login). Passwords are typed on the
terminal; without a terminal they are read from standard input, one a line. They are never arguments.`;

export const main = async (args: readonly string[]): Promise<void> => {
  refuseSwallowed(args, 'admin', process.env);
  const { values, positionals } = parse(args, {
    ...USERS_OPTIONS,
    stage: { type: 'string' },
    region: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  const { stage: stageName, region, json, help, ...own } = values;
  const [area, ...rest] = positionals;
  if (help || (args.length === 0 && area === undefined)) {
    process.stdout.write(`${HELP}\n`);
    return;
  }
  if (area !== 'users')
    throw new UsageError(area ? `There is no '${area}' here, only users.` : 'What about? There is users.');
  const command = understandUsers(rest, own);
  const stage = await findStage({
    ...(stageName !== undefined && { stage: stageName }),
    ...(region !== undefined && { region }),
  });
  const users = makeUsers(stage);
  try {
    const { lines, value } = await command(users, makeQuestions());
    process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${lines.join('\n')}\n`);
  } finally {
    users.close();
  }
};

await runCommand(() => main(process.argv.slice(2)), 'See --help.');
// A pipe that nobody closes (of a test, of CI) must not keep it.
process.stdin.unref?.();
