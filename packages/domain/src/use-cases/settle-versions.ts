import type { Dataset, DatasetId, PendingVersion, PublishedVersion } from '../dataset.ts';
import type { Catalog } from '../ports/catalog.ts';

export type Settled = {
  dataset: Dataset | undefined;
  /** The newest published version; the pointer says the same now. */
  latest: PublishedVersion | undefined;
  /** A reservation of the number after it. */
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
    for (;;) {
      const following = await catalog.getVersion(id, number + 1);
      if (following?.state !== 'published') return { dataset, latest, pending: following };
      await catalog.advance(following);
      latest = following;
      number += 1;
    }
  };
