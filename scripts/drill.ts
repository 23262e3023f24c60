/**
 * `npm run drill -- <name>`: breaks the running local stack on purpose, waits for the alarm, mends it by the runbook's
 * own commands.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readLocalStack, STATE_VARIABLE, stateDir } from '@granary/local/state';
import { DRILLS } from './drill/drills.ts';
import { openStack } from './drill/stack.ts';

const list = Object.entries(DRILLS)
  .map(([name, { alarm, checks, breaks }]) => {
    const seen = alarm ? `alarm ${alarm}` : ['no alarm', ...(checks ? [checks] : [])].join(': ');
    return `  ${name.padEnd(18)} ${breaks}; ${seen}`;
  })
  .join('\n');
const HELP = `Breaks the running local stack on purpose, waits until the alarm is red, repairs it with the commands of docs/runbook.md, and waits until
the alarm is green. Start the stack with \`GRANARY_ALARM_SPEED=30 npm start\`; otherwise alarms take as long as in the cloud.

  npm run drill -- <name> … | all   [--state .granary]

${list}`;

const fail = (message: string, code: number): never => {
  console.error(message);
  process.exit(code);
};
const { values, positionals } = (() => {
  try {
    const options = { state: { type: 'string' }, help: { type: 'boolean', default: false } } as const;
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${HELP}`, 2);
  }
})();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const names = positionals.includes('all') ? Object.keys(DRILLS) : positionals;
const unknown = names.find((name) => !Object.hasOwn(DRILLS, name));
if (names.length === 0 || unknown !== undefined)
  fail(`${unknown === undefined ? 'Which drill?' : `There is no drill '${unknown}'.`}\n\n${HELP}`, 2);
if (values.state) process.env[STATE_VARIABLE] = resolve(values.state);
const local = readLocalStack(stateDir());
if (!local?.running)
  fail('No local stack is running. Start it with `GRANARY_ALARM_SPEED=30 npm start`, in another terminal.', 1);

const begun = performance.now();
const say = (line: string) => console.log(`[${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s] ${line}`);
const stack = openStack(local!, say);
for (const name of names) {
  const { breaks, run } = DRILLS[name]!;
  say(`Drill ${name}: ${breaks}`);
  try {
    await run(stack);
    say(`Drill ${name}: done`);
  } catch (error) {
    await stack.breakSource().catch(() => undefined);
    fail(`Drill ${name} failed: ${(error as Error).message}`, 1);
  }
}
process.exit(0);
