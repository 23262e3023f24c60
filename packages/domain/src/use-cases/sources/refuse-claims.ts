import { InvalidRequest } from '../../errors.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { Clock } from '../../ports/collecting.ts';
import type { Source, SourceDefinition } from '../../source.ts';
import { plannedParts } from '../collect/planned-parts.ts';
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

/** Datasets that are looked up at a time. */
const AT_ONCE = 25;

/**
 * Throws InvalidRequest, with the path of each fault, where a configuration takes what is another source's, or leads to
 * an address that may not be fetched.
 */
export const refuseClaims = async (deps: ClaimDeps, configuration: Source): Promise<void> => {
  const faults = [...(await datasetFaults(deps, configuration)), ...(await addressFaults(deps, configuration))];
  if (faults.length === 0) return;
  const told = faults.map(({ field, message }) => `${field}: ${message}`).join('; ');
  throw new InvalidRequest(`The source '${configuration.id}' cannot be taken: ${told}`, faults);
};

/** Published by another source, whether it is collected or not; or declared by one and not published yet. */
const datasetFaults = async (
  { sources, catalog, define, clock }: ClaimDeps,
  configuration: Source,
): Promise<readonly Fault[]> => {
  const { id, datasets } = configuration;
  const places = new Map<string, string>();
  for (const part of plannedParts(await define(configuration), configuration.base_url, clock()))
    if ('resource' in part) places.set(part.resource.dataset, 'config');
  for (const [place, dataset] of datasets.entries()) places.set(dataset.id, `datasets.${place}.id`);
  const others = (await sources.list()).filter((one) => one.id !== id && one.state !== 'deleted');
  const declared = new Map(others.flatMap((one) => one.configuration.datasets.map((dataset) => [dataset.id, one.id])));
  const names = [...places.keys()];
  const faults: Fault[] = [];
  for (let first = 0; first < names.length; first += AT_ONCE) {
    const some = names.slice(first, first + AT_ONCE);
    const published = await Promise.all(some.map((name) => catalog.getDataset(name)));
    for (const [place, name] of some.entries()) {
      const owner = published[place]?.source ?? declared.get(name) ?? id;
      if (owner !== id)
        faults.push({
          field: places.get(name)!,
          message: `'${name}' is a dataset of the source '${owner}'. Choose another id.`,
        });
    }
  }
  return faults;
};

const addressFaults = async (
  { define, refusalOf, clock }: ClaimDeps,
  configuration: Source,
): Promise<readonly Fault[]> => {
  const { base_url } = configuration;
  const own = await refusalOf(base_url, base_url);
  if (own) return [{ field: 'base_url', message: own }];
  // One address of each origin tells of all.
  const origins = new Map<string, string>();
  for (const part of plannedParts(await define(configuration), base_url, clock())) {
    const { url } = 'page' in part ? part.page : part.resource;
    const { origin, username, password } = new URL(url);
    origins.set(username || password ? url : origin, url);
  }
  const faults: Fault[] = [];
  for (const url of origins.values()) {
    const refusal = await refusalOf(url, base_url);
    if (refusal) faults.push({ field: 'config', message: refusal });
  }
  return faults;
};
