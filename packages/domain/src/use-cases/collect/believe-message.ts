import { MessageNotBelieved } from '../../errors.ts';
import type { CollectionMessage } from '../../messages/collect.ts';
import type { FetchUsersMessage } from '../../messages/fetch-users.ts';
import type { PartMessage } from '../../messages/part.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { RunReader, RunStore } from '../../ports/run-store.ts';
import type { Run } from '../../run.ts';
import type { SourceDefinition } from '../../source.ts';
import { partsOf, readListing } from './kept-listing.ts';
import { names, type Planned, plannedParts } from './planned-parts.ts';

type Runs = { runs: Pick<RunReader, 'getRun'> };

/** Whether a run has such a part: what is no part of it is never counted. */
export const hasPart = (run: Run, part: number): boolean => part >= 1 && part <= run.parts;

/**
 * The run that a message stands for. Throws MessageNotBelieved when there is none of that id, when it is of another
 * kind, or has no such part. A run that is over is one as well: a part of it that is redriven, or comes late, still
 * does its work.
 */
const runBehind = async (
  { runs }: Runs,
  { run: id, part }: PartMessage,
  kind: Run['kind'],
  source: string,
): Promise<Run> => {
  const run = await runs.getRun(id);
  if (!run) throw new MessageNotBelieved(`There is no run '${id}'`);
  if (run.kind !== kind || run.source !== source) {
    throw new MessageNotBelieved(`The run '${id}' is a ${run.kind} of '${run.source}', not a ${kind} of '${source}'`);
  }
  if (!hasPart(run, part)) throw new MessageNotBelieved(`The run '${id}' has ${run.parts} parts, and no part ${part}`);
  return run;
};

export type BelieveDeps = {
  runs: Pick<RunStore, 'getRun' | 'foundParts'>;
  objects: Pick<ObjectStore, 'get'>;
  sourceById: (id: string) => SourceDefinition | undefined;
  baseUrl: (source: SourceDefinition) => string;
};

/**
 * Throws MessageNotBelieved unless the run is a collection of the message's source, the part is one of its, and the
 * resource or page is what the source itself names for that part, or what a listing page of this run led to: whoever
 * can write a message to the queue, or invoke the worker, still cannot have another file published, nor another address
 * asked. A resource that was planned before the list of the source changed is not believed either; the next run has it.
 */
export const believeMessage =
  (deps: BelieveDeps) =>
  async (message: CollectionMessage): Promise<void> => {
    const { part } = message;
    await runBehind(deps, message, 'collect', message.source);
    const source = deps.sourceById(message.source);
    // A source that is no longer there is no matter of belief: its part fails, and says so.
    if (!source) return;
    const own = plannedParts(source, deps.baseUrl(source))[part - 1];
    if (names(message, own)) return;
    if (source.listing && names(message, await foundPart(deps, message))) return;
    const named = message.type === 'collect' ? `'${message.resource.dataset}'` : 'a page';
    throw new MessageNotBelieved(
      `Part ${part} of a collection of '${source.id}' is not ${named} from the address that the message names`,
    );
  };

/** What a part is about that another part found. */
const foundPart = async (
  { runs, objects }: BelieveDeps,
  { run, part }: CollectionMessage,
): Promise<Planned | undefined> => {
  const block = (await runs.foundParts(run)).find(({ first, count }) => first <= part && part < first + count);
  const listing = block && (await readListing(objects, run, block.by));
  return listing && partsOf(listing)[part - block.first];
};

/**
 * Throws MessageNotBelieved unless the run is a fetch of users, the page is one of its, and has the size that the run
 * asks for.
 */
export const believeFetchUsers =
  (deps: Runs & { source: { id: string } }) =>
  async (message: FetchUsersMessage): Promise<void> => {
    const { part, size } = message;
    const { asked } = await runBehind(deps, message, 'users', deps.source.id);
    const due = asked && Math.min(asked.size, asked.users - (part - 1) * asked.size);
    if (due !== size)
      throw new MessageNotBelieved(`Page ${part} of the run '${message.run}' is of ${due} users, not of ${size}`);
  };
