import type { Clock, Random } from '../../ports/collecting.ts';
import type { RunStore } from '../../ports/run-store.ts';
import { newRunId } from '../../rules/run-id.ts';
import { isDue } from '../../rules/schedule.ts';
import { begunRun, type Run } from '../../run.ts';
import type { Source } from '../../source.ts';

/** How long a run may show no sign of life. Every part that begins, and every deferral, extends it. */
export const RUN_LEASE_MS = 15 * 60_000;

/**
 * The time-out of the planners' functions. A younger planner may still be sending: if another one sent too, the source
 * would be asked twice.
 */
const PLANNER_LIFE_MS = 60_000;

export type PlanRunDeps = { runs: RunStore; clock: Clock; random: Random };

/** What a run of a source begins with, whatever the source holds. */
export type RunPlan = Pick<Run, 'kind' | 'parts' | 'asked' | 'revision' | 'accepts_gone'> & {
  source: Pick<Source, 'id' | 'schedule'>;
  /** Enqueues messages of these parts of a run: those that it began with, or those of them that are missing. */
  enqueue(run: Run, parts: readonly number[]): Promise<void>;
};

/** `run`: what was started (`started`), or is under way already; undefined when none is due. */
export type PlannedRun = { run: Run; started: boolean } | { run: undefined; started: false };

/**
 * Starts a run when its source is due, or `force` is set, and enqueues what it begins with. A planner that dies after
 * the start leaves a run without some of its messages. The next planner sends those of all open parts, once the first
 * can no longer be alive; a message that is sent twice does no harm.
 */
export const planRun =
  (deps: PlanRunDeps) =>
  async (plan: RunPlan, force: boolean): Promise<PlannedRun> => {
    const { runs, clock } = deps;
    const last = await runs.lastStart(plan.source.id);
    if (!force && !isDue(plan.source.schedule, last?.at, clock())) {
      const unsent = last && !last.sent ? await runs.getRun(last.run) : undefined;
      if (unsent?.state !== 'running') return { run: undefined, started: false };
      return { run: await goOn(deps, plan, unsent), started: false };
    }
    const run = newRun(deps, plan);
    const start = await runs.start(run);
    if (start.started) return { run: await send(deps, plan, run), started: true };
    return { run: start.sent ? start.running : await goOn(deps, plan, start.running), started: false };
  };

const goOn = async (deps: PlanRunDeps, plan: RunPlan, run: Run): Promise<Run> =>
  deps.clock() - Date.parse(run.started_at) < PLANNER_LIFE_MS ? run : send(deps, plan, run);

const newRun = (
  { clock, random }: PlanRunDeps,
  { kind, source, parts, asked, revision, accepts_gone }: RunPlan,
): Run => {
  const now = clock();
  return begunRun({
    id: newRunId(kind, now, random),
    kind,
    source: source.id,
    started_at: new Date(now).toISOString(),
    parts,
    lease_until: new Date(now + RUN_LEASE_MS).toISOString(),
    ...(asked && { asked }),
    ...(revision !== undefined && { revision }),
    ...(accepts_gone && { accepts_gone }),
  });
};

/**
 * Sends the messages that a run begins with. A run of users goes by what it asked for when it started, not by the
 * present plan. Parts that were found by other parts are sent by those.
 */
const send = async ({ runs }: PlanRunDeps, plan: RunPlan, run: Run): Promise<Run> => {
  const all = Array.from({ length: run.asked ? run.parts : plan.parts }, (_, place) => place + 1);
  await plan.enqueue(run, run.parts_done > 0 ? await runs.openParts(run.id, all) : all);
  await runs.markSent(run);
  return run;
};
