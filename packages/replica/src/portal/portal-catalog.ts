import { createHash } from 'node:crypto';
import { randomOf } from '../prng.ts';
import { type DatasetSpec, LICENCES, ORGANIZATIONS, type ResourceSpec, THEMES } from './dataset-spec.ts';
import { ODD_DATASETS } from './odd-datasets.ts';
import { generatedDataset, generatedName, NEW_DATASETS, PLAIN_DATASETS } from './plain-datasets.ts';
import { PORTAL_ROOT, type PortalState } from './portal-state.ts';

export type ListedResource = {
  id: string;
  spec: ResourceSpec;
  /** As in {@link ResourceSpec.address}. */
  address: string;
  created: Date;
  modified: Date;
  revision: number;
};

export type ListedDataset = {
  id: string;
  spec: DatasetSpec;
  title: string;
  organization: (typeof ORGANIZATIONS)[number];
  licence: (typeof LICENCES)[number];
  created: Date;
  modified: Date;
  resources: readonly ListedResource[];
};

/** The datasets of an edition. Nothing is kept: each is made when it is asked for. */
export type PortalCatalog = {
  /** Numbers of those that are listed, of all themes or of one. */
  numbers(group?: string): Iterable<number>;
  name(number: number): string;
  dataset(number: number): ListedDataset;
  /** By name or id; undefined when none is listed. */
  find(nameOrId: string): ListedDataset | undefined;
  /** What lies at an address: a path with its query, as {@link addressKey} writes it. */
  resourceAt(key: string): ListedResource | undefined;
};

const MONTH_MS = 30 * 24 * 3_600_000;
const FIRST_EDITION = Date.UTC(2026, 0, 5, 8);

/** Version-4 in form; the last twelve digits are the number, so that it can be found again. */
const idOf = (kind: string, number: number): string => {
  const digits = createHash('sha256').update(`${kind} ${number}`).digest('hex');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(12, 15)}-9${digits.slice(15, 18)}-${number.toString(16).padStart(12, '0')}`;
};
const numberOfId = (id: string): number | undefined =>
  /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-9[\da-f]{3}-[\da-f]{12}$/.test(id)
    ? Number.parseInt(id.slice(-12), 16)
    : undefined;
/** Room for the resources of a dataset in the number of one. */
const RESOURCES = 16;

/** Two ways to write an address are one: `forêts%20du%20nord` and `forêts+du+nord`. */
export const addressKey = (path: string, query: URLSearchParams): string =>
  query.size > 0 ? `${path}?${query}` : path;

/** A share of the numbers, evenly: every fourth with 0.25. */
const isOfShare = (number: number, share: number): boolean =>
  Math.floor((number + 1) * share) > Math.floor(number * share);

const pathOf = (spec: ResourceSpec, dataset: number, id: string, edition: number): string =>
  spec.address ??
  (spec.moves && edition > 1
    ? `${PORTAL_ROOT}fichiers/2026/${id}/${spec.file}`
    : `${PORTAL_ROOT}dataset/${idOf('dataset', dataset)}/resource/${id}/download/${spec.file}`);

const listed = (spec: DatasetSpec, number: number, edition: number): ListedDataset => {
  const random = randomOf('portal dataset', number);
  const created = new Date(FIRST_EDITION - random.integer(400, 2000) * 24 * 3_600_000 - random.integer(0, 80_000_000));
  const revision = spec.changes ? edition : 1;
  const goneBack = spec.goes_back && edition > 1;
  const since = FIRST_EDITION - random.integer(1, 300) * 24 * 3_600_000;
  const modified = new Date(since + (goneBack ? -12 : revision - 1) * MONTH_MS);
  return {
    ...{ id: idOf('dataset', number), spec, created, modified },
    title: goneBack ? `${spec.title} (ancienne notice)` : spec.title,
    organization: ORGANIZATIONS[random.integer(0, ORGANIZATIONS.length - 1)]!,
    licence: LICENCES[random.integer(0, LICENCES.length - 1)]!,
    resources: spec.resources.map((resource, at) => {
      const id = idOf('resource', number * RESOURCES + at);
      const file = new Date(since + (revision - 1) * MONTH_MS);
      return { id, spec: resource, address: pathOf(resource, number, id, edition), created, modified: file, revision };
    }),
  };
};

const SIXTY = [...PLAIN_DATASETS, ...ODD_DATASETS, ...NEW_DATASETS];
const byName = new Map(SIXTY.map(({ name }, number) => [name, number]));

const keyOf = (address: string): string | undefined => {
  if (!address.startsWith('/')) return undefined;
  const [path, query] = address.split('?') as [string, string?];
  return addressKey(path, new URLSearchParams(query));
};

/** The sixty, and what an edition adds to them. */
const sixty = ({ edition, deleted_share }: PortalState): PortalCatalog => {
  const isListed = (number: number): boolean => {
    const { since = 1, until = edition } = SIXTY[number]!;
    return since <= edition && edition <= until && !isOfShare(number, deleted_share);
  };
  const numbers = [...SIXTY.keys()].filter(isListed);
  const dataset = (number: number) => listed(SIXTY[number]!, number, edition);
  const resources = numbers.flatMap((number) => dataset(number).resources);
  const byAddress = new Map(resources.toReversed().map((resource) => [keyOf(resource.address), resource]));
  return {
    numbers: (group) => (group ? numbers.filter((number) => SIXTY[number]!.groups.includes(group)) : numbers),
    name: (number) => SIXTY[number]!.name,
    dataset,
    find: (nameOrId) => {
      const number = byName.get(nameOrId) ?? numberOfId(nameOrId);
      return number !== undefined && number < SIXTY.length && isListed(number) ? dataset(number) : undefined;
    },
    resourceAt: (key) => byAddress.get(key),
  };
};

/** Generated ones: `jeu-0000000` and so on. */
const many = ({ edition, deleted_share }: PortalState, size: number): PortalCatalog => {
  const isListed = (number: number) => number < size && !isOfShare(number, deleted_share);
  const dataset = (number: number) => listed(generatedDataset(number), number, edition);
  return {
    *numbers(group) {
      const theme = THEMES.findIndex(([name]) => name === group);
      for (let number = 0; number < size; number++)
        if ((!group || number % THEMES.length === theme) && isListed(number)) yield number;
    },
    name: generatedName,
    dataset,
    find: (nameOrId) => {
      const digits = /^jeu-(\d{7})$/.exec(nameOrId)?.[1];
      const number = digits ? Number(digits) : numberOfId(nameOrId);
      return number !== undefined && isListed(number) ? dataset(number) : undefined;
    },
    resourceAt: (key) => {
      const id = /\/resource\/([\da-f-]{36})\/download\//.exec(key)?.[1];
      const number = id === undefined ? undefined : numberOfId(id);
      if (number === undefined || !isListed(Math.floor(number / RESOURCES))) return undefined;
      return dataset(Math.floor(number / RESOURCES)).resources.find(({ address }) => address === key);
    },
  };
};

export const catalogOf = (state: PortalState): PortalCatalog =>
  state.size === null ? sixty(state) : many(state, state.size);
