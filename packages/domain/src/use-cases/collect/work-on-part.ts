import type { CollectionMessage } from '../../messages/collect.ts';
import { type Delivery, type FailDeps, type Failed, failPart } from '../runs/fail-part.ts';
import { type Collected, type CollectResourceDeps, collectResource } from './collect-resource.ts';
import { type DiscoverDeps, type Discovered, discoverPage } from './discover-page.ts';
import { beginWork, type WorkSoFar } from './work.ts';

export type WorkDeps = CollectResourceDeps & DiscoverDeps & FailDeps<CollectionMessage>;

export type Worked = Collected | Discovered | Failed;

/** Works on one message and decides what becomes of it when that fails ({@link failPart}). */
export const workOnPart =
  (deps: WorkDeps) =>
  async (message: CollectionMessage, delivery: Delivery): Promise<Worked> => {
    const work = beginWork();
    try {
      if (message.type === 'discover') return await discoverPage(deps)(message, work, delivery.memory_gb);
      return await collectResource(deps)(message, work, delivery.memory_gb);
    } catch (error) {
      const { requests, counts, versions } = work;
      return failPart<CollectionMessage>(deps)(message, delivery, error, {
        ...{ requests, counts, versions },
        ...about(message, work),
      });
    }
  };

/** What a failure is said to be of. */
const about = (message: CollectionMessage, { dataset }: WorkSoFar): { dataset: string | null; url: string } =>
  message.type === 'discover'
    ? { dataset: null, url: message.page.url }
    : { dataset: dataset ?? message.resource.dataset, url: message.resource.url };
