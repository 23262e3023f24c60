/**
 * `npm run deploy -- --stage dev [--region eu-west-1]`: deploys every service in the order of serverless-compose.yml,
 * onto what an earlier deployment left. Needs AWS credentials, as the AWS CLI finds them, and nothing else
 * (docs/deploy.md).
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { environmentOf } from '@granary/admin/target';
import { type Account, openAccount } from './deploy/account.ts';
import { adoptRetained } from './deploy/adopt.ts';
import { adoptApi } from './deploy/adopt-api.ts';
import { commandOf } from './deploy/command.ts';
import { deleteStack } from './deploy/delete-stack.ts';
import { type Packaged, SLS, withPackages } from './deploy/package-service.ts';
import { readServices, type Service } from './deploy/services.ts';
import { verdictOf } from './deploy/stack-states.ts';
import { findStack } from './deploy/stacks.ts';
import { endLines, outputsOf } from './deploy/what-is-there.ts';

const USAGE = `npm run deploy -- --stage <stage> [--region <region>]

  --stage    a name of your choice, such as dev or prod (parameters: config/stages.yml)
  --region   default: GRANARY_REGION, AWS_REGION or AWS_DEFAULT_REGION, else us-east-1
  --new-key  continue although no key decrypts the stored secrets of users; those secrets are lost`;

const say = (line: string) => console.log(line);

/** Stacks that cannot be deployed to are told of, all of them; those that hold nothing are taken away. */
const clearWay = async (account: Account): Promise<void> => {
  const remove = `npm run remove -- --stage ${account.stage} --region ${account.region}`;
  const stops: string[] = [];
  const empty: string[] = [];
  for (const { stack } of readServices()) {
    const name = `${stack}-${account.stage}`;
    const found = await findStack(account, name);
    if (found === undefined) continue;
    const verdict = verdictOf({ name, status: found.StackStatus!, reason: found.StackStatusReason }, remove);
    if (verdict.kind === 'stop') stops.push(verdict.sentence);
    if (verdict.kind !== 'clear') continue;
    say(verdict.sentence);
    empty.push(name);
  }
  if (stops.length > 0) throw new Error(stops.join('\n'));
  for (const name of empty.reverse()) await deleteStack(account, name);
};

/** `sls deploy` of what was packaged. What it says, which is every path of the API, is shown when it fails. */
const deploy = async ({ folder, stack }: Service, account: Account, packaged: Packaged): Promise<void> => {
  const name = `${stack}-${account.stage}`;
  say(`Deploying ${name} …`);
  const begun = Date.now();
  await promisify(execFile)(process.execPath, [SLS, 'deploy', '--stage', account.stage, '--package', packaged.folder], {
    cwd: folder,
    env: environmentOf(account, process.env) as NodeJS.ProcessEnv,
    maxBuffer: 64 << 20,
  }).catch((error: Error & { stdout?: string; stderr?: string }) => {
    throw new Error(`${error.stdout ?? ''}${error.stderr ?? ''}\n${name} was not deployed.`, { cause: error });
  });
  say(`${name} is deployed (${Math.round((Date.now() - begun) / 1000)} s).`);
};

await commandOf({ usage: USAGE, options: { 'new-key': { type: 'boolean' } } }, async (target, values) => {
  const account = await openAccount(target);
  try {
    say(`Deploying the stage ${target.stage} to the account ${account.id}, ${target.region} …`);
    await clearWay(account);
    const options = { say, newKey: values['new-key'] === true };
    const services = readServices();
    say('Packaging the services …');
    await withPackages(services, account, async (packages) => {
      for (const service of services) {
        const packaged = packages.get(service.name)!;
        if (service.name === 'storage') await adoptRetained(account, service, packaged, options);
        if (service.name === 'api') await adoptApi(account, service, packaged, options);
      }
      for (const service of services) {
        await deploy(service, account, packages.get(service.name)!);
      }
    });
    for (const line of endLines(target, await outputsOf(account, services))) say(line);
    return 0;
  } finally {
    account.close();
  }
});
