/** `npx granary …` and `npm run granary -- …`: from the address of a file to a dataset, and what there is. */

import type { ParseArgsConfig } from 'node:util';
import { parse, runCommand, UsageError } from '@granary/admin/arguments';
import { say } from './output.ts';
import { STACK_HELP, STACK_OPTIONS } from './stack-options.ts';
import { FORMATS } from './write-table.ts';

// biome-ignore lint/suspicious/noExplicitAny: what parseArgs gives depends on the options of each command.
type Run = (targets: readonly string[], values: any) => Promise<void>;
type Command = {
  usage: string;
  help: string;
  options: NonNullable<ParseArgsConfig['options']>;
  /** Loaded when it is called: most need little of what the others need. */
  load: () => Promise<Run>;
};

const STACK = { ...STACK_OPTIONS, json: { type: 'boolean' } } as const;

const COMMANDS: Readonly<Record<string, Command>> = {
  inspect: {
    usage: 'inspect FILE|DIR|URL…',
    help: `Reads files as collecting would: CSV of any dialect, workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods), JSON, NDJSON, GeoJSON, Parquet,
pages of HTML, and gzip data and ZIP archives of these. It prints the tables of each, their columns and types, what is uncertain, and
which rows would be quarantined and why. Nothing is published, and no stack is needed. Of a directory, or of several files, it prints one
line a file.

  --out DIR        write each table: <file>.csv, those after the first as <file>.2.csv, …
  --format FORMAT  ${FORMATS.join(', ')} (default: csv). Parquet has the columns line and processing_date too
  --details        print everything of each file, however many there are
  --json           print everything as JSON

Exit code: 0 when every file was read, 1 when one was refused or could not be opened, 2 for a command that makes no sense.

  npx granary inspect rain.csv
  npx granary inspect https://example.org/figures.xlsx --json
  npx granary inspect ~/Downloads --out tables --format ndjson`,
    options: {
      out: { type: 'string' },
      format: { type: 'string' },
      details: { type: 'boolean' },
      json: { type: 'boolean' },
    },
    load: async () => (await import('./inspect-command.ts')).inspect,
  },
  add: {
    usage: 'add URL',
    help: `Shows what the file at an address would become: its tables, their columns and why they have their types, the first rows, and which rows
would be quarantined. Then it asks, saves the source on the stack, collects it, waits, and prints how to read its rows.

  --id ID          the id of the source; its datasets' ids begin with it
  --yes            do not ask
  --write          write packages/sources/src/sources/<id>.yml instead of saving it on a stack; no stack is needed
  --json           print everything as JSON; without --yes or --write nothing is saved
${STACK_HELP}

Exit code: 0 when it was saved and collected, or was not wanted; 1 when it was refused or failed; 2 for a command that makes no sense.

  npx granary add https://example.org/rain.csv
  npx granary add https://example.org/figures.xlsx --id figures --yes
  npx granary add https://example.org/rain.csv --write`,
    options: { ...STACK, id: { type: 'string' }, yes: { type: 'boolean' }, write: { type: 'boolean' } },
    load: async () => (await import('./add.ts')).add,
  },
  sources: {
    usage: 'sources',
    help: `Lists the sources of a stack.

  --json           print them as JSON
${STACK_HELP}

  npx granary sources
  npx granary sources --stage dev`,
    options: STACK,
    load: async () => (await import('./commands.ts')).sources,
  },
  collect: {
    usage: 'collect ID',
    help: `Collects a source now, and waits until that has ended.

  --json           print the run as JSON
${STACK_HELP}

Exit code: 0 when all of it succeeded, 1 when something failed.

  npx granary collect rain`,
    options: STACK,
    load: async () => (await import('./commands.ts')).collect,
  },
  datasets: {
    usage: 'datasets',
    help: `Lists the datasets of a stack: version, rows, rows in quarantine.

  --json           print them as JSON
${STACK_HELP}

  npx granary datasets`,
    options: STACK,
    load: async () => (await import('./commands.ts')).datasets,
  },
  rows: {
    usage: "rows ID ['FILTER']",
    help: `Prints the rows of a dataset, all of them or those of a filter in PostgREST's language (docs/query.md).

  --format FORMAT  csv (the default), json or ndjson; --json is --format json
${STACK_HELP}

  npx granary rows rain_data
  npx granary rows rain_data 'station=eq.Faro&order=day.desc&limit=10'
  npx granary rows rain_data 'select=station,level.max()' --format json`,
    options: { ...STACK, format: { type: 'string' } },
    load: async () => (await import('./commands.ts')).rows,
  },
};

const USAGE = Object.values(COMMANDS).map(
  ({ usage, help }) => `  granary ${usage.padEnd(24)} ${help.slice(0, help.search(/ \(|[.:]/))}`,
);

export const HELP = `granary COMMAND [options]

${USAGE.join('\n')}

\`granary COMMAND --help\` has the options of each, with examples.

  npx granary inspect rain.csv
  npx granary add https://example.org/rain.csv
  npx granary rows rain_data 'limit=10'`;

export const main = async (args: readonly string[]): Promise<void> => {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h') return say(HELP);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name]! : undefined;
  if (!command) throw new UsageError(`There is no command '${name}', only ${Object.keys(COMMANDS).join(', ')}.`);
  const { values, positionals } = parse(rest, { ...command.options, help: { type: 'boolean', short: 'h' } });
  if (values.help) return say(`granary ${command.usage} [options]\n\n${command.help}`);
  const run = await command.load();
  await run(positionals, values);
};

if (import.meta.main) {
  await runCommand(() => main(process.argv.slice(2)), 'See --help.');
  // A question that was asked leaves the terminal open.
  process.stdin.unref?.();
}
