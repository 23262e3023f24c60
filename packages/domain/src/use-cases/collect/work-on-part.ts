import type { CollectionMessage } from '../../messages/collect.ts';
import type { RunCounts } from '../../run.ts';
import { type Delivery, type FailDeps, type Failed, failPart, isLastFailure } from '../runs/fail-part.ts';
import { type Collected, type CollectResourceDeps, collectResource } from './collect-resource.ts';
import { type DiscoverDeps, type Discovered, discoverPage } from './discover-page.ts';
import { type ReconcileDeps, type Reconciled, reconcileRun } from './reconcile-run.ts';
import { replayDataset } from './replay-dataset.ts';
import { countFailed, tellFailed } from './tell-checked.ts';
import { beginWork, type WorkSoFar } from './work-so-far.ts';

export type WorkDeps = CollectResourceDeps & DiscoverDeps & ReconcileDeps & FailDeps<CollectionMessage>;

/**
 * `published`: tables of its resource that were published though the part failed, and what of them counts. `failures`:
 * what befell its tables, or the part as a whole.
 */
export type Worked =
  | Collected
  | Discovered
  | Reconciled
  | (Failed & { published: readonly string[]; counts: RunCounts; failures: readonly unknown[] });

/** Works on one message and decides what becomes of it when that fails ({@link failPart}). */
export const workOnPart =
  (deps: WorkDeps) =>
  async (message: CollectionMessage, delivery: Delivery): Promise<Worked> => {
    const work = beginWork();
    try {
      if (message.type === 'discover') return await discoverPage(deps)(message, work, delivery.memory_gb);
      if (message.type === 'reconcile') return await reconcileRun(deps)(message, delivery.memory_gb);
      if (message.type === 'replay') return await replayDataset(deps)(message, work, delivery.memory_gb);
      return await collectResource(deps)(message, work, delivery.memory_gb);
    } catch (error) {
      const { requests, counts, versions } = work;
      const { seen } = work;
      if (seen && message.type === 'collect' && isLastFailure(delivery, error))
        await tellFailed(deps, message.resource, seen, error);
      const resources = seen?.source.listing?.whole && countFailed(seen, error);
      const facts = { requests, counts, versions, ...(resources && { resources }), ...about(message, work) };
      const failed = await failPart<CollectionMessage>(deps)(message, delivery, error, facts);
      return { ...failed, published: versions, counts, failures: work.failures.length > 0 ? work.failures : [error] };
    }
  };

/** What a failure is said to be of. */
const about = (message: CollectionMessage, { dataset }: WorkSoFar): { dataset: string | null; url: string | null } => {
  if (message.type === 'discover') return { dataset: null, url: message.page.url };
  if (message.type === 'reconcile') return { dataset: null, url: null };
  if (message.type === 'replay') return { dataset: dataset ?? message.dataset, url: null };
  return { dataset: dataset ?? message.resource.dataset, url: message.resource.url };
};
