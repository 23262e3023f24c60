import type { DatasetId, PendingVersion, PublishedVersion, WithheldVersion, WrittenVersion } from '../../dataset.ts';
import { PublicationBusy, ReservationLost } from '../../errors.ts';
import type { Catalog } from '../../ports/catalog.ts';
import type { Clock, Random } from '../../ports/collecting.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { SqlCatalog } from '../../ports/sql-catalog.ts';
import { versionPrefix } from '../../rules/keys.ts';
import { randomWord } from '../../rules/run-id.ts';
import { refreshFollowers } from './refresh-followers.ts';
import { type Settled, settleVersions } from './settle-versions.ts';
import { deleteGivenUp, deleteObjects } from './version-objects.ts';

/** How long a reservation keeps others off. Its owner's next delivery need not wait for it. */
export const RESERVATION_MS = 60_000;

/** A publication takes a second or two: whoever finds one going on looks again soon. */
const LOOK_AGAIN_MS = 3_000;

export type PublishDeps = {
  catalog: Catalog;
  objects: ObjectStore;
  /** The tables in SQL. */
  tables: SqlCatalog;
  clock: Clock;
  random: Random;
};

export type Published =
  | { outcome: 'published' | 'unchanged'; version: PublishedVersion }
  | { outcome: 'withheld'; version: WithheldVersion };

/** A reserved number, and the folder that is this attempt's alone. */
export type Reserved = PendingVersion & { prefix: string };

export type NextVersion = {
  dataset: DatasetId;
  /** Who makes it: the same owner takes over at once what an attempt of his left that died. */
  owner: string;
  /** What stands for it already, so that nothing is written. Asked anew whenever somebody else may have published. */
  already(settled: Settled): Promise<Published | undefined>;
  /**
   * Writes its objects below the prefix, and gives what is to be committed: the content in the reserved version's name.
   */
  write(reserved: Reserved, settled: Settled): Promise<WrittenVersion>;
};

/**
 * Publishes the next version of a dataset: reserve the number, write the objects to a folder of this attempt, commit
 * the version, advance the pointer, refresh the copies and the tables in SQL. Each step is one conditional or
 * idempotent write, so that readers see the old version or the new; after a crash anywhere the next call goes on from
 * what it finds.
 *
 * Throws PublicationBusy while another owner holds the reservation, and ReservationLost when it was taken away again
 * and again.
 */
export const publishNext =
  (deps: PublishDeps) =>
  async (next: NextVersion): Promise<Published> => {
    const settle = settleVersions(deps);
    for (let round = 0; round < 5; round++) {
      const settled = await settle(next.dataset);
      const already = await next.already(settled);
      if (already) {
        if (already.outcome !== 'withheld') await refreshFollowers(deps)(next.dataset);
        return already;
      }
      const reserved = await reserve(deps, next, settled);
      if (!reserved) continue;
      await deleteGivenUp(deps, reserved.dataset, reserved.version - 1);
      const version = await next.write(reserved, settled);
      if (!(await deps.catalog.commit(version))) {
        await deleteObjects(deps.objects, version.prefix);
        continue;
      }
      if (version.state === 'published') {
        await deps.catalog.advance(version);
        await refreshFollowers(deps)(next.dataset);
      }
      // Nobody can commit what the attempt before this one wrote: its reservation was replaced by ours.
      if (settled.pending) await deleteObjects(deps.objects, prefixOf(settled.pending));
      return version.state === 'published' ? { outcome: 'published', version } : { outcome: 'withheld', version };
    }
    throw new ReservationLost(`Other workers kept taking over the next version of '${next.dataset}'`);
  };

/** Undefined when somebody else was faster: look again. */
const reserve = async (
  { catalog, clock, random }: PublishDeps,
  { dataset, owner }: NextVersion,
  { next, pending }: Settled,
): Promise<Reserved | undefined> => {
  const now = clock();
  if (pending && pending.owner !== owner && Date.parse(pending.lease_until) > now) {
    const until = Math.min(Date.parse(pending.lease_until), now + LOOK_AGAIN_MS);
    throw new PublicationBusy(`Another worker is publishing '${dataset}'; ask again in a minute`, until);
  }
  const mine: PendingVersion = {
    dataset,
    version: next,
    state: 'pending',
    attempt: randomWord(random, 12),
    owner,
    lease_until: new Date(now + RESERVATION_MS).toISOString(),
    created_at: new Date(now).toISOString(),
  };
  const taken = pending ? await catalog.takeOver(pending.attempt, mine) : await catalog.reserve(mine);
  return taken ? { ...mine, prefix: prefixOf(mine) } : undefined;
};

const prefixOf = ({ dataset, version, attempt }: PendingVersion): string => versionPrefix(dataset, version, attempt);
