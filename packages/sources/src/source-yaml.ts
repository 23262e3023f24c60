import type { Source } from '@granary/domain/source';
import { stringify } from 'yaml';

/** A source as a file of `sources/`, without what it leaves to be found. */
export const sourceYaml = (source: Source): string => {
  const datasets = source.datasets.map(({ fields, key, ...dataset }) => ({
    ...dataset,
    ...(fields.length > 0 && { fields }),
    ...(key.length > 0 && { key }),
  }));
  return stringify({ ...source, datasets }, { lineWidth: 0 });
};
