import { InvalidRequest, PartsUnderWay, TooManyGone } from '../../errors.ts';
import type { ReconcileMessage } from '../../messages/collect.ts';
import type { Catalog } from '../../ports/catalog.ts';
import type { Clock } from '../../ports/collecting.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { ResourceStore } from '../../ports/resource-store.ts';
import type { RunStore } from '../../ports/run-store.ts';
import type { ResourceRecord } from '../../resource-record.ts';
import { NO_COUNTS, type Run, type RunCounts } from '../../run.ts';
import { succeedPart } from '../runs/succeed-part.ts';
import { type BelieveDeps, believeMessage } from './believe-message.ts';
import { partsOf, readListing } from './kept-listing.ts';
import { plannedParts } from './planned-parts.ts';

export type ReconcileDeps = BelieveDeps & {
  runs: RunStore;
  resources: ResourceStore;
  catalog: Pick<Catalog, 'getDataset' | 'gone'>;
  objects: Pick<ObjectStore, 'get'>;
  clock: Clock;
};

/** `gone`: how many resources. `unsure`: why none was looked for. */
export type Reconciled = {
  decision: 'done';
  outcome: 'reconciled' | 'ended-before';
  gone: number;
  unsure?: string;
  counts: RunCounts;
};

/** More than this share of a source's resources is not marked as gone by one run, unless an operator said so. */
const MOST_GONE = 0.2;
const PAGE = 500;
/** Until it is asked again whether the other parts have ended: a quarter of how long that has taken so far. */
const WAIT_MS = { least: 1_000, most: 60_000 };

/**
 * The last part of a run of a source that lists all of its resources: those that no page lists any more are marked as
 * gone, with their datasets, which stay as they are. Throws PartsUnderWay until the other parts have ended, and
 * TooManyGone. Nothing is marked where a page could not be read, or where a list was changed while it was read.
 */
export const reconcileRun =
  (deps: ReconcileDeps) =>
  async (message: ReconcileMessage, memory_gb = 0): Promise<Reconciled> => {
    const { runs, clock } = deps;
    const { run: id, part } = message;
    const begun = clock();
    const source = await believeMessage(deps)(message);
    if (!source) throw new InvalidRequest(`There is no source '${message.source}'`);
    const own = await runs.partState(id, part);
    if (own === 'ended') {
      await runs.settle(id, new Date(clock()).toISOString());
      return { decision: 'done', outcome: 'ended-before', gone: 0, counts: NO_COUNTS };
    }
    const run = (await runs.getRun(id))!;
    waitForOthers(run, own, message, clock());
    const firsts = plannedParts(source, deps.baseUrl(source), Date.parse(run.started_at)).flatMap((planned, place) =>
      'page' in planned ? [place + 1] : [],
    );
    const unsure = run.state === 'running' ? await whyUnsure(deps, id, firsts) : 'The run had ended before.';
    const gone = unsure === undefined ? await markGone(deps, run) : 0;
    const outcome = {
      ...{ part, counts: NO_COUNTS, versions: [], resources: { listed: gone, gone } },
      gb_ms: (clock() - begun) * memory_gb,
    };
    await succeedPart(runs)(id, outcome, new Date(clock()).toISOString());
    return { decision: 'done', outcome: 'reconciled', gone, ...(unsure && { unsure }), counts: NO_COUNTS };
  };

const waitForOthers = (
  { parts, parts_done, state, started_at }: Run,
  own: 'open' | 'failed' | 'ended',
  { run }: ReconcileMessage,
  now: number,
): void => {
  const others = parts - parts_done - (own === 'open' ? 1 : 0);
  if (others <= 0 || state !== 'running') return;
  const wait = Math.min(WAIT_MS.most, Math.max(WAIT_MS.least, (now - Date.parse(started_at)) / 4));
  throw new PartsUnderWay(`${others} other parts of the run '${run}' have not ended`, now + wait);
};

/** Why what no page lists may be there all the same. `pages`: the parts that the run began with. */
const whyUnsure = async (
  { runs, objects }: ReconcileDeps,
  run: string,
  pages: readonly number[],
): Promise<string | undefined> => {
  const blocks = new Map((await runs.foundParts(run)).map((block) => [block.by, block]));
  const left = [...pages];
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    const listing = await readListing(objects, run, part);
    if (!listing) {
      const [failure] = await runs.failuresOf(run, [part]);
      // Another part may have read the same page.
      if (failure) return `A page could not be read: ${failure.error.message}`;
      continue;
    }
    if (listing.unsure) return listing.unsure;
    const found = partsOf(listing);
    if (found.length === 0) continue;
    const first = blocks.get(part)?.first;
    // It was read, and led to more than a run takes.
    if (first === undefined) return 'What a page leads to was not read.';
    left.push(...found.flatMap((planned, place) => ('page' in planned ? [first + place] : [])));
  }
  return undefined;
};

/** Gives how many this run found gone; what an earlier delivery marked counts as well. */
const markGone = async (deps: ReconcileDeps, run: Run): Promise<number> => {
  const { resources, catalog, clock } = deps;
  const at = new Date(clock()).toISOString();
  const missing: Pick<ResourceRecord, 'id' | 'datasets'>[] = [];
  let there = 0;
  let marked = 0;
  let after: string | undefined;
  do {
    const page = await resources.listRecords(run.source, { limit: PAGE, ...(after !== undefined && { after }) });
    for (const { id, datasets, listed, gone } of page.records) {
      if (gone?.run === run.id) marked++;
      else if (gone) continue;
      else if (listed?.run === run.id) there++;
      else missing.push({ id, datasets });
    }
    after = page.next ?? undefined;
  } while (after !== undefined);
  const all = there + marked + missing.length;
  if (missing.length + marked > MOST_GONE * all && !run.accepts_gone) {
    throw new TooManyGone(
      `${missing.length + marked} of ${all} resources of '${run.source}' are no longer listed, which is more than ${MOST_GONE * 100} %. None is marked as gone. If they are, POST /v1/admin/sources/${run.source}/collect?accept_gone=true.`,
    );
  }
  for (const { id, datasets } of missing) {
    for (const dataset of datasets)
      if ((await catalog.getDataset(dataset))?.source === run.source) await catalog.gone(dataset, at);
    await resources.goneIn(run.source, id, run.id, at);
  }
  return missing.length + marked;
};
