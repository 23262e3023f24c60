import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, PublicRun } from './api-client.ts';
import type { Invoke } from './plugin/invoke.ts';
import type { Progress } from './progress.ts';

const EVERY_MS = 250;
/** How long a run in which nothing ends may hold up what is to be said about another one that has ended. */
const PATIENCE_MS = 60_000;

type Begun = { id: string };
const PLANS: readonly { name: string; what: string; runsOf: (payload: unknown) => readonly Begun[] }[] = [
  {
    name: 'plan',
    what: 'The collection could not be planned',
    runsOf: (payload) => (payload as { runs: Begun[] }).runs,
  },
  {
    name: 'plan-users',
    what: 'The fetch of users could not be planned',
    runsOf: (payload) => [(payload as { run: Begun | null }).run].filter((run) => run !== null),
  },
];

export type CollectedAll = {
  /** As they ended; or as they stood when one made no progress and the others had ended. */
  runs: readonly PublicRun[];
  /** Sentences about what could not be begun. */
  problems: readonly string[];
};

/**
 * Collects every source once, through the same functions, queues and workers as the schedules do, and follows the runs
 * until they have ended. A run that was under way when the stack was stopped goes on. Throws when nothing at all could
 * be begun.
 */
export const collectEverything = async (options: {
  invoke: Invoke;
  api: Pick<ApiClient, 'run'>;
  progress: Progress;
  signal: AbortSignal;
  now?: () => number;
}): Promise<CollectedAll> => {
  const { invoke, api, progress, signal, now = Date.now } = options;
  const ids: string[] = [];
  const problems: string[] = [];
  for (const { name, what, runsOf } of PLANS) {
    const { payload, failed } = await invoke(`granary-ingestion-local-${name}`, { force: true }, signal);
    if (!failed) ids.push(...runsOf(payload).map(({ id }) => id));
    else {
      const { errorMessage } = (payload ?? {}) as { errorMessage?: string };
      problems.push(`${what}: ${errorMessage ?? 'the function failed'}`);
    }
  }
  if (problems.length === PLANS.length) throw new Error(problems.join('\n'));

  let lastDone = -1;
  let changed = now();
  for (;;) {
    const runs = await Promise.all(ids.map((id) => api.run(id)));
    progress.show(runs);
    const running = runs.filter(({ state }) => state === 'running');
    const done = runs.reduce((sum, { parts_done }) => sum + parts_done, 0);
    if (done !== lastDone) changed = now();
    lastDone = done;
    const stands = running.length < runs.length && now() - changed >= PATIENCE_MS;
    if (running.length === 0 || stands) {
      progress.end();
      return { runs, problems };
    }
    await sleep(EVERY_MS, undefined, { signal });
  }
};
