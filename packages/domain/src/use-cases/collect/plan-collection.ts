import { InvalidRequest } from '../../errors.ts';
import type { Run } from '../../run.ts';
import type { SourceDefinition } from '../../source.ts';
import { type PlanRunDeps, planRun } from '../runs/plan-run.ts';
import { type EnqueueDeps, enqueueParts } from './enqueue-parts.ts';
import { plannedParts } from './planned-parts.ts';

export type PlanDeps = EnqueueDeps &
  PlanRunDeps & {
    sources: readonly SourceDefinition[];
    /** Where a source is to be read: its own base address, or what the operator put in its place. */
    baseUrl: (source: SourceDefinition) => string;
  };

/** `force`: now, whether due or not. `sources`: only these. */
export type PlanInput = { force?: boolean; sources?: readonly string[] };
/** `runs`: those that work now because of this call, or already did. */
export type Plan = { runs: readonly Run[]; not_due: readonly string[] };

/**
 * Starts a run for each source that is due and enqueues one message per resource that is known and per listing page
 * ({@link planRun}). Throws InvalidRequest for a source that is not known.
 */
export const planCollection =
  (deps: PlanDeps) =>
  async ({ force = false, sources: wanted }: PlanInput): Promise<Plan> => {
    const runs: Run[] = [];
    const notDue: string[] = [];
    for (const source of chosen(deps.sources, wanted)) {
      const run = await planSource(deps, source, force);
      if (run) runs.push(run);
      else notDue.push(source.id);
    }
    return { runs, not_due: notDue };
  };

const chosen = (sources: readonly SourceDefinition[], wanted: readonly string[] | undefined) => {
  if (!wanted) return sources;
  const known = new Map(sources.map((source) => [source.id, source]));
  return wanted.map((id) => {
    const source = known.get(id);
    if (source) return source;
    throw new InvalidRequest(
      `There is no source '${id}' that is collected here; those that are: ${[...known.keys()].join(', ') || 'none'}`,
    );
  });
};

const planSource = async (deps: PlanDeps, source: SourceDefinition, force: boolean): Promise<Run | undefined> => {
  const planned = plannedParts(source, deps.baseUrl(source), deps.clock());
  const enqueue = (run: Run, parts: readonly number[]) =>
    enqueueParts(
      deps,
      source,
      run.id,
      parts.map((part) => ({ part, planned: planned[part - 1]! })),
    );
  const { run } = await planRun(deps)({ kind: 'collect', source, parts: planned.length, enqueue }, force);
  return run;
};
