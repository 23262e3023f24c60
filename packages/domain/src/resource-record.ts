import type { DatasetId } from './dataset.ts';
import type { TableContract } from './rules/contract.ts';
import type { Resource } from './source.ts';

/**
 * `listed`: not looked at yet. `published`: its tables have new versions; `unchanged`: it is as it was. `refused`: it
 * holds no tables that can be read, or none that an operator has released. `excluded`: it is not to be fetched. `gone`:
 * its portal lists it no more; what was published stays. `failing`: it could not be had, and is tried again later.
 */
export const RESOURCE_STATES = [
  ...(['listed', 'published', 'unchanged', 'refused', 'excluded', 'gone', 'failing'] as const),
] as const;
export type ResourceState = (typeof RESOURCE_STATES)[number];

/** Bytes that were refused: by the same reader (`by`), the same are refused again without being read. */
export type RefusedBytes = {
  url: string;
  sha256: string;
  etag: string | null;
  last_modified: string | null;
  by: string;
  reason: string;
};

/** What is known of a resource besides its tables. Stored as it is (`RESOURCES#<source>` / its id). */
export type ResourceRecord = {
  source: string;
  id: string;
  /** As its portal last said, or its source. It keeps the name (`dataset`) that it had at first. */
  resource: Resource;
  state: ResourceState;
  /** A sentence for people; null where its tables are published. */
  reason: string | null;
  /** The part of a run that last found it on a page. */
  listed: { run: string; part: number; at: string } | null;
  /** When it was last looked at (ISO 8601), what was answered (an HTTP status), and how long that took. */
  checked_at: string | null;
  status: number | null;
  response_ms: number | null;
  datasets: readonly DatasetId[];
  /** The id of the resource that has the same address, whose datasets stand for both. */
  same_as: string | null;
  /** How often in a row it could not be had, and when it is tried again. */
  failures: number;
  retry_at: string | null;
  refused: RefusedBytes | null;
  gone: { run: string; at: string } | null;
  /** What operators decided. */
  excluded: { reason: string; by: string; at: string } | null;
  contract: TableContract | null;
};

export type ResourceDecision = Pick<ResourceRecord, 'excluded' | 'contract'>;

/** What came of looking at a resource. `datasets`: absent where they are as before. */
export type ResourceCheck = {
  state: Exclude<ResourceState, 'listed' | 'excluded' | 'gone'>;
  reason: string | null;
  at: string;
  status: number | null;
  response_ms: number | null;
  datasets?: readonly DatasetId[];
  failures: number;
  retry_at: string | null;
  refused: RefusedBytes | null;
};

/** Of a resource of which nothing is known. */
export const NOTHING_KNOWN = {
  ...{ state: 'listed', reason: null, listed: null, checked_at: null, status: null, response_ms: null },
  ...{ datasets: [], same_as: null, failures: 0, retry_at: null, refused: null, gone: null },
  ...{ excluded: null, contract: null },
} as const satisfies Omit<ResourceRecord, 'source' | 'id' | 'resource'>;

/** Host of the address of a resource; empty where it has none. */
export const hostOf = ({ url }: Pick<Resource, 'url'>): string => (URL.canParse(url) ? new URL(url).host : '');
