import type { CollectMessage } from '../../messages/collect.ts';
import { type Delivery, type FailDeps, type Failed, failPart } from '../runs/fail-part.ts';
import { type Collected, type CollectResourceDeps, collectResource } from './collect-resource.ts';

export type WorkDeps = CollectResourceDeps & FailDeps<CollectMessage>;

export type Worked = Collected | Failed;

/** Works on one message and decides what becomes of it when that fails ({@link failPart}). */
export const workOnPart =
  (deps: WorkDeps) =>
  async (message: CollectMessage, delivery: Delivery): Promise<Worked> => {
    let requests = 0;
    try {
      return await collectResource(deps)(message, () => {
        requests += 1;
      });
    } catch (error) {
      const { dataset, url } = message.resource;
      return failPart<CollectMessage>(deps)(message, delivery, error, { requests, dataset, url });
    }
  };
