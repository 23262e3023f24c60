import { InvalidRequest } from '../../errors.ts';
import type { Random } from '../../ports/collecting.ts';
import type { RunStore } from '../../ports/run-store.ts';
import { newRunId } from '../../rules/run-id.ts';
import { isDue } from '../../rules/schedule.ts';
import { begunRun, type Run } from '../../run.ts';
import type { SourceDefinition } from '../../source.ts';
import { type EnqueueDeps, enqueueParts } from './enqueue-parts.ts';
import { type Planned, plannedParts } from './planned-parts.ts';

/** How long a run may show no sign of life. Every part that begins, and every deferral, extends it. */
export const RUN_LEASE_MS = 15 * 60_000;

export type PlanDeps = EnqueueDeps & {
  sources: readonly SourceDefinition[];
  /** Where a source is to be read: its own base address, or what the operator put in its place. */
  baseUrl: (source: SourceDefinition) => string;
  runs: RunStore;
  random: Random;
};

/** `force`: now, whether due or not. `sources`: only these. */
export type PlanInput = { force?: boolean; sources?: readonly string[] };
/** `runs`: those that work now because of this call, or already did. */
export type Plan = { runs: readonly Run[]; not_due: readonly string[] };

/**
 * Starts a run for each source that is due and enqueues one message per resource that is known and per listing page. A planner that dies after the start leaves
 * a run whose messages are not all there: the next one sends what is missing, which is harmless when it was not.
 * Throws InvalidRequest for a source that is not known.
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
    throw new InvalidRequest(`There is no source '${id}'; the known ones are ${[...known.keys()].join(', ')}`);
  });
};

const planSource = async (deps: PlanDeps, source: SourceDefinition, force: boolean): Promise<Run | undefined> => {
  const last = await deps.runs.lastStart(source.id);
  const due = force || isDue(source.schedule, last?.at, deps.clock());
  if (!due && (last === undefined || last.sent)) return undefined;

  const planned = plannedParts(source, deps.baseUrl(source));
  if (!due) {
    const unsent = await deps.runs.getRun(last!.run);
    if (unsent?.state === 'running') return enqueue(deps, source, unsent, planned);
    return undefined;
  }
  const run = newRun(deps, source, planned.length);
  const start = await deps.runs.start(run);
  if (start.started) return enqueue(deps, source, run, planned);
  return start.sent ? start.running : enqueue(deps, source, start.running, planned);
};

const newRun = ({ clock, random }: PlanDeps, source: SourceDefinition, parts: number): Run => {
  const now = clock();
  return begunRun({
    id: newRunId('collect', now, random),
    kind: 'collect',
    source: source.id,
    started_at: new Date(now).toISOString(),
    parts,
    lease_until: new Date(now + RUN_LEASE_MS).toISOString(),
  });
};

/** Of the parts that the run began with: those that other parts find are sent by them. */
const enqueue = async (
  deps: PlanDeps,
  source: SourceDefinition,
  run: Run,
  planned: readonly Planned[],
): Promise<Run> => {
  const all = planned.map((_, place) => place + 1);
  const open = run.parts_done > 0 ? await deps.runs.openParts(run.id, all) : all;
  const missing = open.map((part) => ({ part, planned: planned[part - 1]! }));
  await enqueueParts(deps, source, run.id, missing);
  await deps.runs.markSent(run);
  return run;
};
