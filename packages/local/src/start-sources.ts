import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { urlVariable } from '@granary/domain/source';
import { writeAtomically } from '@granary/embedded-aws/atomic-json-store';
import { TABLE_SOURCES, USERS_SOURCE } from '@granary/sources/sources.gen';
import type { StartOptions } from './options.ts';
import type { Ports } from './ports.ts';
import { Sentence } from './sentences.ts';

export type Sources = {
  /** For people: what is collected from. */
  name: string;
  /** Whom a run waits for, by its source. */
  hosts: Readonly<Record<string, string>>;
  /** What tells ingestion where to read. */
  env: Record<string, string | undefined>;
  /** Where the files of the replica's town lie; undefined without a replica. */
  town: string | undefined;
  /** Sentences about sources that are left out. */
  leftOut: readonly string[];
  close(): Promise<void>;
};

type Named = { id: string; base_url: string };
const SOURCES: readonly Named[] = [...TABLE_SOURCES, USERS_SOURCE];
/** In the place of an address: the source is not collected. */
const NONE = 'none';

/** What the real API of users takes, so that the limit is met here as it is there. */
const USERS_LIMIT = { requests_per_minute: 75, path: '/api/v2/users' };

type Kept = { vintage?: number; series?: number };

/**
 * The vintage of an earlier start stays, or a plain start would take back the year that `--vintage` had published. The
 * users are others at each start, or a second one would bring those again that are there.
 */
const chooseEdition = (wanted: number | undefined, state: string): Kept & { series: number } => {
  const path = join(state, 'replica.json');
  const before: Kept = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const edition = { vintage: wanted ?? before.vintage, series: (before.series ?? 0) + 1 };
  writeAtomically(path, JSON.stringify(edition));
  return edition;
};

const configuredAddress = (variable: string, text: string | undefined): string | undefined => {
  if (!text || text === NONE) return text || undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.username || url?.password || (!url?.host && text.includes('@')))
    throw new Sentence(`${variable} must be an http(s) address without a user name or password.`);
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new Sentence(`${variable} must be an http(s) address, not '${text}'.`);
  return text;
};

/**
 * The addresses that the operator configured, by source. Throws a Sentence when one is none, or when
 * GRANARY_USERS_PER_MINUTE is no number; an address with a password is not repeated.
 */
export const configuredSources = (
  env: NodeJS.ProcessEnv = process.env,
  sources = SOURCES,
): Readonly<Record<string, string>> => {
  const pace = env.GRANARY_USERS_PER_MINUTE;
  if (pace && !/^[1-9]\d{0,5}$/.test(pace))
    throw new Sentence(`GRANARY_USERS_PER_MINUTE must be a number from 1 to 999999, not '${pace}'.`);
  if (env.GRANARY_USERS_URL)
    throw new Sentence('GRANARY_USERS_URL is called GRANARY_RANDOM_USERS_URL now: set that one.');
  const given = sources.map(({ id }) => [id, configuredAddress(urlVariable(id), env[urlVariable(id)])] as const);
  return Object.fromEntries(given.flatMap(([id, url]) => (url ? [[id, url]] : [])));
};

/** For people: a query may hold a key. */
const withoutQuery = (url: string): string => url.replace(/[?#].*$/, '');

/** `url`: what ingestion is told; undefined where it knows the real address. */
type Place = { name: string; host: string; url: string | undefined };

type ReplicaPorts = Pick<Ports, 'replica' | 'replicaUsers' | 'replicaPortal'>;

const startOwn = async (options: StartOptions, state: string, ports: ReplicaPorts) => {
  const { startReplica } = await import('@granary/replica/replica');
  const replica = await startReplica({
    ...chooseEdition(options.vintage, state),
    port: ports.replica,
    users_port: ports.replicaUsers,
    portal_port: ports.replicaPortal,
    rate_limit: USERS_LIMIT,
  });
  const place = (url: string): Place => ({
    name: `the replica at ${replica.url}`,
    host: `the replica (${new URL(url).host})`,
    url,
  });
  const places = Object.entries(replica.sources).map(([id, url]) => [id, place(url)] as const);
  return { places: Object.fromEntries(places), town: replica.bases.town, close: replica.close };
};

/**
 * What is collected from, each: the address that the operator configured, the real site where that was asked for
 * (`--live`), or the replica, started here if any needs it. A source that the replica does not have is left out:
 * nobody's site is asked because somebody started Granary.
 */
export const startSources = async (options: {
  options: StartOptions;
  state: string;
  ports: ReplicaPorts;
  env?: NodeJS.ProcessEnv;
  sources?: readonly Named[];
}): Promise<Sources> => {
  const { sources = SOURCES } = options;
  const configured = configuredSources(options.env, sources);
  const { live } = options.options;
  const needsReplica = !live && sources.some(({ id }) => !configured[id]);
  const own = needsReplica ? await startOwn(options.options, options.state, options.ports) : undefined;
  const placeOf = ({ id, base_url }: Named): Place | undefined => {
    const url = configured[id];
    if (url === NONE) return undefined;
    if (url) return { name: withoutQuery(url), host: new URL(url).host, url };
    if (live) return { name: 'the real public sites', host: new URL(base_url).host, url: undefined };
    return own?.places[id];
  };
  const places = sources.map((source) => ({ source, place: placeOf(source) }));
  return {
    name: namesOf(places),
    hosts: Object.fromEntries(places.flatMap(({ source, place }) => (place ? [[source.id, place.host]] : []))),
    env: Object.fromEntries(places.map(({ source, place }) => [urlVariable(source.id), place ? place.url : NONE])),
    leftOut: places.flatMap(({ source: { id }, place }) =>
      place || configured[id] === NONE
        ? []
        : [`'${id}' is not collected: set ${urlVariable(id)} to an address of it, or start with --live.`],
    ),
    town: own?.town,
    close: async () => own?.close(),
  };
};

/** Where each is from, said once: `the replica at …, random_users from http://…`. */
const namesOf = (places: readonly { source: Named; place: Place | undefined }[]): string => {
  const found = places.flatMap(({ source, place }) => (place ? [{ id: source.id, name: place.name }] : []));
  const [first] = found;
  if (!first) return 'no source';
  return [
    first.name,
    ...found.filter(({ name }) => name !== first.name).map(({ id, name }) => `${id} from ${name}`),
  ].join(', ');
};
