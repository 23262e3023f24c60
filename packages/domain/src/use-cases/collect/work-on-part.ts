import type { CollectionMessage } from '../../messages/collect.ts';
import { type Delivery, type FailDeps, type Failed, failPart } from '../runs/fail-part.ts';
import { type Collected, type CollectResourceDeps, collectResource } from './collect-resource.ts';
import { type DiscoverDeps, type Discovered, discoverPage } from './discover-page.ts';

export type WorkDeps = CollectResourceDeps & DiscoverDeps & FailDeps<CollectionMessage>;

export type Worked = Collected | Discovered | Failed;

/** Works on one message and decides what becomes of it when that fails ({@link failPart}). */
export const workOnPart =
  (deps: WorkDeps) =>
  async (message: CollectionMessage, delivery: Delivery): Promise<Worked> => {
    let requests = 0;
    const onRequest = () => {
      requests += 1;
    };
    try {
      if (message.type === 'discover') return await discoverPage(deps)(message, onRequest, delivery.memory_gb);
      return await collectResource(deps)(message, onRequest, delivery.memory_gb);
    } catch (error) {
      return failPart<CollectionMessage>(deps)(message, delivery, error, { requests, ...about(message) });
    }
  };

/** What a failure is said to be of. */
const about = (message: CollectionMessage): { dataset: string | null; url: string } =>
  message.type === 'discover' ? { dataset: null, url: message.page.url } : message.resource;
