/**
 * `node scripts/bootstrap.mjs tests/ministack/main.ts [--port N] [--region R]`: the emulator of AWS that verify:deploy
 * uses, until Ctrl-C. Prints what a shell needs to deploy to it, as its account's root.
 */
import { parseArgs } from 'node:util';
import { startMinistack } from './ministack.ts';

const USAGE = 'node scripts/bootstrap.mjs tests/ministack/main.ts [--port N] [--region R]';

const { values } = parseArgs({
  options: { port: { type: 'string' }, region: { type: 'string' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
if (values.port !== undefined && !/^[1-9]\d{0,4}$/.test(values.port)) {
  console.error(`--port takes a port, such as 4566, not '${values.port}'.\n${USAGE}`);
  process.exit(1);
}
const ministack = await startMinistack({
  ...(values.port && { port: Number(values.port) }),
  ...(values.region && { region: values.region }),
});
console.log(`ministack listens on ${ministack.endpoint}; it writes ${ministack.log}. Ctrl-C ends it and all it holds.`);
for (const [name, value] of Object.entries(ministack.env)) console.log(`export ${name}=${value}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => ministack.stop().then(() => process.exit(0)));
setInterval(() => {}, 1 << 30);
