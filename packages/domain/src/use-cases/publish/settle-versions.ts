import type { Dataset, DatasetId, PendingVersion, PublishedVersion, WithheldVersion } from '../../dataset.ts';
import type { Catalog } from '../../ports/catalog.ts';

export type Settled = {
  dataset: Dataset | undefined;
  /** The newest published version; the pointer says the same now. */
  latest: PublishedVersion | undefined;
  /** Versions after it that are held or rejected, oldest first. */
  withheld: readonly WithheldVersion[];
  /** The number that comes next, and who has reserved it. */
  next: number;
  pending: PendingVersion | undefined;
};

/**
 * Reads where a dataset stands, and moves a pointer that lags: a worker may have died between committing a version and
 * advancing the pointer, and whoever comes next does it in its place.
 */
export const settleVersions =
  ({ catalog }: { catalog: Pick<Catalog, 'getDataset' | 'getVersion' | 'advance'> }) =>
  async (id: DatasetId): Promise<Settled> => {
    const dataset = await catalog.getDataset(id);
    let number = dataset?.latest ?? 0;
    let latest: PublishedVersion | undefined;
    if (number > 0) {
      const version = await catalog.getVersion(id, number);
      if (version?.state === 'published') latest = version;
    }
    let withheld: WithheldVersion[] = [];
    for (;;) {
      const following = await catalog.getVersion(id, number + 1);
      if (following === undefined || following.state === 'pending')
        return { dataset, latest, withheld, next: number + 1, pending: following };
      number += 1;
      if (following.state !== 'published') {
        withheld.push(following);
        continue;
      }
      await catalog.advance(following);
      latest = following;
      withheld = [];
    }
  };
