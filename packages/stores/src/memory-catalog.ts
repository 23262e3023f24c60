import {
  type Dataset,
  type DatasetId,
  isListed,
  type PublishedVersion,
  type Version,
  type WrittenVersion,
} from '@granary/domain/dataset';
import type { Catalog } from '@granary/domain/ports/catalog';
import type { KnownResource } from '@granary/domain/resource';
import { NO_FACTS, type StoredDataset, withEdits } from './dataset-facts.ts';

/** For tests and small tools. */
export const makeMemoryCatalog = (): Catalog => {
  const datasets = new Map<DatasetId, StoredDataset>();
  const all = (): Dataset[] => structuredClone([...datasets.values()]).map(withEdits);
  const versions = new Map<string, Version>();
  const resources = new Map<string, KnownResource>();
  const keyOf = (id: DatasetId, version: number) => `${id}@${version}`;
  const put = (version: Version): true => {
    versions.set(keyOf(version.dataset, version.version), structuredClone(version));
    return true;
  };
  /** Its own write, repeated: nothing changes, and it still holds. */
  const isThere = ({ dataset, version, attempt, state }: Version): boolean => {
    const found = versions.get(keyOf(dataset, version));
    return found?.attempt === attempt && found.state === state;
  };
  const isHeld = ({ dataset, version }: Version, attempt: string): boolean => {
    const found = versions.get(keyOf(dataset, version));
    return found?.state === 'pending' && found.attempt === attempt;
  };
  /** Newest first. */
  const written = (id: DatasetId): WrittenVersion[] => {
    const found = [...versions.values()].filter(
      (version): version is WrittenVersion => version.dataset === id && version.state !== 'pending',
    );
    return structuredClone(found.sort((a, b) => b.version - a.version));
  };
  return {
    getDataset: async (id) => {
      const known = datasets.get(id);
      return known && withEdits(structuredClone(known));
    },
    listDatasets: async () =>
      all()
        .filter(isListed)
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    getDatasets: async (ids) => all().filter(({ id }) => ids.includes(id)),
    // Small enough to be given whole.
    listChanges: async () => ({ datasets: all(), mark: '' }),
    getVersion: async (id, version) => structuredClone(versions.get(keyOf(id, version))),
    listVersions: async (id, { limit, before = Number.POSITIVE_INFINITY }) =>
      written(id)
        .filter((version) => version.state === 'published')
        .filter(({ version }) => version < before)
        .slice(0, limit),
    listWithheld: async (id) => written(id).filter((version) => version.state !== 'published'),
    listMadeOf: async (id, sha256) => written(id).filter(({ raw }) => raw.sha256 === sha256),
    listRestoring: async (id) =>
      written(id).filter(
        (version): version is PublishedVersion => version.state === 'published' && version.restores !== undefined,
      ),
    async describeDataset(description) {
      const known = datasets.get(description.id);
      if (known && known.source !== description.source) return false;
      if (known?.resource !== undefined && known.resource !== description.resource) return false;
      const { fields, key } = known?.latest ? known : description;
      datasets.set(description.id, structuredClone({ ...NO_FACTS, ...known, ...description, fields, key }));
      return true;
    },
    reserve: async (version) =>
      isThere(version) || (!versions.has(keyOf(version.dataset, version.version)) && put(version)),
    takeOver: async (attempt, version) => (isHeld(version, attempt) ? put(version) : isThere(version)),
    commit: async (version) => isThere(version) || (isHeld(version, version.attempt) && put(version)),
    async decide(version) {
      const found = versions.get(keyOf(version.dataset, version.version));
      return isThere(version) || (found?.state === 'held' && found.attempt === version.attempt && put(version));
    },
    async advance(version) {
      const dataset = datasets.get(version.dataset);
      if (!dataset || (dataset.latest ?? 0) >= version.version) return false;
      dataset.latest = version.version;
      dataset.rows = version.counts.rows_published;
      dataset.rows_quarantined = version.counts.rows_quarantined;
      dataset.bytes = version.files['data.parquet'].bytes;
      dataset.csv_bytes = version.files['data.csv.gz']?.bytes;
      dataset.updated_at = version.published_at;
      dataset.years = version.years ?? null;
      dataset.fields = structuredClone(version.fields);
      dataset.key = structuredClone(version.key);
      return true;
    },
    async checked(id, at) {
      const dataset = datasets.get(id);
      if (dataset && (dataset.checked_at ?? '') < at)
        Object.assign(dataset, { checked_at: at, gone_at: null, refused: null });
    },
    async gone(id, at) {
      const dataset = datasets.get(id);
      if (dataset) dataset.gone_at ??= at;
    },
    async refused(id, refusal) {
      const dataset = datasets.get(id);
      if (dataset) dataset.refused = { ...refusal };
    },
    async editDataset(id, edited) {
      const dataset = datasets.get(id);
      if (!dataset || (dataset.edited?.revision ?? 0) !== edited.revision - 1) return false;
      dataset.edited = structuredClone(edited);
      return true;
    },
    getResource: async (source, id) => structuredClone(resources.get(JSON.stringify([source, id]))),
    async putResource(resource) {
      resources.set(JSON.stringify([resource.source, resource.id]), structuredClone(resource));
    },
  };
};
