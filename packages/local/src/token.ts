/**
 * Prints an id token of a demo user of the running stack, for curl:
 *
 *   curl -H "Authorization: Bearer $(node scripts/bootstrap.mjs packages/local/src/token.ts reader)" http://localhost:4000/producaoCSV
 */
import { DEMO_USERS, type DemoUserName } from './provision/demo-users.ts';
import { makeSignIn } from './sign-in.ts';
import { readLocalStack } from './state.ts';

const HELP = `Prints the id token of a demo user of the running stack.

  node scripts/bootstrap.mjs packages/local/src/token.ts [${DEMO_USERS.join('|')}]

Without a name it is the reader's. GRANARY_STATE names the folder of the state when the start had --state DIR.
`;

const main = async (name = 'reader'): Promise<void> => {
  if (name === '--help' || name === '-h') {
    process.stdout.write(HELP);
    return;
  }
  if (!DEMO_USERS.includes(name as DemoUserName))
    throw new Error(`There is no demo user '${name}'; there are ${DEMO_USERS.join(', ')}.`);
  const stack = readLocalStack();
  if (!stack?.running) throw new Error('Granary is not running on this machine; start it with `npm start`.');
  const { awsEndpoint, clientId, users } = stack;
  process.stdout.write(await makeSignIn({ awsEndpoint, clientId, ...users[name as DemoUserName] })());
};

main(process.argv[2]).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
