const OPTIONS = ['fresh', 'port', 'live', 'collect', 'vintage', 'aws_only', 'watch', 'state'];

/**
 * The options of ours that npm took for its own because no `--` stood before them (`npm start --fresh`); npm hands those on as
 * variables, and what it does with them is nothing. As they are written: `--fresh`.
 */
export const swallowedByNpm = (env: Readonly<Record<string, string | undefined>>): string[] =>
  OPTIONS.filter((name) => env[`npm_config_${name}`] !== undefined).map((name) =>
    name === 'collect' ? '--no-collect' : `--${name.replace('_', '-')}`,
  );
