/**
 * `npm run deploy -- --stage dev [--region us-east-1]`: deploys every service in the order of serverless-compose.yml.
 * Needs AWS credentials, as the AWS CLI finds them, and nothing else.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const USAGE = 'npm run deploy -- --stage <stage> [--region <region>]';

const options = (() => {
  try {
    return parseArgs({
      options: { stage: { type: 'string' }, region: { type: 'string' }, help: { type: 'boolean', default: false } },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    return process.exit(1);
  }
})();
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
if (!options.stage || !/^[a-z][a-z0-9]{0,15}$/.test(options.stage)) {
  console.error(`--stage takes a lower-case name such as dev or prod, not '${options.stage ?? ''}'.\n${USAGE}`);
  process.exit(1);
}
if (options.stage === 'local') {
  console.error("The stage 'local' is the embedded AWS of `npm start`; choose another name to deploy, such as dev.");
  process.exit(1);
}
const region = options.region ? ['--region', options.region] : [];
const child = spawn('node_modules/.bin/osls-compose', ['deploy', '--stage', options.stage, ...region], {
  stdio: 'inherit',
});
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
