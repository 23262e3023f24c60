import { MessageNotBelieved } from '../../errors.ts';
import type { CollectMessage, DiscoverMessage, ReconcileMessage, ReplayMessage } from '../../messages/collect.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { ResourceReader } from '../../ports/resource-store.ts';
import type { RunStore } from '../../ports/run-store.ts';
import type { SourceDefinition } from '../../source.ts';
import { runOfMessage } from '../runs/run-of-message.ts';
import type { FindSource } from '../sources/known-sources.ts';
import { partsOf, readListing } from './kept-listing.ts';
import { isMessageOf, type Planned, plannedParts } from './planned-parts.ts';

export type BelieveDeps = {
  runs: Pick<RunStore, 'getRun' | 'foundParts'>;
  objects: Pick<ObjectStore, 'get'>;
  resources: Pick<ResourceReader, 'getRecord'>;
  findSource: FindSource;
  baseUrl: (source: SourceDefinition) => string;
};

/**
 * Gives the source of the message, as the run was planned by it; undefined when there is none. Throws
 * MessageNotBelieved unless the run is a collection of the message's source, the part is one of its parts, and the
 * resource or page is what the source itself names for that part, or what a listing page of this run led to. So whoever
 * can write to the queue, or invoke the worker, can neither have another file published nor another address asked. A
 * resource that was planned before a deployment changed the source's list is not believed either; the next run has it.
 */
export const believeMessage =
  (deps: BelieveDeps) =>
  async (message: CollectMessage | DiscoverMessage | ReconcileMessage): Promise<SourceDefinition | undefined> => {
    const { part } = message;
    const { revision, started_at, replays, checks } = await runOfMessage(deps, message, 'collect', message.source);
    if (replays)
      throw new MessageNotBelieved(`The run '${message.run}' makes '${replays.dataset}' again, and asks no source`);
    const source = await deps.findSource(message.source, revision);
    // The source was removed. That is no forgery: the part fails and says so.
    if (!source) return undefined;
    if (checks !== undefined) {
      const record = await deps.resources.getRecord(source.id, checks);
      if (record && isMessageOf(message, { resource: record.resource })) return source;
      throw new MessageNotBelieved(
        `The run '${message.run}' looks at the resource '${checks}' of '${source.id}' alone`,
      );
    }
    const own = plannedParts(source, deps.baseUrl(source), Date.parse(started_at))[part - 1];
    if (isMessageOf(message, own)) return source;
    if (source.listing && isMessageOf(message, await foundPart(deps, message))) return source;
    const named = message.type === 'collect' ? `'${message.resource.dataset}'` : `a ${message.type} message`;
    throw new MessageNotBelieved(
      `Part ${part} of a collection of '${source.id}' is not ${named} from the address that the message names`,
    );
  };

/** What a part is about that another part found. */
const foundPart = async (
  { runs, objects }: BelieveDeps,
  { run, part }: { run: string; part: number },
): Promise<Planned | undefined> => {
  const block = (await runs.foundParts(run)).find(({ first, count }) => first <= part && part < first + count);
  const listing = block && (await readListing(objects, run, block.by));
  return listing && partsOf(listing)[part - block.first];
};

/** Throws MessageNotBelieved unless the run is to make that dataset again, and to compare it with that version. */
export const believeReplay = async (deps: Pick<BelieveDeps, 'runs'>, message: ReplayMessage): Promise<void> => {
  const { replays } = await runOfMessage(deps, message, 'collect', message.source);
  if (replays?.dataset === message.dataset && replays.version === message.version) return;
  throw new MessageNotBelieved(`The run '${message.run}' does not make '${message.dataset}' again`);
};
