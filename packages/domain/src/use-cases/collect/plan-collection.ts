import { InvalidRequest } from '../../errors.ts';
import type { Run } from '../../run.ts';
import type { SourceDefinition } from '../../source.ts';
import { type PlanRunDeps, planRun } from '../runs/plan-run.ts';
import { type FindSource, type KnownSource, type KnownSources, refuseInactive } from '../sources/known-sources.ts';
import { type EnqueueDeps, enqueueParts } from './enqueue-parts.ts';
import { plannedParts } from './planned-parts.ts';

export type PlanDeps = EnqueueDeps &
  PlanRunDeps & {
    sources: KnownSources;
    findSource: FindSource;
    /** Where a source is to be read: its own base address, or what the operator put in its place. */
    baseUrl: (source: Pick<SourceDefinition, 'id' | 'base_url'>) => string;
  };

/**
 * `force`: now, whether due or not. `sources`: only these. `accept_gone`: resources may be gone, however many; a run
 * that is under way already stays as it is.
 */
export type PlanInput = { force?: boolean; sources?: readonly string[]; accept_gone?: boolean };
/** `runs`: those that work now because of this call, or already did. `paused`: sources that are not collected now. */
export type Plan = { runs: readonly Run[]; not_due: readonly string[]; paused: readonly string[] };

/**
 * Starts a run for each source that is due and enqueues one message per resource that is known and per listing page
 * ({@link planRun}). A source that cannot be planned keeps no other from it: what befell it is thrown at the end.
 * Throws InvalidRequest for a source that is not known, and Conflict for one of `sources` that is paused or deleted.
 */
export const planCollection =
  (deps: PlanDeps) =>
  async ({ force = false, sources: wanted, accept_gone = false }: PlanInput): Promise<Plan> => {
    const known = wanted ? await chosen(deps.sources, wanted) : await deps.sources.list();
    const runs: Run[] = [];
    const notDue: string[] = [];
    const failures: unknown[] = [];
    for (const source of known) {
      if (source.state !== 'active') continue;
      try {
        const run = await planSource(deps, source, { force, accept_gone });
        if (run) runs.push(run);
        else notDue.push(source.id);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 1) throw new AggregateError(failures, failures.map(messageOf).join('\n'));
    if (failures.length > 0) throw failures[0];
    const paused = known.filter(({ state }) => state === 'paused').map(({ id }) => id);
    return { runs, not_due: notDue, paused };
  };

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const chosen = async (sources: KnownSources, wanted: readonly string[]): Promise<KnownSource[]> => {
  const found: KnownSource[] = [];
  for (const id of wanted) {
    const source = await sources.find(id);
    if (!source) {
      const others = (await sources.list()).filter(({ state }) => state !== 'deleted');
      throw new InvalidRequest(
        `There is no source '${id}' that is collected here; those that are: ${others.map((one) => one.id).join(', ') || 'none'}`,
      );
    }
    refuseInactive(source);
    found.push(source);
  }
  return found;
};

const planSource = async (
  deps: PlanDeps,
  known: KnownSource,
  { force, accept_gone }: { force: boolean; accept_gone: boolean },
): Promise<Run | undefined> => {
  const source = await known.definition();
  const planned = plannedParts(source, deps.baseUrl(source), deps.clock());
  const revision = known.origin === 'api' ? known.revision : undefined;
  const enqueue = async (run: Run, parts: readonly number[]): Promise<void> => {
    // A planner that died may have planned by an earlier revision: its run ends as it was begun.
    const begun = run.revision === revision ? source : await deps.findSource(source.id, run.revision);
    if (!begun) return;
    const of = plannedParts(begun, deps.baseUrl(begun), Date.parse(run.started_at));
    const there = parts.flatMap((part) => (of[part - 1] ? [{ part, planned: of[part - 1]! }] : []));
    await enqueueParts(deps, begun, run.id, there);
  };
  const plan = { kind: 'collect', source, parts: planned.length, revision, enqueue } as const;
  const { run } = await planRun(deps)({ ...plan, ...(accept_gone && { accepts_gone: true as const }) }, force);
  return run;
};
