import { InvalidRequest } from '../../errors.ts';
import type { CollectMessage } from '../../messages/collect.ts';
import type { CatalogWriter } from '../../ports/catalog.ts';
import type { Clock, Queue, Random } from '../../ports/collecting.ts';
import type { RunStore } from '../../ports/run-store.ts';
import { newRunId } from '../../rules/run-id.ts';
import { isDue } from '../../rules/schedule.ts';
import { begunRun, type Run } from '../../run.ts';
import type { Resource, SourceDefinition } from '../../source.ts';
import { describe } from '../publish/describe-dataset.ts';

/** How long a run may show no sign of life. Every part that begins, and every deferral, extends it. */
export const RUN_LEASE_MS = 15 * 60_000;

export type PlanDeps = {
  sources: readonly SourceDefinition[];
  /** Where a source is to be read: its own base address, or what the operator put in its place. */
  baseUrl: (source: SourceDefinition) => string;
  catalog: Pick<CatalogWriter, 'describeDataset'>;
  runs: RunStore;
  queue: Queue<CollectMessage>;
  clock: Clock;
  random: Random;
};

/** `force`: now, whether due or not. `sources`: only these. */
export type PlanInput = { force?: boolean; sources?: readonly string[] };
/** `runs`: those that work now because of this call, or already did. */
export type Plan = { runs: readonly Run[]; not_due: readonly string[] };

/**
 * Starts a run for each source that is due and enqueues one message per resource. A planner that dies after the start leaves
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

  const resources = source.discover({ base_url: deps.baseUrl(source) });
  if (!due) {
    const unsent = await deps.runs.getRun(last!.run);
    if (unsent?.state === 'running') return enqueue(deps, source, unsent, resources);
    return undefined;
  }
  const run = newRun(deps, source, resources.length);
  const start = await deps.runs.start(run);
  if (start.started) return enqueue(deps, source, run, resources);
  return start.sent ? start.running : enqueue(deps, source, start.running, resources);
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

const enqueue = async (
  { catalog, runs, queue, clock }: PlanDeps,
  source: SourceDefinition,
  run: Run,
  resources: readonly Resource[],
): Promise<Run> => {
  const enqueued_at = new Date(clock()).toISOString();
  await Promise.all(resources.map((resource) => catalog.describeDataset(describe(source, resource))));
  const messages: CollectMessage[] = [];
  for (const [index, resource] of resources.entries()) {
    const part = index + 1;
    if (run.parts_done > 0 && (await runs.partState(run.id, part)) !== 'open') continue;
    messages.push({
      type: 'collect',
      run: run.id,
      part,
      source: source.id,
      resource: { ...resource, hints: { ...resource.hints } },
      enqueued_at,
    });
  }
  await queue.send(messages);
  await runs.markSent(run);
  return run;
};
