import { readFile, rm } from 'node:fs/promises';
import { InvalidRequest, RefusedContent, SourceRefused, SourceUnavailable } from '../../errors.ts';
import type { DiscoverMessage } from '../../messages/collect.ts';
import type { Fetched } from '../../ports/collecting.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { RunStore } from '../../ports/run-store.ts';
import { MOST_LISTING_PAGES, MOST_PARTS, NO_COUNTS, type RunCounts } from '../../run.ts';
import type { Listing, ListingPage, SourceDefinition } from '../../source.ts';
import { RUN_LEASE_MS } from '../runs/plan-run.ts';
import { succeedPart } from '../runs/succeed-part.ts';
import { type AskDeps, askSource } from './ask-source.ts';
import { type BelieveDeps, believeMessage } from './believe-message.ts';
import { type EnqueueDeps, enqueueParts } from './enqueue-parts.ts';
import { claimPage, keepListing, partsOf, readListing } from './kept-listing.ts';
import { countListed, type ListDeps, listResources } from './list-resources.ts';
import { beginWork, type WorkSoFar } from './work-so-far.ts';

export type DiscoverDeps = AskDeps &
  BelieveDeps &
  EnqueueDeps &
  ListDeps & { runs: RunStore; objects: Pick<ObjectStore, 'get' | 'putNew'> };

export type Discovered = { decision: 'done'; outcome: 'discovered' | 'ended-before'; found: number; counts: RunCounts };

/**
 * The work of one listing page: fetch it, keep what it leads to, end the part with as many parts as were found, and
 * enqueue a message for each. A delivery that died anywhere is gone on with by the next: what is kept stays, the
 * numbers are those that the ended part was given, and messages of parts that have not ended are sent again.
 */
export const discoverPage =
  (deps: DiscoverDeps) =>
  async (message: DiscoverMessage, work: WorkSoFar = beginWork(), memory_gb = 0): Promise<Discovered> => {
    const { runs, clock } = deps;
    const { run, part } = message;
    const begun = clock();
    const iso = () => new Date(clock()).toISOString();
    const source = await believeMessage(deps)(message);
    if (!source?.listing) throw new InvalidRequest(`The source '${message.source}' has no listing pages`);
    await runs.extendLease(run, new Date(begun + RUN_LEASE_MS).toISOString());
    const onRequest = () => {
      work.requests += 1;
    };
    const listing =
      (await readListing(deps.objects, run, part)) ??
      (message.page.key !== undefined || (await claimPage(deps.objects, run, part, message.page))
        ? await fetchListing(deps, source, message, onRequest)
        : READ_ELSEWHERE);
    const planned = partsOf(listing);
    const counts = { ...NO_COUNTS, requests: work.requests };
    const before = await runs.partState(run, part);
    if (before !== 'ended') {
      await refuseTooMany(runs, message, planned.length);
      const outcome = {
        ...{ part, counts, versions: [], parts_found: planned.length, gb_ms: (clock() - begun) * memory_gb },
        ...(source.listing.whole && { resources: countListed(listing) }),
      };
      await succeedPart(runs)(run, outcome, iso());
    }
    const block = (await runs.foundParts(run)).find(({ by }) => by === part);
    const open = await runs.openParts(
      run,
      planned.map((_, place) => (block?.first ?? 0) + place),
    );
    const missing = open.map((number) => ({ part: number, planned: planned[number - block!.first]! }));
    await enqueueParts(deps, source, run, missing);
    await runs.settle(run, iso());
    const outcome = before === 'ended' ? 'ended-before' : 'discovered';
    return { decision: 'done', outcome, found: planned.length, counts };
  };

const READ_ELSEWHERE: Listing = { resources: [], next: [] };

/** Pages may lead to others without an end, each with an address of its own. */
const refuseTooMany = async (
  runs: Pick<RunStore, 'getRun' | 'foundParts'>,
  { run, source }: DiscoverMessage,
  found: number,
): Promise<void> => {
  const parts = (await runs.getRun(run))?.parts ?? 0;
  const pages = (await runs.foundParts(run)).length;
  if (found === 0 || (parts + found <= MOST_PARTS && pages < MOST_LISTING_PAGES)) return;
  throw new RefusedContent(
    `The listing pages of '${source}' lead to ${parts + found} resources and pages so far. A run has at most ${MOST_PARTS} parts, found by ${MOST_LISTING_PAGES} pages: those that were found before are collected.`,
  );
};

const fetchListing = async (
  deps: DiscoverDeps,
  source: SourceDefinition,
  { run, part, page }: DiscoverMessage,
  onRequest: () => void,
): Promise<Listing> => {
  const listing = await readPage(deps, source, page, onRequest);
  const next: ListingPage[] = [];
  for (const one of listing.next)
    if (one.key === undefined || (await claimPage(deps.objects, run, part, one))) next.push(one);
  const of = { run, part, at: new Date(deps.clock()).toISOString() };
  const decided = source.listing!.whole ? await listResources(deps, source, of, listing) : listing;
  return keepListing(deps.objects, run, part, { ...decided, next });
};

const readPage = async (
  deps: DiscoverDeps,
  source: SourceDefinition,
  page: ListingPage,
  onRequest: () => void,
): Promise<Listing> => {
  const { accept, read, instead } = source.listing!;
  const options = { base_url: deps.baseUrl(source) };
  let file: Fetched;
  try {
    file = await askSource(deps)({ url: page.url, accept, source, onRequest });
  } catch (error) {
    const next = error instanceof SourceRefused || error instanceof SourceUnavailable ? instead?.(page, options) : [];
    if (!next?.length) throw error;
    // What is read in its place may list less, and it may be there again soon.
    const unsure = `A page could not be had, and others were read in its place: ${(error as Error).message}`;
    return { resources: [], next, ...(error instanceof SourceUnavailable && { unsure }) };
  }
  if (file.status === 'not-modified') throw new Error('A page was not modified, and nobody had asked whether');
  try {
    return await read(page, await readFile(file.path), options);
  } finally {
    await rm(file.path, { force: true });
  }
};
