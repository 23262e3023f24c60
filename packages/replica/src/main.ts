import { parseArgs } from 'node:util';
import { DEFAULT_VINTAGE, FIRST_VINTAGE, LAST_VINTAGE } from './embrapa/file-layouts.ts';
import { CONTENT_FAULTS, type FaultKind, PAGE_FAULTS, PORTAL_FAULTS, USER_FAULTS, WIRE_FAULTS } from './faults.ts';
import { startReplica } from './replica.ts';

const describeFaults = (faults: Readonly<Record<string, string>>): string =>
  Object.entries(faults)
    .map(([kind, what]) => `  ${kind.padEnd(24)}${what}`)
    .join('\n');

const HELP = `Serves a replica of the public sites that Granary collects from, on 127.0.0.1: Embrapa's files, the API of random users,
the files of a town's office, and an open-data portal of CKAN.

  node packages/replica/src/main.ts [options]

  --port N             port (default 4010; 0 takes any free port)
  --vintage YEAR       newest year of the files, ${FIRST_VINTAGE} to ${LAST_VINTAGE} (default ${DEFAULT_VINTAGE})
  --seed TEXT          seed of the figures and users (default granary)
  --series N           changes only the users (default 1)
  --latency MS         wait before each response
  --rate-limit N       answer 429 after N requests a minute; PATH=N limits a single path
  --fault PATH=KIND    add a fault to a path (* matches anything); KIND:N for the next N requests, KIND:10% for one in ten;
                       may be repeated
  --portal-size N      generate N datasets for the portal in the place of its sixty, each of one or two small files
  --help               show this text

Faults of the file:
${describeFaults(CONTENT_FAULTS)}
Faults of a page that people read:
${describeFaults(PAGE_FAULTS)}
Faults of a page of users:
${describeFaults(USER_FAULTS)}
Faults of a portal:
${describeFaults(PORTAL_FAULTS)}
Faults of the response:
${describeFaults(WIRE_FAULTS)}

While it runs, GET /__replica shows the vintage, the faults and the requests so far. PUT /__replica changes them, for example with
{"vintage": 2024}, {"revision": 1} (corrects the newest figures), {"faults": [{"path": "/download/Producao.csv", "kind": "500", "limit": 2}]} or, to break one call for users in ten,
{"faults": [{"path": "/api/v2/users", "kind": "cut", "rate": 0.1}], "rate_limit": {"path": "/api/*", "requests_per_minute": 75}}. Of the portal {"portal": {"edition": 2}} publishes the next edition,
{"portal": {"api": null}} switches its API off, {"portal": {"deleted_share": 0.25}} deletes every fourth dataset,
{"portal": {"robots": "User-agent: *\\nDisallow: /"}} is another robots.txt, and {"portal": {"size": 10000}} a larger one.
`;

/** `/download/Producao.csv=500:2`, `/api/v2/users=cut:10%` */
const faultOf = (text: string) => {
  const match = /^(.+)=([a-z0-9-]+)(?::(\d+)(%?))?$/.exec(text);
  if (!match) throw new RangeError(`A fault is written PATH=KIND, PATH=KIND:N or PATH=KIND:N%, not ${text}.`);
  const [, path, kind, often, percent] = match as unknown as string[];
  const when = often === undefined ? {} : percent ? { rate: Number(often) / 100 } : { limit: Number(often) };
  return { path, kind: kind as FaultKind, ...when };
};

/** `60`, `/api/*=75` */
const rateLimitOf = (text: string) => {
  const [number, path] = text.split('=').reverse() as [string, string?];
  return { requests_per_minute: numberOf('rate-limit', number), ...(path && { path }) };
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
      series: { type: 'string', default: '1' },
      latency: { type: 'string', default: '0' },
      'rate-limit': { type: 'string' },
      fault: { type: 'string', multiple: true, default: [] },
      'portal-size': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const limit = values['rate-limit'];
  const size = values['portal-size'];
  const replica = await startReplica({
    port: numberOf('port', values.port),
    vintage: numberOf('vintage', values.vintage),
    seed: values.seed,
    series: numberOf('series', values.series),
    latency_ms: numberOf('latency', values.latency),
    rate_limit: limit === undefined ? null : rateLimitOf(limit),
    faults: values.fault.map(faultOf),
    ...(size !== undefined && { portal: { size: numberOf('portal-size', size) } }),
  });
  const { embrapa, users, portal } = replica.bases;
  process.stdout.write(
    `Replica of Embrapa Vitibrasil at ${embrapa}, of random users at ${users}users, of a CKAN portal at ${portal}\n`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void replica.close());
};

main().catch((error: NodeJS.ErrnoException) => {
  const taken = error.code === 'EADDRINUSE' ? ' Choose another one with --port.' : '';
  process.stderr.write(`${error.message}${taken}\n`);
  process.exitCode = 1;
});
