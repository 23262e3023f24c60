import type { Source } from '@granary/domain/source';
import { stringify } from 'yaml';

/** By it editors complete and check what is written. */
const SCHEMA = '# yaml-language-server: $schema=../source.schema.gen.json\n';

/** A source as a file of `sources/`, without what it leaves to be found. */
export const sourceYaml = (source: Source): string => {
  const datasets = source.datasets.map(({ fields, key, ...dataset }) => ({
    ...dataset,
    ...(fields.length > 0 && { fields }),
    ...(key.length > 0 && { key }),
  }));
  return SCHEMA + stringify({ ...source, datasets }, { lineWidth: 0 });
};
