const OPTIONS = ['fresh', 'port', 'live', 'collect', 'vintage', 'aws_only', 'watch', 'state'];

/**
 * npm writes a switch that is off as an empty variable: `--no-collect`, but also the `fresh=false` of a .npmrc, which
 * asks for nothing.
 */
const asksFor = (name: string, value: string | undefined): boolean => {
  const off = value === '' || value === 'false';
  return value !== undefined && (name === 'collect' ? off : !off);
};

/**
 * What to say of options of ours that npm took for its own because no `--` stood before them (`npm start --fresh`); npm
 * hands those on as variables. It is said and no more: the settings of a .npmrc come as the same variables, and whoever
 * has a `port` there must be able to start. Options that are in `args` too need no word.
 */
export const swallowedByNpm = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string | undefined => {
  const taken = OPTIONS.filter((name) => asksFor(name, env[`npm_config_${name}`]))
    .map((name) => (name === 'collect' ? '--no-collect' : `--${name.replace('_', '-')}`))
    .filter((option) => !args.some((arg) => arg === option || arg.startsWith(`${option}=`)));
  if (taken.length === 0) return undefined;
  const [first] = taken;
  const example = ['--port', '--vintage', '--state'].includes(first) ? `${first} …` : first;
  return `Not used: ${taken.join(', ')}. npm took it for its own, or has it in its settings; options of Granary go after \`--\`, as in npm start -- ${example}`;
};
