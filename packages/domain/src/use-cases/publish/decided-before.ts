import type { DatasetId, WrittenVersion } from '../../dataset.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { Settled } from './settle-versions.ts';

/** What a version is made of: the same parser makes the same tables of the same bytes. */
export type Origin = { raw: { sha256: string }; parser_version: number };

/** Whether a version was made of these bytes by this parser: then there is nothing to publish. */
export const isSame = (version: Origin, by: Origin): boolean =>
  version.raw.sha256 === by.raw.sha256 && version.parser_version === by.parser_version;

/**
 * A version of these bytes by this parser that was decided about, so that they are not published and no other version
 * is made of them: it is held, it was rejected, or an operator passed over it. One that is held and older than the
 * latest can no longer be released, so that its bytes are judged anew.
 */
export const decidedBefore = async (
  { catalog }: { catalog: Pick<CatalogReader, 'listMadeOf' | 'listRestoring'> },
  { latest, withheld }: Pick<Settled, 'latest' | 'withheld'>,
  by: Origin & { dataset: DatasetId },
): Promise<WrittenVersion | undefined> => {
  const newer = withheld.findLast((version) => isSame(version, by));
  if (newer || !latest) return newer;
  // A source may come back to what was decided long ago.
  const known = (await catalog.listMadeOf(by.dataset, by.raw.sha256)).filter((version) => isSame(version, by));
  const rejected = known.find(({ state }) => state === 'rejected');
  if (rejected) return rejected;
  // Only the newest counts: what was passed over once and restored since is no longer found wrong.
  const published = known.find(({ state }) => state === 'published');
  if (!published) return undefined;
  const restoring = await catalog.listRestoring(by.dataset);
  return restoring.some((later) => isPassedOver(published.version, later.version, later.restores?.version))
    ? published
    : undefined;
};

/** A version between one that was restored and the one that restores it. */
const isPassedOver = (version: number, by: number, restored = by): boolean => restored < version && version < by;
