import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { SourceRefused } from '@granary/domain/errors';
import { isPublicAddress } from '@granary/domain/rules/public-address';
import { Agent, type Dispatcher } from 'undici';

/** As node:dns has it, always asked for all addresses. */
export type Lookup = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

const LIMITS = { connect: 5_000, headers: 15_000, idle: 15_000 } as const;

/** Origins that the operator lets be private, where they are a source's own. */
export type MayBePrivate = (origin: string) => boolean;

/**
 * Two ways to connect: to anybody whose addresses are all public, and to the origins that the operator named. Those
 * that may be private are taken of a source's own address alone: no file and no redirect of another leads there.
 */
export const makeAgents = (
  origins: readonly string[],
  lookup: Lookup = dnsLookup as Lookup,
  mayBePrivate: MayBePrivate = () => false,
) => {
  const named = new Set(origins.map((address) => new URL(address).origin));
  const timeouts = { headersTimeout: LIMITS.headers, bodyTimeout: LIMITS.idle, maxHeaderSize: 64 * 1024 };
  const anybody = new Agent({ ...timeouts, connect: { timeout: LIMITS.connect, lookup: publicLookup(lookup) } });
  const operators = new Agent({ ...timeouts, connect: { timeout: LIMITS.connect } });
  return {
    /**
     * The agent for a URL; `base_url` is its source's own address. Throws SourceRefused for an address that nobody may
     * be sent to.
     */
    agentFor(url: URL, base_url?: string): Dispatcher {
      refuseForm(url);
      if (named.has(url.origin) || isOwnPrivate(url, base_url, mayBePrivate)) return operators;
      refuseLiteral(url);
      return anybody;
    },
    close: (): Promise<unknown> => Promise.all([anybody.close(), operators.close()]),
  };
};

const isOwnPrivate = (url: URL, base_url: string | undefined, mayBePrivate: MayBePrivate): boolean =>
  base_url !== undefined && url.origin === new URL(base_url).origin && mayBePrivate(url.origin);

const refuseForm = (url: URL): void => {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    refuse(`${url.protocol} is not followed, only http and https`);
  if (url.username || url.password) refuse(`An address with a password is not followed (host ${url.hostname})`);
};

/** The URL parser has made dotted decimals of every way to write an IPv4 address; such hosts are never looked up. */
const refuseLiteral = (url: URL): void => {
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (/^[\d.]+$|:/.test(literal) && !isPublicAddress(literal)) refuseAddress(url.hostname, literal);
};

/** A name server that does not answer soon keeps nobody from saving a source: its first run will tell. */
const LOOKUP_MS = 2_000;

/**
 * Why an address of a source would not be fetched, by the rules of {@link makeAgents}; undefined where it would be, or
 * where its name cannot be resolved (yet).
 */
export const makeAddressCheck =
  ({ mayBePrivate, lookup = dnsLookup as Lookup }: { mayBePrivate: MayBePrivate; lookup?: Lookup }) =>
  async (address: string, base_url: string): Promise<string | undefined> => {
    const url = new URL(address);
    try {
      refuseForm(url);
      if (isOwnPrivate(url, base_url, mayBePrivate)) return undefined;
      refuseLiteral(url);
      const other = (await addressesOf(url.hostname, lookup)).find((one) => !isPublicAddress(one));
      return other && notPublic(url.hostname, other);
    } catch (error) {
      if (error instanceof SourceRefused) return error.message;
      throw error;
    }
  };

const addressesOf = (hostname: string, lookup: Lookup): Promise<readonly string[]> =>
  new Promise((resolve) => {
    const patience = setTimeout(resolve, LOOKUP_MS, []);
    lookup(hostname.replace(/^\[|\]$/g, ''), { all: true }, (error, addresses) => {
      clearTimeout(patience);
      resolve(error ? [] : addresses.map(({ address }) => address));
    });
  });

/**
 * Resolves a name and gives its addresses to the socket, if each of them is public. There is no second look-up between
 * check and connect, so a name cannot turn to another address in between (DNS rebinding).
 */
const publicLookup =
  (lookup: Lookup) =>
  (
    hostname: string,
    options: LookupOptions,
    callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const other = addresses.find(({ address }) => !isPublicAddress(address));
      if (other) return callback(new SourceRefused(notPublic(hostname, other.address)), []);
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      callback(first ? null : new Error(`${hostname} has no address`), first?.address ?? '', first?.family);
    });
  };

const notPublic = (host: string, address: string): string => `${host} is not fetched: ${address} is no public address`;
const refuseAddress = (host: string, address: string): never => refuse(notPublic(host, address));
const refuse = (message: string): never => {
  throw new SourceRefused(message);
};
