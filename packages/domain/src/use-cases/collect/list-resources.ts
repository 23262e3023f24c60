import { inBatches } from '../../in-batches.ts';
import type { ResourceStore } from '../../ports/resource-store.ts';
import { hostOf, type ResourceRecord } from '../../resource-record.ts';
import type { ResourceCounts } from '../../run.ts';
import type { LeftOut, Listing, Resource, SourceDefinition } from '../../source.ts';
import { resourceId } from '../publish/describe-dataset.ts';

type Found = { resource: Resource; left?: Omit<LeftOut, 'resource'>; same_as?: string };
export type ListDeps = { resources: ResourceStore };

/**
 * Writes down what a page says of its resources, and decides which of them are fetched. Not those that another page of
 * the run lists too; that an operator excluded; whose address another resource has, which is fetched for both; or that
 * failed and are tried again later. A page that is older than what is known of a resource says nothing of it. The name
 * of a resource stays the one that it had at first. Repeating it for the same page gives the same.
 */
export const listResources = async (
  { resources }: ListDeps,
  source: SourceDefinition,
  of: { run: string; part: number; at: string },
  listing: Listing,
): Promise<Listing> => {
  const all: Found[] = [
    ...listing.resources.map((resource) => ({ resource })),
    ...(listing.left_out ?? []).map(({ resource, ...left }) => ({ resource, left })),
  ];
  const seen = new Set<string>();
  const once = all.filter(({ resource }) => !seen.has(resourceId(resource)) && seen.add(resourceId(resource)));
  const kept: Found[] = [];
  // Of those with one address the first has it.
  const byAddress = Object.values(Object.groupBy(once, ({ resource }) => resource.url)).map((same) => same!);
  const inTurn = [byAddress.map(([first]) => first!), byAddress.flatMap(([, ...rest]) => rest)];
  for (const some of inTurn) {
    const found = await inBatches(some, (one) => listOne(resources, source, of, one));
    kept.push(...found.flatMap((one) => one ?? []));
  }
  return {
    ...listing,
    resources: kept.flatMap(({ resource, left }) => (left ? [] : [resource])),
    left_out: kept.flatMap(({ resource, left }) => (left ? [{ resource, ...left }] : [])),
  };
};

/** What the run counts of a page; what is fetched is counted by its own part. */
export const countListed = ({ resources, left_out = [] }: Listing): Partial<ResourceCounts> => {
  const of = (...states: LeftOut['state'][]): number => left_out.filter(({ state }) => states.includes(state)).length;
  return {
    listed: resources.length + left_out.length,
    refused: of('refused', 'failing'),
    excluded: of('excluded'),
    failing: of('failing'),
  };
};

const listOne = async (
  store: ResourceStore,
  source: SourceDefinition,
  of: { run: string; part: number; at: string },
  found: Found,
): Promise<Found | undefined> => {
  const id = resourceId(found.resource);
  const record = await store.getRecord(source.id, id);
  const { modified } = found.resource;
  const isOlder = record !== undefined && modified !== undefined && modified < (record.resource.modified ?? '');
  const resource = isOlder
    ? record.resource
    : { ...found.resource, dataset: record?.resource.dataset ?? found.resource.dataset };
  const same_as = found.left ? undefined : await sharedWith(store, source, resource, record);
  const left = found.left ?? leftOut(record, resource, same_as, of.at);
  const said = { ...of, resource, same_as, ...(left && { state: left.state, reason: left.reason }) };
  return (await store.listed(source.id, id, said)) ? { resource, ...(left && { left }) } : undefined;
};

const leftOut = (
  record: ResourceRecord | undefined,
  resource: Resource,
  same_as: string | undefined,
  at: string,
): Found['left'] => {
  if (record?.excluded) return { state: 'excluded', reason: `An operator excluded it: ${record.excluded.reason}` };
  if (same_as !== undefined)
    return {
      state: 'excluded',
      reason: `Its address is that of the resource '${same_as}' too, and is fetched once: its tables are datasets of that one.`,
    };
  if (!record?.retry_at || record.retry_at <= at || isChanged(record.resource, resource)) return undefined;
  return { state: 'failing', reason: record.reason ?? 'It could not be had.' };
};

/** Whether there is reason to believe that a resource can be had now. */
const isChanged = (before: Resource, now: Resource): boolean =>
  before.url !== now.url || before.modified !== now.modified;

/**
 * The resource that has the same address, and is fetched. Who has an address keeps it as long as it is listed there.
 */
const sharedWith = async (
  store: ResourceStore,
  source: SourceDefinition,
  resource: Resource,
  record: ResourceRecord | undefined,
): Promise<string | undefined> => {
  const { url } = resource;
  const id = resourceId(resource);
  if (record?.resource.url === url && record.same_as === null && record.state !== 'gone' && !record.excluded)
    return undefined;
  if (hostOf(resource) === '' || record?.excluded) return undefined;
  const owner = await store.claimAddress(source.id, url, id);
  if (owner === id) return undefined;
  const other = await store.getRecord(source.id, owner);
  // Whoever claims an address writes its record after that.
  const isTheirs = !other || (other.resource.url === url && other.state !== 'gone' && !other.excluded);
  if (isTheirs) return owner;
  const now = await store.claimAddress(source.id, url, id, owner);
  return now === id ? undefined : now;
};
