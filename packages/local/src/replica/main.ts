import { parseArgs } from 'node:util';
import { DEFAULT_VINTAGE, FIRST_VINTAGE, LAST_VINTAGE } from './embrapa/layout.ts';
import { CONTENT_FAULTS, type FaultKind, WIRE_FAULTS } from './faults.ts';
import { startReplica } from './replica.ts';

const describeFaults = (faults: Readonly<Record<string, string>>): string =>
  Object.entries(faults)
    .map(([kind, what]) => `  ${kind.padEnd(18)}${what}`)
    .join('\n');

const HELP = `Serves a replica of the public sites that Granary collects from, on 127.0.0.1.

  node packages/local/src/replica/main.ts [options]

  --port N             port (default 4010; 0 takes any free one)
  --vintage YEAR       newest year of the files, ${FIRST_VINTAGE} to ${LAST_VINTAGE} (default ${DEFAULT_VINTAGE})
  --seed TEXT          another seed gives other figures (default granary)
  --latency MS         waits before each answer
  --rate-limit N       answers 429 after N requests a minute
  --fault PATH=KIND    a fault for a path (* stands for anything); KIND:N for the next N requests; may be repeated
  --help

Faults of the file:
${describeFaults(CONTENT_FAULTS)}
Faults of the answer:
${describeFaults(WIRE_FAULTS)}

While it runs: GET /__replica shows vintage, faults and the requests so far; PUT /__replica changes them, such as
{"vintage": 2024} or {"faults": [{"path": "/download/Producao.csv", "kind": "500", "limit": 2}]}.
`;

/** `/download/Producao.csv=500:2` */
const faultOf = (text: string) => {
  const match = /^(.+)=([a-z0-9-]+)(?::(\d+))?$/.exec(text);
  if (!match) throw new RangeError(`A fault is written PATH=KIND or PATH=KIND:N, not ${text}.`);
  return { path: match[1], kind: match[2] as FaultKind, ...(match[3] ? { limit: Number(match[3]) } : {}) };
};

const numberOf = (name: string, text: string): number => {
  if (!/^\d+$/.test(text)) throw new RangeError(`--${name} takes a number, not ${text}.`);
  return Number(text);
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4010' },
      vintage: { type: 'string', default: String(DEFAULT_VINTAGE) },
      seed: { type: 'string', default: 'granary' },
      latency: { type: 'string', default: '0' },
      'rate-limit': { type: 'string' },
      fault: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const limit = values['rate-limit'];
  const replica = await startReplica({
    port: numberOf('port', values.port),
    vintage: numberOf('vintage', values.vintage),
    seed: values.seed,
    latency_ms: numberOf('latency', values.latency),
    rate_limit: limit === undefined ? null : { requests_per_minute: numberOf('rate-limit', limit), retry_after_s: 1 },
    faults: values.fault.map(faultOf),
  });
  process.stdout.write(`Replica of Embrapa Vitibrasil at ${replica.bases.embrapa}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void replica.close());
};

main().catch((error: NodeJS.ErrnoException) => {
  const taken = error.code === 'EADDRINUSE' ? ' Choose another one with --port.' : '';
  process.stderr.write(`${error.message}${taken}\n`);
  process.exitCode = 1;
});
