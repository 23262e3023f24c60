import { MessageNotBelieved } from '../../errors.ts';
import type { PartMessage } from '../../messages/part.ts';
import type { RunReader } from '../../ports/run-store.ts';
import type { Run } from '../../run.ts';

export type RunOfMessageDeps = { runs: Pick<RunReader, 'getRun'> };

/** Whether a run has such a part. A message about any other part is never counted. */
export const hasPart = (run: Run, part: number): boolean => part >= 1 && part <= run.parts;

/**
 * The run that a message belongs to. Throws MessageNotBelieved when there is no run of that id, when it is of another
 * kind or source, or when it has no such part. A run that has ended is accepted: a part that is redriven, or comes
 * late, still does its work.
 */
export const runOfMessage = async (
  { runs }: RunOfMessageDeps,
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
