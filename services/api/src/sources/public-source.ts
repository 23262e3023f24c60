import type { KnownSource } from '@granary/domain/use-cases/sources/known-sources';

/** What operators see of a source in lists and after an edit. */
export const publicSource = (source: KnownSource) => {
  const { id, origin, state, revision, edited_at, edited_by } = source;
  const { kind, title, publisher, schedule, base_url } = source.configuration;
  return { id, kind, title, publisher, origin, state, schedule, base_url, revision, edited_at, edited_by };
};

/** How many datasets the catalog has of each source. */
export const countDatasets = (datasets: readonly { source: string }[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { source } of datasets) counts.set(source, (counts.get(source) ?? 0) + 1);
  return counts;
};
