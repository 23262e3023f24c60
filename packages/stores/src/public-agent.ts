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

/** Two ways to connect: to anybody whose addresses are all public, and to the origins that the operator named. */
export const makeAgents = (origins: readonly string[], lookup: Lookup = dnsLookup as Lookup) => {
  const named = new Set(origins.map((address) => new URL(address).origin));
  const timeouts = { headersTimeout: LIMITS.headers, bodyTimeout: LIMITS.idle, maxHeaderSize: 64 * 1024 };
  const anybody = new Agent({ ...timeouts, connect: { timeout: LIMITS.connect, lookup: publicLookup(lookup) } });
  const operators = new Agent({ ...timeouts, connect: { timeout: LIMITS.connect } });
  return {
    /** The agent for a URL. Throws SourceRefused for an address that nobody may be sent to. */
    agentFor(url: URL): Dispatcher {
      if (url.protocol !== 'http:' && url.protocol !== 'https:')
        refuse(`${url.protocol} is not followed, only http and https`);
      if (url.username || url.password) refuse(`An address with a password is not followed (host ${url.hostname})`);
      if (named.has(url.origin)) return operators;
      // The URL parser has made dotted decimals of every way to write an IPv4 address; such hosts are never looked up.
      const literal = url.hostname.replace(/^\[|\]$/g, '');
      if (/^[\d.]+$|:/.test(literal) && !isPublicAddress(literal)) refuseAddress(url.hostname, literal);
      return anybody;
    },
    close: (): Promise<unknown> => Promise.all([anybody.close(), operators.close()]),
  };
};

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
