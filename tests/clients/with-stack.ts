/**
 * `node scripts/bootstrap.mjs tests/clients/with-stack.ts <command> [arguments]`: starts a stack of its own that has
 * collected twice, runs the command with the stack's address, a token and some ids in its environment (as docs/api.md
 * has them), stops the stack, and ends as the command did.
 */
import { spawn } from 'node:child_process';
import { endedRun, listRuns, planNow, setReplica } from '../e2e/collecting.ts';
import { everyGroup } from '../e2e/every-group.ts';
import { dropState, newState, type Stack, startStack } from '../e2e/stack.ts';

const [command, ...args] = process.argv.slice(2);
if (!command) throw new Error('Say which command is to be run with a stack.');

/** What the calls of docs/api.md take from their surroundings. */
const surroundings = async (stack: Stack): Promise<Record<string, string>> => {
  const first = async (path: string) => String((await stack.json(`${path}?limit=1`)).items[0].id);
  const GRANARY = stack.address;
  const TOKEN = await stack.token('operator');
  const query = await fetch(`${GRANARY}/v1/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sql: 'SELECT product, year FROM embrapa_producao' }),
  });
  const { id: QUERY_ID } = (await query.json()) as { id: string };
  return { GRANARY, TOKEN, QUERY_ID, RUN_ID: await first('/v1/runs'), USER_ID: await first('/v1/users') };
};

const state = newState();
let stack: Stack | undefined;
try {
  stack = await startStack({ state, timeout_ms: 150_000 });
  await everyGroup(stack, 'operator');
  await endedRun(stack);
  // A year later: only what was published twice can be compared.
  const [before] = await listRuns(stack);
  await setReplica(stack, { vintage: 2024 });
  await planNow(stack);
  await endedRun(stack, before);
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...(await surroundings(stack)) } });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
} finally {
  await stack?.stop();
  dropState(state);
}
