import { MessageNotBelieved } from '../../errors.ts';
import type { CollectMessage } from '../../messages/collect.ts';
import type { FetchUsersMessage } from '../../messages/fetch-users.ts';
import type { PartMessage } from '../../messages/part.ts';
import type { RunReader } from '../../ports/run-store.ts';
import type { Run } from '../../run.ts';
import type { Resource, SourceDefinition } from '../../source.ts';

type Runs = { runs: Pick<RunReader, 'getRun'> };

/** Whether a run has such a part: what is no part of it is never counted. */
export const hasPart = (run: Run, part: number): boolean => part >= 1 && part <= run.parts;

/**
 * The run that a message stands for. Throws MessageNotBelieved when there is none of that id, when it is of another kind, or has no such part. A
 * run that is over is one as well: a part of it that is redriven, or comes late, still does its work.
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

/**
 * Throws MessageNotBelieved unless the run is a collection of the message's source, the part is one of its, and the resource is what the source
 * itself names for that part: whoever can write a message to the queue, or invoke the worker, still cannot have another file published, nor
 * another address asked. A resource that was planned before the list of the source changed is not believed either; the next run has it.
 */
export const believeCollect =
  (
    deps: Runs & {
      sourceById: (id: string) => SourceDefinition | undefined;
      baseUrl: (source: SourceDefinition) => string;
    },
  ) =>
  async (message: CollectMessage): Promise<void> => {
    await runBehind(deps, message, 'collect', message.source);
    const source = deps.sourceById(message.source);
    // A source that is no longer there is no matter of belief: its part fails, and says so.
    if (!source) return;
    const { part, resource } = message;
    const own = source.discover({ base_url: deps.baseUrl(source) })[part - 1];
    if (own && textOf(own) === textOf(resource)) return;
    throw new MessageNotBelieved(
      `Part ${part} of a collection of '${source.id}' is not '${resource.dataset}' from the address that the message names`,
    );
  };

const textOf = ({ dataset, url, hints }: Resource): string =>
  JSON.stringify([dataset, url, Object.entries(hints).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** Throws MessageNotBelieved unless the run is a fetch of users, the page is one of its, and has the size that the run asks for. */
export const believeFetchUsers =
  (deps: Runs & { source: { id: string } }) =>
  async (message: FetchUsersMessage): Promise<void> => {
    const { part, size } = message;
    const { asked } = await runBehind(deps, message, 'users', deps.source.id);
    const due = asked && Math.min(asked.size, asked.users - (part - 1) * asked.size);
    if (due !== size)
      throw new MessageNotBelieved(`Page ${part} of the run '${message.run}' is of ${due} users, not of ${size}`);
  };
