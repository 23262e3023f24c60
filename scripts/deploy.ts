/**
 * `npm run deploy -- --stage dev [--region eu-west-1]`: deploys every service in the order of serverless-compose.yml.
 * Needs AWS credentials, as the AWS CLI finds them, and nothing else.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { environmentOf, type Target, targetOf } from './deploy/target.ts';

const USAGE = `npm run deploy -- --stage <stage> [--region <region>]

  --stage    a name of your own, such as dev or prod (parameters: config/stages.yml)
  --region   where to; else GRANARY_REGION, AWS_REGION or AWS_DEFAULT_REGION, else us-east-1`;

const wanted = (): Target => {
  try {
    const { values } = parseArgs({
      options: { stage: { type: 'string' }, region: { type: 'string' }, help: { type: 'boolean', default: false } },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return targetOf(values, process.env);
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(1);
  }
};

const target = wanted();
console.log(`Deploying the stage ${target.stage} to ${target.region} …`);
const child = spawn('node_modules/.bin/osls-compose', ['deploy', '--stage', target.stage], {
  stdio: 'inherit',
  env: environmentOf(target, process.env),
});
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
