import { inspect, type ParseArgsConfig, parseArgs } from 'node:util';
import { UserError } from './user-error.ts';

/** A command line that cannot be understood: exit code 2, and where to read more. */
export class UsageError extends UserError {}

/** parseArgs, with the reason of a refusal in one sentence. */
export const parse = <T extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: T) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('. ');
    throw new UsageError(`${reason.replace(/\.?$/, '.')}`);
  }
};

/**
 * npm takes options for its own when no `--` stands before them, and hands them on as variables. A command that then
 * acted on another stage than was named would do harm, so it does nothing.
 */
export const refuseSwallowed = (args: readonly string[], script: string, env: NodeJS.ProcessEnv): void => {
  const taken = ['stage', 'region'].filter(
    (name) => env[`npm_config_${name}`] && !args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`)),
  );
  if (taken.length === 0) return;
  throw new UsageError(
    `npm took ${taken.map((name) => `--${name}`).join(' and ')} for its own, so nothing was done: options go after \`--\`, ` +
      `as in npm run ${script} -- … --${taken[0]} ${env[`npm_config_${taken[0]}`]}`,
  );
};

/**
 * Runs a command of the terminal: its errors are sentences on standard error, and its exit code says whose fault it
 * was.
 */
export const runCommand = async (main: () => Promise<void>, help: string): Promise<void> => {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error instanceof UserError ? error.message : inspect(error)}\n`);
    if (error instanceof UsageError) process.stderr.write(`${help}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
};
