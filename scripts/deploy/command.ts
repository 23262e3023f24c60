import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Target, targetOf } from '@granary/admin/target';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values = Readonly<Record<string, string | boolean | undefined>>;

/** npm keeps options that stand before its `--` for itself, and hands them on as variables. */
const swallowed = (names: readonly string[], values: Values): string | undefined =>
  names.find((name) => {
    const value = process.env[`npm_config_${name.replaceAll('-', '_')}`];
    return values[name] === undefined && value !== undefined && value !== '';
  });

/**
 * Runs a command that acts on a stage, with its options and `--help`. Errors are for people; the exit code says which
 * it was.
 */
export const commandOf = async (
  { usage, options }: { usage: string; options: Options },
  run: (target: Target, values: Values) => Promise<number>,
): Promise<void> => {
  const all: Options = {
    stage: { type: 'string' },
    region: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
    ...options,
  };
  let target: Target;
  let values: Values;
  try {
    values = parseArgs({ options: all }).values as Values;
    if (values.help) {
      console.log(usage);
      return;
    }
    const taken = swallowed(Object.keys(all), values);
    if (taken)
      throw new Error(
        `npm took --${taken} for its own: Granary's options go after \`--\`, as in ${usage.split('\n')[0]}`,
      );
    target = targetOf(values as { stage?: string; region?: string }, process.env);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exitCode = 2;
    return;
  }
  try {
    process.exitCode = await run(target, values);
  } catch (error) {
    console.error(sentenceOf(error as Error));
    process.exitCode = 1;
  }
};

/** Of AWS: what was called and who refused it are in its own words. Of a mistake of ours: where it is. */
const sentenceOf = (error: Error & { $metadata?: unknown }): string =>
  error.$metadata !== undefined
    ? `AWS refused: ${error.name}: ${error.message}`
    : error.constructor === Error
      ? error.message
      : (error.stack ?? String(error));
