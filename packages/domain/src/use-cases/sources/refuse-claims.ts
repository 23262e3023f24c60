import { InvalidRequest } from '../../errors.ts';
import { inBatches } from '../../in-batches.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { Clock } from '../../ports/collecting.ts';
import type { Source, SourceDefinition } from '../../source.ts';
import { type Planned, plannedParts } from '../collect/planned-parts.ts';
import type { KnownSources } from './known-sources.ts';

export type ClaimDeps = {
  sources: KnownSources;
  catalog: Pick<CatalogReader, 'getDataset'>;
  /** With the code of its kind. */
  define(configuration: Source): Promise<SourceDefinition>;
  /** Why an address may not be fetched; undefined where it may. `base_url` is that of its source. */
  refusalOf(url: string, base_url: string): Promise<string | undefined>;
  clock: Clock;
};

type Fault = { field: string; message: string };

/**
 * Throws InvalidRequest, with the path of each fault, where a configuration takes what is another source's, or leads to
 * an address that may not be fetched.
 */
export const refuseClaims = async (deps: ClaimDeps, configuration: Source): Promise<void> => {
  const parts = plannedParts(await deps.define(configuration), configuration.base_url, deps.clock());
  const [taken, refused] = await Promise.all([
    datasetFaults(deps, configuration, parts),
    addressFaults(deps, configuration, parts),
  ]);
  const faults = [...taken, ...refused];
  if (faults.length === 0) return;
  const told = faults.map(({ field, message }) => `${field}: ${message}`).join('; ');
  throw new InvalidRequest(`The source '${configuration.id}' cannot be taken: ${told}`, faults);
};

/** Published by another source, whether it is collected or not; or declared by one and not published yet. */
const datasetFaults = async (
  { sources, catalog }: ClaimDeps,
  { id, datasets }: Source,
  parts: readonly Planned[],
): Promise<readonly Fault[]> => {
  const places = new Map<string, string>();
  for (const part of parts) if ('resource' in part) places.set(part.resource.dataset, 'config');
  for (const [place, dataset] of datasets.entries()) places.set(dataset.id, `datasets.${place}.id`);
  const others = (await sources.list()).filter((one) => one.id !== id && one.state !== 'deleted');
  const declared = new Map(others.flatMap((one) => one.configuration.datasets.map((dataset) => [dataset.id, one.id])));
  const names = [...places.keys()];
  const published = await inBatches(names, (name) => catalog.getDataset(name));
  return names.flatMap((name, at) => {
    const owner = published[at]?.source ?? declared.get(name) ?? id;
    const message = `'${name}' is a dataset of the source '${owner}'. Choose another id.`;
    return owner === id ? [] : [{ field: places.get(name)!, message }];
  });
};

const addressFaults = async (
  { refusalOf }: ClaimDeps,
  { base_url }: Source,
  parts: readonly Planned[],
): Promise<readonly Fault[]> => {
  const own = await refusalOf(base_url, base_url);
  if (own) return [{ field: 'base_url', message: own }];
  // One address of each origin tells of all.
  const origins = new Map<string, string>();
  for (const part of parts) {
    if ('reconcile' in part) continue;
    const { url } = 'page' in part ? part.page : part.resource;
    const { origin, username, password } = new URL(url);
    origins.set(username || password ? url : origin, url);
  }
  const refusals = await inBatches([...origins.values()], (url) => refusalOf(url, base_url));
  return refusals.flatMap((message) => (message ? [{ field: 'config', message }] : []));
};
