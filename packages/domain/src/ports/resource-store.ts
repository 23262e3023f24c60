import type { ResourceCheck, ResourceDecision, ResourceRecord, ResourceState } from '../resource-record.ts';
import type { Resource } from '../source.ts';

/** `state`, `host`: only those. `after`: an opaque cursor of an earlier answer. */
export type RecordsQuery = { state?: ResourceState; host?: string; limit: number; after?: string };
/** A page may be short, or empty, and have a `next` all the same: as much is read at a time, not found. */
export type RecordsPage = { records: readonly ResourceRecord[]; next: string | null };

/** What a page of a run says of a resource. `state` and `reason` where it is not to be fetched. */
export type ListedAs = {
  run: string;
  part: number;
  at: string;
  resource: Resource;
  same_as?: string;
  state?: ResourceState;
  reason?: string;
};

export type ResourceReader = {
  getRecord(source: string, id: string): Promise<ResourceRecord | undefined>;
  /** Those of one source, by their ids. */
  listRecords(source: string, query: RecordsQuery): Promise<RecordsPage>;
};

/** Every write is of one item. A resource that was never written has no record. */
export type ResourceStore = ResourceReader & {
  /** False where another part of that run lists it: then nothing is written. A resource that was gone is back. */
  listed(source: string, id: string, listed: ListedAs): Promise<boolean>;
  /** What came of looking at it. */
  checked(source: string, resource: Resource, check: ResourceCheck): Promise<void>;
  /** Says that a run no longer found it; the first run that did stays. */
  goneIn(source: string, id: string, run: string, at: string): Promise<void>;
  /** What an operator decided; null takes it back. False where there is no such resource. */
  decide(source: string, id: string, decision: ResourceDecision): Promise<boolean>;
  /**
   * Which resource has this address: this one where nobody has it, or where `from` does, who is to lose it. Gives whose
   * it is then.
   */
  claimAddress(source: string, url: string, id: string, from?: string): Promise<string>;
};
