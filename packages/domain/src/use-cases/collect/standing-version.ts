import type { DatasetId, PublishedVersion, WrittenVersion } from '../../dataset.ts';
import { decidedBefore, isSame, type Origin } from '../publish/decided-before.ts';
import type { PublishDeps } from '../publish/publish-next.ts';
import { refreshFollowers } from '../publish/refresh-followers.ts';
import type { Settled } from '../publish/settle-versions.ts';

/** Completes a published version: whoever published it may have died before its copy and its tables were written. */
export const complete = async (deps: PublishDeps, version: PublishedVersion): Promise<PublishedVersion> => {
  await refreshFollowers(deps)(version.dataset);
  return version;
};

/** What an earlier delivery of this part published, or made and is held: its work on the dataset is done. */
export const ownVersion = async (
  deps: PublishDeps,
  { latest, withheld }: Settled,
  owner: string,
): Promise<WrittenVersion | undefined> => {
  if (latest?.owner === owner) return complete(deps, latest);
  return withheld.find((version) => version.owner === owner);
};

/** The version that these bytes became already: the latest, or one about which an operator decided, or has to. */
export const decidedVersion = async (
  deps: PublishDeps,
  settled: Settled,
  by: Origin & { dataset: DatasetId },
): Promise<WrittenVersion | undefined> => {
  const { latest } = settled;
  if (latest && isSame(latest, by)) return complete(deps, latest);
  const decided = await decidedBefore(deps, settled, by);
  // A version that an operator passed over is published, but followers follow the latest.
  return decided?.state === 'published' ? complete(deps, decided) : decided;
};

/** The version that leaves a part nothing to do: its own ({@link ownVersion}), or {@link decidedVersion}. */
export const standingVersion = async (
  deps: PublishDeps,
  settled: Settled,
  owner: string,
  by: Origin & { dataset: DatasetId },
): Promise<WrittenVersion | undefined> => (await ownVersion(deps, settled, owner)) ?? decidedVersion(deps, settled, by);
