import type { DatasetId } from '../../dataset.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { csvCopyKey } from '../../rules/keys.ts';

export type CopyDeps = {
  catalog: Pick<CatalogReader, 'getDataset' | 'getVersion'>;
  objects: Pick<ObjectStore, 'head' | 'copy'>;
};

/**
 * Makes `csv_data/<theme>/<dataset>.csv.gz` a copy of the latest version, unless it is one. The pointer is read again
 * after each write: a slower worker may have put an older copy over a newer one, and then it is the one to notice.
 */
export const refreshCopies =
  ({ catalog, objects }: CopyDeps) =>
  async (id: DatasetId): Promise<void> => {
    for (let attempt = 0; attempt < 5; attempt++) {
      const dataset = await catalog.getDataset(id);
      if (!dataset?.latest) return;
      const key = csvCopyKey(dataset.theme, id);
      const copy = await objects.head(key);
      if (copy?.metadata.version === String(dataset.latest)) return;
      const version = await catalog.getVersion(id, dataset.latest);
      if (version?.state !== 'published') return;
      await objects.copy(`${version.prefix}data.csv.gz`, key, {
        content_type: 'application/gzip',
        cache_control: 'no-cache',
        metadata: { version: String(version.version), sha256: version.files['data.csv.gz'].sha256 },
      });
    }
  };
