import type {
  Dataset,
  PublishedVersion,
  Restoration,
  VersionDecision,
  WithheldVersion,
  WrittenVersion,
} from '@granary/domain/dataset';
import { NotFound } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { Caller } from '@granary/runtime/endpoint';

export const unknownDataset = (id: string): NotFound =>
  new NotFound(`There is no dataset '${id}'; the known ones are listed at /v1/datasets.`);

/** The dataset, or NotFound saying where to look. */
export const findDataset = async (catalog: CatalogReader, id: string): Promise<Dataset> => {
  const dataset = await catalog.getDataset(id);
  if (!dataset) throw unknownDataset(id);
  return dataset;
};

/**
 * The number of the version that is meant: the one asked for, or the latest. Costs one read only when none is asked
 * for.
 */
export const versionNumber = async (catalog: CatalogReader, id: string, asked: number | undefined): Promise<number> => {
  if (asked !== undefined) return asked;
  return latestNumber(await findDataset(catalog, id));
};

/** The number of the version that readers see, or NotFound before the first. */
export const latestNumber = ({ id, latest }: Dataset): number => {
  if (latest !== null) return latest;
  throw new NotFound(`The dataset '${id}' has not been published yet; /v1/runs shows what is going on.`);
};

const isOperator = (caller: Caller | undefined): boolean => caller?.groups.includes('operators') ?? false;

/**
 * A version with its files, or NotFound: one that is still being written is not there yet, and one that is held or
 * rejected is for operators alone.
 */
export const findWritten = async (
  catalog: CatalogReader,
  id: string,
  number: number,
  caller?: Caller,
): Promise<WrittenVersion> => {
  const version = await catalog.getVersion(id, number);
  if (version?.state === 'published') return version;
  if (version && version.state !== 'pending' && isOperator(caller)) return version;
  const { latest } = await findDataset(catalog, id);
  const known = latest === null ? 'it has none yet' : `they are listed at /v1/datasets/${id}/versions`;
  throw new NotFound(`The dataset '${id}' has no version ${number}; ${known}.`);
};

/**
 * A published version, or NotFound. If `caller` is an operator, held and rejected versions are found too, in the shape
 * that they would have once released. What is made of those must not be kept for others.
 */
export const findVersion = async (
  catalog: CatalogReader,
  id: string,
  number: number,
  caller?: Caller,
): Promise<PublishedVersion> => {
  const version = await findWritten(catalog, id, number, caller);
  return version.state === 'published' ? version : asReleased(version);
};

const asReleased = ({ rejected: _, ...version }: WithheldVersion): PublishedVersion => ({
  ...version,
  state: 'published',
  published_at: version.held.at,
});

/** Versions that are newer than the latest and held, newest first. Only operators see the reasons. */
export const heldVersions = ({ latest }: Dataset, withheld: readonly WithheldVersion[], caller?: Caller) =>
  withheld
    .filter(({ state, version }) => state === 'held' && version > (latest ?? 0))
    .map(({ version, held: { at, reasons } }) => ({ version, at, ...(isOperator(caller) && { reasons }) }));

/**
 * What callers see of a version: everything but how it was reserved, where its objects lie and what the next one is
 * compared with. Who decided about it is for operators.
 */
export const publicVersion = (version: WrittenVersion, caller?: Caller) => {
  const { attempt: _attempt, owner: _owner, prefix: _prefix, profile: _profile, raw, ...known } = version;
  const { key: _key, ...file } = raw;
  // Its notes say what was heard.
  const { second_opinion: _heard, ...told } = known;
  const { published_at, released, rejected, restores, ...shown }: Shown & Decided = told;
  const said = ({ by, at }: VersionDecision) => (isOperator(caller) ? { by, at } : { at });
  return {
    ...shown,
    published_at: published_at ?? null,
    ...(released && { released: said(released) }),
    ...(rejected && { rejected: said(rejected) }),
    ...(restores && { restores: { version: restores.version, ...said(restores) } }),
    raw: file,
  };
};

type Shown = Omit<PublishedVersion, 'attempt' | 'owner' | 'prefix' | 'profile' | 'raw' | 'state' | 'published_at'> & {
  state: WrittenVersion['state'];
};
type Decided = {
  published_at?: string;
  released?: VersionDecision;
  rejected?: VersionDecision;
  restores?: Restoration;
};
