import type { SourceDefinition } from '../../source.ts';
import type { KnownSource, KnownSources } from '../sources/known-sources.ts';

/** For tests: sources that nobody edits. */
export const fixedSources = (...definitions: readonly SourceDefinition[]): KnownSources => {
  const known = definitions.map((source): KnownSource => {
    const never = { revision: 0, edited_at: null, edited_by: null };
    const configuration = { ...source, config: null };
    return {
      ...never,
      id: source.id,
      origin: 'shipped',
      state: 'active',
      configuration,
      definition: async () => source,
    };
  });
  return { list: async () => known, find: async (id) => known.find((one) => one.id === id) };
};
