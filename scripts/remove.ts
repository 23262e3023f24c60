/**
 * `npm run remove -- --stage dev [--region eu-west-1] [--delete-data]`: takes the stage's stacks away, the last
 * deployed first. It says before what goes and what stays, and asks (docs/deploy.md: Removal).
 */
import { openAccount } from './deploy/account.ts';
import { typed } from './deploy/ask.ts';
import { commandOf } from './deploy/command.ts';
import { deleteData } from './deploy/delete-data.ts';
import { deleteStack } from './deploy/delete-stack.ts';
import { isData, planLines, planRemoval } from './deploy/removal-plan.ts';
import { readServices } from './deploy/services.ts';

const USAGE = `npm run remove -- --stage <stage> [--region <region>] [--delete-data] [--yes]

  --stage        the stage whose stacks are deleted; resources that hold data stay
  --region       default: GRANARY_REGION, AWS_REGION or AWS_DEFAULT_REGION, else us-east-1
  --delete-data  also delete the data: bucket, tables, accounts, and in 30 days the key. Asks a second time
  --yes          ask nothing, for scripts`;

const say = (line: string) => console.log(line);
const options = { 'delete-data': { type: 'boolean' }, yes: { type: 'boolean' } } as const;

await commandOf({ usage: USAGE, options }, async (target, values) => {
  const account = await openAccount(target);
  try {
    const wipe = values['delete-data'] === true;
    const { stage, region } = target;
    const plan = await planRemoval(account, readServices());
    const data = plan.staying.filter(({ type }) => isData(type));
    say(`The stage ${stage} in the account ${account.id}, ${region}`);
    for (const line of planLines(plan, wipe)) say(line);
    if (plan.going.length === 0 && (!wipe || data.length === 0)) return 0;

    const protectedStacks = plan.going.filter((one) => one.protected).map(({ stack }) => stack);
    if (protectedStacks.length > 0) {
      throw new Error(
        `Nothing was done. Protected against termination: ${protectedStacks.join(', ')}. Take that off first: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name …`,
      );
    }
    const kept = data.filter((one) => one.protected).map(({ name }) => name);
    if (wipe && kept.length > 0) {
      throw new Error(
        `Nothing was done. Protected against deletion: ${kept.join(', ')}. Take that off first: set deletionProtection: false and userPoolProtection: INACTIVE for ${stage} in config/stages.yml, and npm run deploy -- --stage ${stage} --region ${region}`,
      );
    }
    const agreed = async (question: string, words: string): Promise<boolean> =>
      values.yes === true || typed(`${question} Type '${words}' to go on:`, words);
    const refused = process.stdin.isTTY
      ? 'Nothing was done.'
      : 'Nothing was done: there is no terminal to ask on. --yes asks nothing.';
    if (!(await agreed('Everything above that goes is taken away.', stage))) throw new Error(refused);
    const words = `delete ${stage}`;
    if (wipe && !(await agreed('The data is deleted and cannot be had back.', words))) throw new Error(refused);

    for (const { stack, resources } of plan.going) {
      say(`Taking away ${stack} (${resources} resources) …`);
      await deleteStack(account, stack);
    }
    if (wipe) {
      say('Deleting the data …');
      await deleteData(account, data, say);
    }
    say(
      wipe
        ? `Nothing is left of the stage ${stage} but what is said above to stay.`
        : `The stage ${stage} is taken away. Its data stays; npm run deploy -- --stage ${stage} --region ${region} takes it over.`,
    );
    return 0;
  } finally {
    account.close();
  }
});
