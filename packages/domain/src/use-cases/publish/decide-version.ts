import type {
  PendingVersion,
  PublishedVersion,
  VersionDecision,
  WithheldVersion,
  WrittenVersion,
} from '../../dataset.ts';
import { Conflict, NotFound, PublicationBusy } from '../../errors.ts';
import type { Catalog } from '../../ports/catalog.ts';
import type { Clock } from '../../ports/collecting.ts';
import type { TableDeps } from '../sql/refresh-tables.ts';
import { RESERVATION_MS } from './publish-next.ts';
import type { CopyDeps } from './refresh-copies.ts';
import { refreshFollowers } from './refresh-followers.ts';
import { type Settled, settleVersions } from './settle-versions.ts';

export type DecideDeps = CopyDeps & TableDeps & { catalog: Catalog; clock: Clock };

/** Which held version is meant, and who decides: the `sub` of an operator's token. */
export type Decide = { dataset: string; version: number; by: string };

/**
 * Publishes a held version: it becomes the latest, with its copy as CSV and its tables in SQL, as if it had been
 * published at once. Done again it changes nothing but what was left undone. Throws NotFound; Conflict for a version
 * that was rejected, was never held, or is no longer newer than the latest; and PublicationBusy while a worker
 * publishes the dataset.
 */
export const releaseVersion =
  (deps: DecideDeps) =>
  async (asked: Decide): Promise<PublishedVersion> => {
    const { catalog, clock } = deps;
    const found = await writtenVersion(catalog, asked);
    const settled = await settleVersions(deps)(asked.dataset);
    if (found.state === 'rejected') throw decided(found, 'rejected', found.rejected);
    if (found.state === 'published' && !found.released) throw neverHeld(found);
    if (found.state === 'held') {
      const { latest } = settled;
      if (latest && latest.version > found.version)
        throw new Conflict(
          `Version ${found.version} of '${found.dataset}' is older than the latest, ${latest.version}, which was published meanwhile; it can be rejected, not released.`,
        );
      const mine = await keepOthersOff(deps, found, settled);
      const at = new Date(clock()).toISOString();
      const { state: _, ...version } = found;
      await catalog.decide({ ...version, state: 'published', published_at: at, released: { by: asked.by, at } });
      // Nobody has to wait for it any longer.
      await catalog.takeOver(mine.attempt, { ...mine, lease_until: at });
    }
    // Somebody else may have decided at the same moment: what stands there holds.
    const released = await writtenVersion(catalog, asked);
    if (released.state !== 'published') throw decided(released, 'rejected', released.rejected);
    await catalog.advance(released);
    await refreshFollowers(deps)(asked.dataset);
    return released;
  };

/**
 * Reserves the number that comes next, as a publication does: what a worker published meanwhile would be newer than the
 * version that is released, which could then no longer become the latest. Never written; who publishes next takes it
 * over.
 */
const keepOthersOff = async (
  { catalog, clock }: Pick<DecideDeps, 'catalog' | 'clock'>,
  { dataset, version, attempt }: WithheldVersion,
  { next, pending }: Settled,
): Promise<PendingVersion> => {
  const now = clock();
  const owner = `release/${version}`;
  const isKept = pending && pending.owner !== owner && Date.parse(pending.lease_until) > now;
  // Of the version that is released: a repeat finds its own reservation.
  const mine: PendingVersion = {
    dataset,
    version: next,
    state: 'pending',
    attempt,
    owner,
    lease_until: new Date(now + RESERVATION_MS).toISOString(),
    created_at: new Date(now).toISOString(),
  };
  const take = () => (pending ? catalog.takeOver(pending.attempt, mine) : catalog.reserve(mine));
  if (!isKept && (await take())) return mine;
  const until = isKept ? Date.parse(pending.lease_until) : now + RESERVATION_MS;
  throw new PublicationBusy(`A worker is publishing '${dataset}'; ask again in a minute.`, until);
};

/**
 * Says of a held version that it is wrong: it is never published, and what the source sends is not either as long as it
 * is the same. Done again it changes nothing. Throws NotFound, and Conflict for a version that is published.
 */
export const rejectVersion =
  ({ catalog, clock }: Pick<DecideDeps, 'catalog' | 'clock'>) =>
  async (asked: Decide): Promise<WithheldVersion> => {
    const found = await writtenVersion(catalog, asked);
    if (found.state === 'published' && !found.released) throw neverHeld(found);
    if (found.state === 'held') {
      const rejected = { by: asked.by, at: new Date(clock()).toISOString() };
      await catalog.decide({ ...found, state: 'rejected', rejected });
    }
    const rejected = await writtenVersion(catalog, asked);
    if (rejected.state !== 'rejected')
      throw decided(rejected, 'released', 'released' in rejected ? rejected.released : undefined);
    return rejected;
  };

const writtenVersion = async (catalog: Catalog, { dataset, version }: Decide): Promise<WrittenVersion> => {
  const found = await catalog.getVersion(dataset, version);
  if (found && found.state !== 'pending') return found;
  throw new NotFound(
    `The dataset '${dataset}' has no version ${version}; those that are held are listed at /v1/datasets/${dataset}/versions?state=held.`,
  );
};

const neverHeld = ({ dataset, version }: WrittenVersion): Conflict =>
  new Conflict(`Version ${version} of '${dataset}' was never held: there is nothing to release or reject.`);

const decided = ({ dataset, version }: WrittenVersion, what: string, decision: VersionDecision | undefined): Conflict =>
  new Conflict(
    `Version ${version} of '${dataset}' was ${what}${decision ? ` at ${decision.at} by ${decision.by}` : ''}, and stays so.`,
  );
