import { Conflict } from '../../errors.ts';
import type { CollectionMessage } from '../../messages/collect.ts';
import type { Clock, Queue, Random } from '../../ports/collecting.ts';
import type { RunStore } from '../../ports/run-store.ts';
import type { ResourceRecord } from '../../resource-record.ts';
import { newRunId } from '../../rules/run-id.ts';
import { begunRun, type Run } from '../../run.ts';
import { RUN_LEASE_MS } from '../runs/plan-run.ts';
import { type KnownSource, refuseInactive } from '../sources/known-sources.ts';
import { messageOf } from './planned-parts.ts';

export type StartCheckDeps = {
  runs: Pick<RunStore, 'start' | 'markSent'>;
  queue: Queue<CollectionMessage>;
  clock: Clock;
  random: Random;
};

/**
 * Starts a run of one part that looks at a resource now, whether or not it waits for being tried again. While such a
 * run is under way, that one is given. Throws Conflict for a resource that is not to be fetched.
 */
export const startCheck =
  ({ runs, queue, clock, random }: StartCheckDeps) =>
  async (source: KnownSource, { id, resource, excluded, same_as, gone }: ResourceRecord): Promise<Run> => {
    refuseInactive(source);
    if (excluded) throw new Conflict(`The resource '${id}' is excluded: ${excluded.reason} Take that back first.`);
    if (same_as !== null)
      throw new Conflict(
        `The resource '${id}' has the address of '${same_as}', which is fetched for both: check that one.`,
      );
    if (gone) throw new Conflict(`The resource '${id}' is gone: '${source.id}' lists it no more.`);
    if (resource.url === '') throw new Conflict(`The resource '${id}' has no address.`);
    const now = clock();
    const started_at = new Date(now).toISOString();
    const begun = begunRun({
      ...{ id: newRunId('collect', now, random), kind: 'collect', source: source.id, started_at, parts: 1, checks: id },
      ...(source.origin === 'api' && { revision: source.revision }),
      lease_until: new Date(now + RUN_LEASE_MS).toISOString(),
    });
    const start = await runs.start(begun);
    const run = start.started ? begun : start.running;
    // Whoever started it may have died before its message was sent; sent twice it does no harm.
    if (start.started || !start.sent) {
      const about = { run: run.id, part: 1, source: source.id, enqueued_at: started_at };
      await queue.send([messageOf(about, { resource })]);
      await runs.markSent(run);
    }
    return run;
  };
