import type { Dataset, PublishedVersion } from '@granary/domain/dataset';
import { NotFound } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';

export const unknownDataset = (id: string): NotFound =>
  new NotFound(`There is no dataset '${id}'; the known ones are listed at /v1/datasets.`);

/** The dataset, or NotFound saying where to look. */
export const findDataset = async (catalog: CatalogReader, id: string): Promise<Dataset> => {
  const dataset = await catalog.getDataset(id);
  if (!dataset) throw unknownDataset(id);
  return dataset;
};

/** The number of the version that is meant: the one asked for, or the latest. Costs one read only when none is asked for. */
export const versionNumber = async (catalog: CatalogReader, id: string, asked: number | undefined): Promise<number> => {
  if (asked !== undefined) return asked;
  return latestNumber(await findDataset(catalog, id));
};

/** The number of the version that readers see, or NotFound before the first. */
export const latestNumber = ({ id, latest }: Dataset): number => {
  if (latest !== null) return latest;
  throw new NotFound(`The dataset '${id}' has not been published yet; /v1/runs shows what is going on.`);
};

/** A published version, or NotFound. One that is still being written is not there yet. */
export const findVersion = async (catalog: CatalogReader, id: string, number: number): Promise<PublishedVersion> => {
  const version = await catalog.getVersion(id, number);
  if (version?.state === 'published') return version;
  const { latest } = await findDataset(catalog, id);
  const known = latest === null ? 'it has none yet' : `they are listed at /v1/datasets/${id}/versions`;
  throw new NotFound(`The dataset '${id}' has no version ${number}; ${known}.`);
};

/** What callers see of a version: everything but how it was reserved and where its objects lie. */
export const publicVersion = ({
  attempt: _attempt,
  owner: _owner,
  prefix: _prefix,
  raw: { key: _key, ...raw },
  ...version
}: PublishedVersion) => ({ ...version, raw });
