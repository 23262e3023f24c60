import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Run } from '@granary/domain/run';
import { writeAtomically } from '@granary/embedded-aws/atomic-json-store';
import type { StartOptions } from './options.ts';
import { Sentence } from './sentences.ts';

export type Sources = {
  /** For people: what is collected from. */
  name: string;
  /** Whom a run of each kind waits for. */
  hosts: Readonly<Record<Run['kind'], string>>;
  /** What tells ingestion where to read. */
  env: Record<string, string | undefined>;
  close(): Promise<void>;
};

const VARIABLES = { embrapa: 'GRANARY_EMBRAPA_URL', users: 'GRANARY_USERS_URL' } as const;
type SourceName = keyof typeof VARIABLES;
const NAMES = Object.keys(VARIABLES) as SourceName[];

/** What the real API of users takes, so that the limit is met here as it is there. */
const USERS_LIMIT = { requests_per_minute: 75, path: '/api/v2/users' };

type Kept = { vintage?: number; series?: number };

/**
 * The vintage of an earlier start stays, or a plain start would take back the year that `--vintage` had published. The users are
 * others at each start, or a second one would bring those again that are there.
 */
const chooseEdition = (wanted: number | undefined, state: string): Kept & { series: number } => {
  const path = join(state, 'replica.json');
  const before: Kept = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const edition = { vintage: wanted ?? before.vintage, series: (before.series ?? 0) + 1 };
  writeAtomically(path, JSON.stringify(edition));
  return edition;
};

const configuredAddress = (variable: string, text: string | undefined): string | undefined => {
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.username || url?.password || (!url?.host && text.includes('@')))
    throw new Sentence(`${variable} must be an http(s) address without a user name or password.`);
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new Sentence(`${variable} must be an http(s) address, not '${text}'.`);
  return text;
};

/**
 * The addresses that the operator configured, if any. Throws a Sentence when one is none, or when GRANARY_USERS_PER_MINUTE is no
 * number; an address with a password is not repeated.
 */
export const configuredSources = (env: NodeJS.ProcessEnv = process.env): Partial<Record<SourceName, string>> => {
  const pace = env.GRANARY_USERS_PER_MINUTE;
  if (pace && !/^[1-9]\d{0,5}$/.test(pace))
    throw new Sentence(`GRANARY_USERS_PER_MINUTE must be a number from 1 to 999999, not '${pace}'.`);
  return Object.fromEntries(
    NAMES.map((name) => [name, configuredAddress(VARIABLES[name], env[VARIABLES[name]])]).filter(([, url]) => url),
  );
};

/** For people: a query may hold a key. */
const withoutQuery = (url: string): string => url.replace(/[?#].*$/, '');

type Place = { name: string; host: string; url: string | undefined };

const realPlaces = async (): Promise<Record<SourceName, Place>> => {
  const { embrapa } = await import('@granary/sources/embrapa');
  const { randomUsers } = await import('@granary/sources/kinds/random-users/random-users');
  const place = (url: string): Place => ({ name: 'the real public sites', host: new URL(url).host, url: undefined });
  return { embrapa: place(embrapa.base_url), users: place(randomUsers.base_url) };
};

const startOwn = async (options: StartOptions, state: string, ports: { replica: number; replicaUsers: number }) => {
  const { startReplica } = await import('@granary/replica/replica');
  const replica = await startReplica({
    ...chooseEdition(options.vintage, state),
    port: ports.replica,
    users_port: ports.replicaUsers,
    rate_limit: USERS_LIMIT,
  });
  const place = (url: string): Place => ({
    name: `the replica at ${replica.url}`,
    host: `the replica (${new URL(url).host})`,
    url,
  });
  const { embrapa, users } = replica.bases;
  return { places: { embrapa: place(embrapa), users: place(users) }, close: replica.close };
};

/** What is collected from, each: the address that the operator configured, the real site, or the replica, started here if any needs it. */
export const startSources = async (options: {
  options: StartOptions;
  state: string;
  ports: { replica: number; replicaUsers: number };
  env?: NodeJS.ProcessEnv;
}): Promise<Sources> => {
  const configured = configuredSources(options.env);
  let close = async (): Promise<void> => undefined;
  let others: Partial<Record<SourceName, Place>> = {};
  if (NAMES.some((name) => !configured[name])) {
    if (options.options.live) others = await realPlaces();
    else ({ places: others, close } = await startOwn(options.options, options.state, options.ports));
  }
  const place = (name: SourceName): Place => {
    const url = configured[name];
    return url ? { name: withoutQuery(url), host: new URL(url).host, url } : (others[name] as Place);
  };
  const [embrapa, users] = [place('embrapa'), place('users')];
  return {
    name: embrapa.name === users.name ? embrapa.name : `${embrapa.name}, users from ${users.name}`,
    hosts: { collect: embrapa.host, users: users.host },
    env: { [VARIABLES.embrapa]: embrapa.url, [VARIABLES.users]: users.url },
    close,
  };
};
