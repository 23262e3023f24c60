import { NotFound } from '../../errors.ts';
import type { ReplayMessage } from '../../messages/collect.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { Clock, Queue, Random } from '../../ports/collecting.ts';
import type { RunStore } from '../../ports/run-store.ts';
import { newRunId } from '../../rules/run-id.ts';
import { begunRun, type Replays, type Run } from '../../run.ts';
import { RUN_LEASE_MS } from '../runs/plan-run.ts';

export type StartReplayDeps = {
  catalog: Pick<CatalogReader, 'getDataset' | 'getVersion'>;
  runs: Pick<RunStore, 'start' | 'markSent'>;
  queue: Queue<ReplayMessage>;
  clock: Clock;
  random: Random;
};

/**
 * Starts a run of one part that makes a dataset again of stored bytes, or compares what comes out with a version
 * ({@link ./replay-dataset.ts}). The same is done once at a time: while it is under way, that run is given. Throws
 * NotFound.
 */
export const startReplay =
  ({ catalog, runs, queue, clock, random }: StartReplayDeps) =>
  async (replays: Replays): Promise<Run> => {
    const { dataset: id, version } = replays;
    const dataset = await catalog.getDataset(id);
    if (!dataset) throw new NotFound(`There is no dataset '${id}'; the known ones are listed at /v1/datasets.`);
    if (version !== undefined) {
      const found = await catalog.getVersion(id, version);
      if (!found || found.state === 'pending')
        throw new NotFound(
          `The dataset '${id}' has no version ${version}; they are listed at /v1/datasets/${id}/versions.`,
        );
    }
    const now = clock();
    const { source } = dataset;
    const enqueued_at = new Date(now).toISOString();
    const begun = begunRun({
      ...{ id: newRunId('collect', now, random), kind: 'collect', source, started_at: enqueued_at, parts: 1, replays },
      lease_until: new Date(now + RUN_LEASE_MS).toISOString(),
    });
    const start = await runs.start(begun);
    const run = start.started ? begun : start.running;
    // Whoever started it may have died before its message was sent; sent twice it does no harm.
    if (start.started || !start.sent) {
      await queue.send([{ type: 'replay', run: run.id, part: 1, source, ...replays, enqueued_at }]);
      await runs.markSent(run);
    }
    return run;
  };
