import { parseArgs } from 'node:util';
import { DEFAULT_VINTAGE } from '@granary/replica/embrapa/file-layouts';
import { LARGEST_PORT } from './ports.ts';

export type StartOptions = {
  fresh: boolean;
  /** Port of the gateway; the others are counted from it (ports.ts). */
  port: number;
  live: boolean;
  collect: boolean;
  vintage: number | undefined;
  awsOnly: boolean;
  watch: boolean;
  tracing: boolean;
  state: string | undefined;
  help: boolean;
};

export const HELP = `Runs all of Granary on this machine: an embedded AWS, a replica of the public sources, ingestion and API.

  npm start -- [options]

  --port N         port of the API and the status page, http://localhost:N (default 4000; the other parts take ports near it)
  --fresh          delete all state of earlier starts
  --no-collect     do not collect at the start; the schedules still run
  --vintage YEAR   newest year that the replica publishes (default ${DEFAULT_VINTAGE}, or that of the last start); a later year
                   makes new versions
  --live           collect from the real public sites instead of the replica
  --aws-only       start only the embedded AWS, to run \`sls offline\` by hand
  --watch          rebuild and reload when the code changes
  --tracing        trace every call by X-Ray, for \`npm run trace -- <id>\`; functions start about 30 ms later
  --state DIR      folder of the state (default .granary in the clone)
  --help           show this text

To get the id token of a demo user of the running stack (reader, analyst or operator) for curl:

  npm run -s token -- reader

Environment variables:
  GRANARY_<ID>_URL           replaces the address of a source; the value none leaves the source out
  GRANARY_USERS_PER_MINUTE   limit of calls to the users' API (default 75, the limit of the replica)
  GRANARY_ALARM_SPEED=30     makes alarm periods thirty times shorter, for drills
  AWS_ENDPOINT_URL           an AWS endpoint to use instead of the embedded AWS
`;

const numberIn = (name: string, text: string, from: number, to: number): number => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= from && number <= to) return number;
  throw new RangeError(`--${name} takes a number from ${from} to ${to}, not '${text}'.`);
};

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      fresh: { type: 'boolean', default: false },
      port: { type: 'string', default: '4000' },
      live: { type: 'boolean', default: false },
      'no-collect': { type: 'boolean', default: false },
      vintage: { type: 'string' },
      'aws-only': { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      tracing: { type: 'boolean', default: false },
      state: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;

/**
 * Reads the arguments of `npm start`. Throws a RangeError whose message names the argument at fault and lists the known
 * ones.
 */
export const parseOptions = (args: readonly string[]): StartOptions => {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('. ');
    const stray = reason.startsWith('Unexpected argument')
      ? ' Options go after `--`, as in npm start -- --port 5000.'
      : '';
    throw new RangeError(`${reason}.${stray}\n\n${HELP}`);
  }
  if (values.live && values.vintage) {
    throw new RangeError('--vintage is about the replica and --live does without it: give one of them.');
  }
  return {
    fresh: values.fresh,
    port: numberIn('port', values.port, 1024, LARGEST_PORT),
    live: values.live,
    collect: !values['no-collect'],
    vintage: values.vintage === undefined ? undefined : numberIn('vintage', values.vintage, 1970, 2100),
    awsOnly: values['aws-only'],
    watch: values.watch,
    tracing: values.tracing,
    state: values.state,
    help: values.help,
  };
};
