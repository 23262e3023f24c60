import { inBatches } from '@granary/domain/in-batches';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { Entry } from '../catalog/catalog-index.ts';

/** A file as an object store lists it. `LastModified` is ISO 8601, `Size` in bytes. */
export type ListedFile = { Name: string; LastModified: string | null; Size: number | null };

/** The CSV of each dataset. Its size is a fact of the version where an earlier release published that. */
export const listedFiles = (
  catalog: Pick<CatalogReader, 'getVersion'>,
  datasets: readonly Entry[],
): Promise<readonly ListedFile[]> =>
  inBatches(datasets, async ({ id, latest, updated_at, csv_bytes }) => {
    const version = csv_bytes === undefined ? await catalog.getVersion(id, latest!) : undefined;
    const size = version?.state === 'published' ? version.files['data.csv.gz'].bytes : null;
    return { Name: id, LastModified: updated_at, Size: csv_bytes ?? size };
  });
