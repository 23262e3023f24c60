import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, PublicRun } from './api-client.ts';
import type { Invoke } from './plugin/invoke.ts';
import type { Progress } from './progress.ts';

const EVERY_MS = 250;

/**
 * Collects every source once, through the same function, queue and workers as the schedule does, and follows the runs
 * until they have ended. A run that was under way when the stack was stopped goes on.
 */
export const collectEverything = async (options: {
  invoke: Invoke;
  api: ApiClient;
  progress: Progress;
  signal: AbortSignal;
}): Promise<readonly PublicRun[]> => {
  const { invoke, api, progress, signal } = options;
  const { payload, failed } = await invoke('granary-ingestion-local-plan', { force: true }, signal);
  if (failed) {
    const { errorMessage } = (payload ?? {}) as { errorMessage?: string };
    throw new Error(`The collection could not be planned: ${errorMessage ?? 'the plan function failed'}`);
  }
  const ids = (payload as { runs: { id: string }[] }).runs.map((run) => run.id);
  for (;;) {
    const runs = await Promise.all(ids.map((id) => api.run(id)));
    progress.show(runs);
    if (runs.every((run) => run.state !== 'running')) {
      progress.end();
      return runs;
    }
    await sleep(EVERY_MS, undefined, { signal });
  }
};
